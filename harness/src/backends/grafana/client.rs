//! Questions to Grafana.

use std::collections::BTreeMap;

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::frames;
use crate::backends::endpoint::{Endpoint, Reply};
use crate::backends::{BackEndError, BackEndErrorKind};
use crate::capture::arrived::{AnsweredSeries, BackEnd, Maker};

/// A Grafana.
#[derive(Clone, Debug)]
pub struct Grafana {
    endpoint: Endpoint,
    login: Option<(String, String)>,
}

/// A data source, as Grafana lists it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DataSourceInfo {
    /// Its uid.
    #[serde(default)]
    pub uid: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Its kind: `prometheus`.
    #[serde(default, rename = "type")]
    pub kind: String,
    /// Whether queries that name none go to it.
    #[serde(default)]
    pub is_default: bool,
    /// Its settings; `timeInterval` among them.
    #[serde(default)]
    pub json_data: Json,
}

/// A dashboard, as a search finds it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DashboardHit {
    /// Its uid.
    #[serde(default)]
    pub uid: String,
    /// Its title.
    #[serde(default)]
    pub title: String,
}

/// A query to run through a data source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// Its letter; `A` if empty.
    pub ref_id: String,
    /// Kind of the data source.
    pub kind: String,
    /// Uid of the data source.
    pub source: String,
    /// The expression.
    pub expr: String,
    /// Whether only the latest value is wanted.
    pub instant: bool,
    /// `time_series`, `table`, `heatmap`; empty for the first.
    pub format: String,
    /// The step, in milliseconds.
    pub interval_ms: u64,
    /// Whatever else the query says, as its panel has it; for data sources of other kinds.
    pub more: serde_json::Map<String, Json>,
}

/// What a query was answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueryAnswer {
    /// Its series.
    pub series: Vec<AnsweredSeries>,
    /// Rows of frames that hold no numbers, such as lists of traces.
    pub rows: u64,
    /// What was said beside it.
    pub notices: Vec<String>,
    /// What was said in place of it.
    pub error: Option<String>,
}

#[derive(Deserialize)]
struct Health {
    #[serde(default)]
    version: String,
    #[serde(default)]
    product: String,
    /// What the stand-in says of itself; Grafana has no such key.
    #[serde(default, rename = "standIn", alias = "stand-in", alias = "stand_in")]
    stand_in: Option<Json>,
    #[serde(default)]
    database: String,
}

#[derive(Deserialize)]
struct SourceHealthAnswer {
    #[serde(default)]
    status: String,
    #[serde(default)]
    message: String,
}

#[derive(Deserialize)]
struct Results {
    results: BTreeMap<String, Json>,
}

/// Most points of a series that are asked for.
const MOST_POINTS: u64 = 1_000;

impl Grafana {
    /// The Grafana at `url`, which may have a path prefix. `login` is user and password; the URL may hold them too.
    ///
    /// # Errors
    /// If `url` is none.
    pub fn new(url: &str, login: Option<(&str, &str)>) -> Result<Self, BackEndError> {
        let login = login.map(|(user, password)| (user.to_owned(), password.to_owned()));
        Ok(Self { endpoint: Endpoint::new("Grafana", url)?, login })
    }

    /// Its URL, without user and password.
    #[must_use]
    pub fn url(&self) -> &str {
        self.endpoint.url()
    }

    /// What it says of itself. Needs no login.
    ///
    /// # Errors
    /// If it does not answer, or says that it is not well.
    pub async fn about(&self) -> Result<BackEnd, BackEndError> {
        let reply = self.get("api/health", &[]).await?.success()?;
        let health: Health = reply.json()?;
        if health.database != "ok" {
            return Err(reply.unreadable(format!("its database is {:?}, not ok", health.database)));
        }
        let is_stand_in =
            health.stand_in.is_some() || health.product.contains("stand-in") || reply.body.contains("stand-in");
        let version = Some(health.version).filter(|version| !version.is_empty());
        Ok(BackEnd {
            name: "grafana".to_owned(),
            product: if is_stand_in { "Grafana API stand-in" } else { "Grafana" }.to_owned(),
            version,
            maker: if is_stand_in { Maker::StandIn } else { Maker::Original },
        })
    }

    /// Its data sources.
    ///
    /// # Errors
    /// If it does not answer, or refuses the login.
    pub async fn data_sources(&self) -> Result<Vec<DataSourceInfo>, BackEndError> {
        self.get("api/datasources", &[]).await?.success()?.json()
    }

    /// Whether the data source answers: `None`, or what is wrong.
    ///
    /// # Errors
    /// If Grafana itself does not answer, or refuses the login.
    pub async fn health_of(&self, uid: &str) -> Result<Option<String>, BackEndError> {
        let reply = self.get(&format!("api/datasources/uid/{uid}/health"), &[]).await?;
        self.login_is_right(&reply)?;
        // A data source that is not well is answered with 400 or 500, and the same body.
        let Ok(answer) = reply.json::<SourceHealthAnswer>() else {
            return Err(reply.unreadable("not the health of a data source"));
        };
        if answer.status == "OK" || reply.status == 200 && answer.status.is_empty() {
            return Ok(None);
        }
        // Some kinds have no such question.
        if reply.status == 404 || reply.status == 501 {
            return Ok(None);
        }
        Ok(Some(answer.message))
    }

    /// All its dashboards.
    ///
    /// # Errors
    /// If it does not answer, or refuses the login.
    pub async fn dashboards(&self) -> Result<Vec<DashboardHit>, BackEndError> {
        self.get("api/search", &[("type", "dash-db"), ("limit", "5000")]).await?.success()?.json()
    }

    /// The dashboard of this uid as Grafana has it; `None` if it has none.
    ///
    /// # Errors
    /// If it does not answer, or refuses the login.
    pub async fn dashboard(&self, uid: &str) -> Result<Option<Json>, BackEndError> {
        let reply = self.get(&format!("api/dashboards/uid/{uid}"), &[]).await?;
        if reply.status == 404 {
            return Ok(None);
        }
        reply.success()?.json().map(Some)
    }

    /// Runs a query through its data source, over the time between `from` and `until` (nanoseconds since the Unix epoch).
    ///
    /// # Errors
    /// If Grafana itself does not answer, or refuses the login. That the data source refuses the query is part of the
    /// answer.
    pub async fn query(&self, query: &Query, from: u64, until: u64) -> Result<QueryAnswer, BackEndError> {
        let ref_id = if query.ref_id.is_empty() { "A" } else { &query.ref_id };
        let mut body = Json::Object(query.more.clone());
        for (key, value) in [
            ("refId", json!(ref_id)),
            ("datasource", json!({"type": query.kind, "uid": query.source})),
            ("intervalMs", json!(query.interval_ms)),
            ("maxDataPoints", json!(MOST_POINTS)),
        ] {
            body[key] = value;
        }
        if !query.expr.is_empty() {
            body["expr"] = json!(query.expr);
            body["range"] = json!(!query.instant);
            body["instant"] = json!(query.instant);
            body["format"] = json!(if query.format.is_empty() { "time_series" } else { &query.format });
        }
        let millis = |nanos: u64| (nanos / 1_000_000).to_string();
        let body = json!({"queries": [body], "from": millis(from), "to": millis(until)});
        let reply = self.send(Method::POST, "api/ds/query", &[], Some(&body)).await?;
        self.login_is_right(&reply)?;
        match reply.json::<Results>() {
            // A query that failed is answered with 400, 207 or 500, by version, and always with the results.
            Ok(Results { mut results }) => {
                let Some(result) = results.remove(ref_id) else {
                    return Err(reply.unreadable(format!("no result for query {ref_id}")));
                };
                Ok(frames::decode(&result))
            }
            Err(_) => match said(&reply) {
                Some(message) if reply.status >= 400 => {
                    Ok(QueryAnswer { error: Some(message), ..QueryAnswer::default() })
                }
                _ => Err(reply.unreadable("not the results of a query")),
            },
        }
    }

    /// Asks the HTTP API of the Prometheus behind a data source, through Grafana: `label/job/values`.
    ///
    /// The answer is the list it gives, or what it says in place of one.
    ///
    /// # Errors
    /// If Grafana itself does not answer, or refuses the login.
    pub async fn resource(
        &self,
        uid: &str,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Result<Vec<Json>, String>, BackEndError> {
        let reply = self.get(&format!("api/datasources/uid/{uid}/resources/api/v1/{path}"), query).await?;
        self.login_is_right(&reply)?;
        let body: Json = reply.json()?;
        match body.get("data").and_then(Json::as_array) {
            Some(data) if reply.status < 400 => Ok(Ok(data.clone())),
            _ => Ok(Err(said(&reply).unwrap_or_else(|| format!("answered {}", reply.status)))),
        }
    }

    async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Reply, BackEndError> {
        let reply = self.send(Method::GET, path, query, None).await?;
        self.login_is_right(&reply)?;
        Ok(reply)
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<&Json>,
    ) -> Result<Reply, BackEndError> {
        let login = self.login.clone();
        self.endpoint
            .send(method, path, query, |mut request| {
                if let Some((user, password)) = login {
                    request = request.basic_auth(user, Some(password));
                }
                match body {
                    Some(body) => request.json(body),
                    None => request,
                }
            })
            .await
    }

    fn login_is_right(&self, reply: &Reply) -> Result<(), BackEndError> {
        let next = match reply.status {
            401 => "give user and password, by --user and --password or in its URL",
            403 => "give the login of a user who may see data sources",
            _ => return Ok(()),
        };
        let user = self.login.as_ref().map_or_else(|| "nobody".to_owned(), |(user, _)| format!("{user:?}"));
        let said = said(reply).unwrap_or_else(|| format!("answered {}", reply.status));
        Err(reply.error(BackEndErrorKind::Login { user, said, next }))
    }
}

/// What an error of Grafana says.
fn said(reply: &Reply) -> Option<String> {
    let body: Json = serde_json::from_str(&reply.body).ok()?;
    ["message", "error"].iter().find_map(|key| Some(body.get(key)?.as_str()?.to_owned()))
}
