//! The network of one run.

use std::net::IpAddr;

use testcontainers::bollard::models::NetworkCreateRequest;
use testcontainers::bollard::query_parameters::InspectNetworkOptions;

use super::engine::{Engine, why};
use super::labels;
use crate::stack::StackError;

/// Makes the network, and says what address this machine has on it, as far as the engine knows.
///
/// Made here and not by testcontainers, which gives its networks no label.
pub(super) async fn create(engine: &Engine, run: &str) -> Result<Option<IpAddr>, StackError> {
    let name = labels::network(run);
    let failed = |message: String| StackError::Network { name: labels::network(run), message };
    let request = NetworkCreateRequest { name: name.clone(), labels: Some(labels::map(run)), ..Default::default() };
    engine.docker().create_network(request).await.map_err(|error| failed(why(&error)))?;
    let network = engine
        .docker()
        .inspect_network(&name, None::<InspectNetworkOptions>)
        .await
        .map_err(|error| failed(why(&error)))?;
    let pools = network.ipam.and_then(|ipam| ipam.config).unwrap_or_default();
    Ok(pools.into_iter().filter_map(|pool| pool.gateway).find_map(|gateway| gateway.parse().ok()))
}
