//! One question, whomever it is asked.

use std::time::Duration;

use super::{grafana, jaeger, prometheus, qdrant, redis};
use crate::stack::back_ends::Login;

/// How long one answer may take. Short, because a server that is starting may accept a question and forget it.
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(3);

/// A server, and how to ask it.
#[derive(Clone, Debug)]
pub(in crate::stack) enum Question {
    /// Whether it answers a query, and whether it takes an export.
    Jaeger {
        /// The query API.
        url: String,
        /// Its OTLP receiver, gRPC.
        otlp: String,
    },
    /// Whether it says that it is ready.
    Prometheus {
        /// Its URL.
        url: String,
    },
    /// Whether it and every data source are healthy.
    Grafana {
        /// Its URL.
        url: String,
        /// Who asks.
        login: Login,
    },
    /// Whether it is healthy.
    Qdrant {
        /// Its gRPC interface.
        url: String,
    },
    /// Whether it answers PING.
    Redis {
        /// `redis://…`
        url: String,
    },
}

/// What a server says it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::stack) struct Stated {
    /// What it calls itself, if it does.
    pub(in crate::stack) product: Option<String>,
    /// Its version, without a leading `v`.
    pub(in crate::stack) version: Option<String>,
}

impl Stated {
    /// A server that states a version and is what its name says.
    pub(super) fn of_version(version: &str) -> Self {
        let version = version.trim_start_matches('v');
        Self { product: None, version: (!version.is_empty()).then(|| version.to_owned()) }
    }
}

/// An answer that is not yes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::stack) enum NotReady {
    /// It may be ready later.
    #[error("{0}")]
    NotYet(String),
    /// No waiting helps.
    #[error("{0}")]
    Never(String),
}

impl From<reqwest::Error> for NotReady {
    fn from(error: reqwest::Error) -> Self {
        use std::error::Error;
        let mut cause: &dyn Error = &error;
        while let Some(source) = cause.source() {
            cause = source;
        }
        Self::NotYet(cause.to_string())
    }
}

impl Question {
    /// What is asked, for a person who wants to ask it again.
    pub(in crate::stack) fn text(&self) -> String {
        match self {
            Self::Jaeger { url, otlp } => format!("GET {url}/api/services, and an empty export to {otlp}"),
            Self::Prometheus { url } => format!("GET {url}/-/ready"),
            Self::Grafana { url, .. } => format!("GET {url}/api/health, and the health of every data source"),
            Self::Qdrant { url } => format!("gRPC qdrant.Qdrant/HealthCheck at {url}"),
            Self::Redis { url } => format!("PING at {}", redis::without_password(url)),
        }
    }

    /// Where the server's main interface is.
    pub(in crate::stack) fn url(&self) -> &str {
        match self {
            Self::Jaeger { url, .. }
            | Self::Prometheus { url }
            | Self::Grafana { url, .. }
            | Self::Qdrant { url }
            | Self::Redis { url } => url,
        }
    }

    /// Asks once.
    pub(in crate::stack) async fn ask(&self) -> Result<Stated, NotReady> {
        let asked = async {
            match self {
                Self::Jaeger { url, otlp } => jaeger::ask(url, otlp).await,
                Self::Prometheus { url } => prometheus::ask(url).await,
                Self::Grafana { url, login } => grafana::ask(url, login).await,
                Self::Qdrant { url } => qdrant::ask(url).await,
                Self::Redis { url } => redis::ask(url).await,
            }
        };
        let answered = tokio::time::timeout(ANSWER_WITHIN, asked).await;
        answered.unwrap_or_else(|_| Err(NotReady::NotYet(format!("no answer within {} s", ANSWER_WITHIN.as_secs()))))
    }
}

/// GETs a URL; an answer that is not 2xx is not yet ready.
pub(super) async fn get(client: &reqwest::Client, url: &str, login: Option<&Login>) -> Result<String, NotReady> {
    let mut request = client.get(url);
    if let Some(login) = login {
        request = request.basic_auth(&login.user, Some(&login.password));
    }
    let response = request.send().await?;
    let status = response.status();
    let text = response.text().await?;
    if status.is_success() {
        return Ok(text);
    }
    let said = format!("{status}: {}", text.chars().take(300).collect::<String>().trim());
    match status {
        // Who may ask does not change while a server starts.
        reqwest::StatusCode::UNAUTHORIZED | reqwest::StatusCode::FORBIDDEN => {
            Err(NotReady::Never(format!("{url} refuses the login: {said}")))
        }
        _ => Err(NotReady::NotYet(format!("{url} answers {said}"))),
    }
}
