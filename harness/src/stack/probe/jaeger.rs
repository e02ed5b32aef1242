//! Jaeger: its query API answers, and its receiver takes an export.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;

use super::question::{NotReady, Stated, get};

/// Jaeger states its version in its user interface alone, as a line of script for that page.
const VERSION_MARK: &str = "\"gitVersion\":\"";

pub(super) async fn ask(url: &str, otlp: &str) -> Result<Stated, NotReady> {
    let client = crate::http::client().build()?;
    get(&client, &format!("{url}/api/services"), None).await?;
    takes_an_export(otlp).await?;
    let page = get(&client, &format!("{url}/"), None).await?;
    Ok(version(&page))
}

async fn takes_an_export(otlp: &str) -> Result<(), NotReady> {
    let not_yet = |error: String| NotReady::NotYet(format!("its OTLP receiver at {otlp}: {error}"));
    let endpoint =
        tonic::transport::Endpoint::from_shared(otlp.to_owned()).map_err(|error| NotReady::Never(error.to_string()))?;
    let channel = endpoint.connect().await.map_err(|error| not_yet(error.to_string()))?;
    TraceServiceClient::new(channel)
        .export(ExportTraceServiceRequest::default())
        .await
        .map_err(|status| not_yet(format!("{:?}: {}", status.code(), status.message())))?;
    Ok(())
}

fn version(page: &str) -> Stated {
    let stated = page.split_once(VERSION_MARK).and_then(|(_, rest)| rest.split_once('"'));
    stated.map(|(version, _)| Stated::of_version(version)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_the_page() {
        let page = r#"<script>JAEGER_VERSION = {"gitCommit":"","gitVersion":"v2.13.0","buildDate":""};</script>"#;

        assert_eq!(version(page).version.as_deref(), Some("2.13.0"));
        assert_eq!(version("<html></html>"), Stated::default());
    }
}
