//! Grafana: it is healthy, and so is every data source.

use serde::Deserialize;

use super::question::{NotReady, Stated, get};
use crate::stack::back_ends::Login;

#[derive(Deserialize)]
struct Health {
    database: String,
    #[serde(default)]
    version: String,
    /// Ours alone: a stand-in says here that it is one.
    #[serde(default)]
    product: Option<String>,
}

#[derive(Deserialize)]
struct DataSource {
    uid: String,
    name: String,
}

pub(super) async fn ask(url: &str, login: &Login) -> Result<Stated, NotReady> {
    let client = crate::http::client().build()?;
    let place = format!("{url}/api/health");
    let health: Health = parse(&place, &get(&client, &place, None).await?)?;
    if health.database != "ok" {
        return Err(NotReady::NotYet(format!("{place} says of its database: {}", health.database)));
    }
    let place = format!("{url}/api/datasources");
    let sources: Vec<DataSource> = parse(&place, &get(&client, &place, Some(login)).await?)?;
    for source in &sources {
        let place = format!("{url}/api/datasources/uid/{}/health", source.uid);
        get(&client, &place, Some(login)).await.map_err(|error| match error {
            NotReady::NotYet(said) => NotReady::NotYet(format!("data source `{}`: {said}", source.name)),
            never @ NotReady::Never(_) => never,
        })?;
    }
    Ok(Stated { product: health.product, ..Stated::of_version(&health.version) })
}

fn parse<'t, T: Deserialize<'t>>(place: &str, text: &'t str) -> Result<T, NotReady> {
    serde_json::from_str(text).map_err(|error| NotReady::Never(format!("{place} is not that of Grafana: {error}")))
}
