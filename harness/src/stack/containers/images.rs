//! Which image each server is started from: the one place of the pins.

use futures::TryStreamExt;
use testcontainers::bollard::query_parameters::CreateImageOptionsBuilder;

use super::engine::{Engine, why};
use super::labels;
use crate::stack::back_ends::{Image, Origin};
use crate::stack::kind::Server;

/// The official image of a server, and the name of one built by `ci/images/build` on machines without a registry.
fn pins(server: Server) -> (&'static str, &'static str) {
    match server {
        Server::Jaeger => ("jaegertracing/jaeger:2.13.0", "otelgate/jaeger:local"),
        Server::Prometheus => ("prom/prometheus:v3.16.0", "otelgate/prometheus:local"),
        Server::Grafana => ("grafana/grafana:12.3.0", "otelgate/grafana-standin:local"),
        Server::Qdrant => ("qdrant/qdrant:v1.20.0", "otelgate/qdrant-standin:local"),
        Server::Redis => ("redis:8.2-alpine", "otelgate/redis:local"),
    }
}

/// An image that cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the image {reference} of {server} is not in the engine at {engine}, and cannot be pulled: {message}\n\
     next: load it with `docker load`, build a local one with `ci/images/build`, or name another with {variable}"
)]
pub struct ImageAbsent {
    /// Whose image.
    pub server: Server,
    /// What was asked for.
    pub reference: String,
    /// The engine asked.
    pub engine: String,
    /// What it said.
    pub message: String,
    /// The variable that replaces the image.
    pub variable: String,
}

/// The official image of a server.
#[must_use]
pub fn official(server: Server) -> &'static str {
    pins(server).0
}

/// The variable that replaces a server's image.
#[must_use]
pub fn variable(server: Server) -> String {
    format!("OTELGATE_IMAGE_{}", server.name().to_uppercase())
}

/// The image to start a server from: what the environment says; else the official one, if it is in the engine; else
/// the local one, if it is; else the official one, pulled. `pulling` is told before a pull.
pub(super) async fn resolve(
    engine: &Engine,
    server: Server,
    environment: &(dyn Fn(&str) -> Option<String> + Sync),
    pulling: &(dyn Fn(&str) + Sync),
) -> Result<Image, ImageAbsent> {
    let (official, local) = pins(server);
    let chosen = environment(&variable(server)).filter(|image| !image.is_empty());
    let wanted = chosen.as_deref().unwrap_or(official);
    if let Some(image) = inspect(engine, wanted).await {
        return Ok(image);
    }
    if chosen.is_none()
        && let Some(image) = inspect(engine, local).await
    {
        return Ok(image);
    }
    let absent = |message: String| ImageAbsent {
        server,
        reference: wanted.to_owned(),
        engine: engine.address().to_owned(),
        message,
        variable: variable(server),
    };
    pulling(wanted);
    let options = CreateImageOptionsBuilder::new().from_image(wanted).build();
    let pulled = engine.docker().create_image(Some(options), None, None).try_for_each(async |_| Ok(())).await;
    pulled.map_err(|error| absent(why(&error)))?;
    inspect(engine, wanted).await.ok_or_else(|| absent("it was pulled but is not there".to_owned()))
}

async fn inspect(engine: &Engine, reference: &str) -> Option<Image> {
    let found = engine.docker().inspect_image(reference).await.ok()?;
    let labels = found.config.and_then(|config| config.labels).unwrap_or_default();
    let origin = match labels.get(labels::KIND).map(String::as_str) {
        Some("stand-in") => Origin::StandIn,
        _ => Origin::Original,
    };
    Some(Image { reference: reference.to_owned(), id: found.id.unwrap_or_default(), origin })
}

/// An image's name and tag, as testcontainers takes them: joined by a colon they are the reference again.
pub(super) fn name_and_tag(reference: &str) -> (&str, &str) {
    match reference.rsplit_once(':') {
        // The colon of a registry's port is followed by a path.
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (reference, "latest"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_named_for_its_server() {
        assert_eq!(variable(Server::Jaeger), "OTELGATE_IMAGE_JAEGER");
    }

    #[test]
    fn a_reference_is_split_at_its_tag_and_nowhere_else() {
        assert_eq!(name_and_tag("redis:8.2-alpine"), ("redis", "8.2-alpine"));
        assert_eq!(name_and_tag("registry.example.com:5000/redis"), ("registry.example.com:5000/redis", "latest"));
        assert_eq!(name_and_tag("redis@sha256:00ff"), ("redis@sha256", "00ff"));
    }
}
