//! What a run has in the engine.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use testcontainers::bollard::query_parameters::{ListContainersOptions, ListNetworksOptions, ListVolumesOptions};

use crate::fixture::Fixture;

/// Names of the containers, networks and volumes of a run, running or not.
pub(crate) fn of(fixture: &Fixture, run: &str) -> Vec<String> {
    let docker = fixture.docker();
    let filters = Some(HashMap::from([("label".to_owned(), vec![format!("otelgate.run={run}")])]));
    fixture.runtime.block_on(async {
        let options = ListContainersOptions { all: true, filters: filters.clone(), ..Default::default() };
        let containers = docker.list_containers(Some(options)).await.unwrap();
        let networks = docker.list_networks(Some(ListNetworksOptions { filters: filters.clone() })).await.unwrap();
        let volumes =
            docker.list_volumes(Some(ListVolumesOptions { filters })).await.unwrap().volumes.unwrap_or_default();
        let mut names: Vec<String> = Vec::new();
        names.extend(containers.into_iter().flat_map(|container| container.names.unwrap_or_default()));
        names.extend(networks.into_iter().filter_map(|network| network.name));
        names.extend(volumes.into_iter().map(|volume| volume.name));
        names
    })
}

#[track_caller]
pub(crate) fn assert_none(fixture: &Fixture, run: &str) {
    let left = of(fixture, run);
    assert!(left.is_empty(), "left of run {run}: {left:?}");
}

/// Looks until `look` finds something, for at most half a minute.
#[track_caller]
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "waited 30 s for {what}");
        std::thread::yield_now();
    }
}
