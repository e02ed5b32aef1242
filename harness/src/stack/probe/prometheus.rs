//! Prometheus: it says that it is ready.

use serde::Deserialize;

use super::question::{NotReady, Stated, get};

#[derive(Deserialize)]
struct BuildInfo {
    data: Build,
}

#[derive(Deserialize)]
struct Build {
    version: String,
}

pub(super) async fn ask(url: &str) -> Result<Stated, NotReady> {
    let client = crate::http::client().build()?;
    get(&client, &format!("{url}/-/ready"), None).await?;
    let info = get(&client, &format!("{url}/api/v1/status/buildinfo"), None).await?;
    let info: BuildInfo = serde_json::from_str(&info).map_err(|error| {
        NotReady::Never(format!("{url}/api/v1/status/buildinfo is not that of Prometheus: {error}"))
    })?;
    Ok(Stated::of_version(&info.data.version))
}
