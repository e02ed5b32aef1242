//! Removes what a run made in a container engine.

use std::collections::HashMap;

use futures::future::try_join_all;
use testcontainers::bollard::Docker;
use testcontainers::bollard::errors::Error as DockerError;
use testcontainers::bollard::query_parameters::{
    ListContainersOptions, ListNetworksOptions, ListVolumesOptions, RemoveContainerOptions, RemoveVolumeOptions,
};

/// Removes every container, network and volume that carries `label`, running or not.
///
/// # Errors
/// If the engine does not answer or refuses; one that is gone already is no error.
pub(crate) async fn everything(engine: &Docker, label: &str) -> Result<(), DockerError> {
    containers(engine, label).await?;
    let filters = Some(filters(label));
    for network in engine.list_networks(Some(ListNetworksOptions { filters: filters.clone() })).await? {
        gone(engine.remove_network(&network.id.unwrap_or_default()).await)?;
    }
    let volumes = engine.list_volumes(Some(ListVolumesOptions { filters })).await?.volumes.unwrap_or_default();
    for volume in volumes {
        gone(engine.remove_volume(&volume.name, Some(RemoveVolumeOptions { force: true })).await)?;
    }
    Ok(())
}

/// Removes every container that carries `label`, all at once, and says how many there were.
///
/// # Errors
/// As those of [`everything`].
pub(crate) async fn containers(engine: &Docker, label: &str) -> Result<usize, DockerError> {
    let options = ListContainersOptions { all: true, filters: Some(filters(label)), ..Default::default() };
    let found = engine.list_containers(Some(options)).await?;
    let removed = found.iter().filter_map(|container| container.id.as_ref()).map(async |id| {
        // `v`: the volumes that an image declares carry no label.
        let options = RemoveContainerOptions { force: true, v: true, ..Default::default() };
        gone(engine.remove_container(id, Some(options)).await)
    });
    try_join_all(removed).await?;
    Ok(found.len())
}

fn filters(label: &str) -> HashMap<String, Vec<String>> {
    HashMap::from([("label".to_owned(), vec![label.to_owned()])])
}

/// What is gone, or about to be, needs no removal.
fn gone(removed: Result<(), DockerError>) -> Result<(), DockerError> {
    match removed {
        Err(DockerError::DockerResponseServerError { status_code: 404 | 409, .. }) => Ok(()),
        other => other,
    }
}
