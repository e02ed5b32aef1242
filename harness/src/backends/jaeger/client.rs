//! Asks Jaeger.

use serde::Deserialize;

use super::{page, traces};
use crate::backends::endpoint::Endpoint;
use crate::backends::error::{BackEndError, BackEndErrorKind};
use crate::capture::{Span, TraceId};

/// Most traces one search gives: as many as Elasticsearch gives at most. Jaeger's own default is 100.
const SEARCH_LIMIT: usize = 10_000;

/// A Jaeger, by its query API (port 16686).
#[derive(Clone, Debug)]
pub struct Jaeger {
    endpoint: Endpoint,
}

impl Jaeger {
    /// The Jaeger whose user interface is at `url`. Connects to nothing yet.
    ///
    /// # Errors
    /// If `url` is none.
    pub fn new(url: &str) -> Result<Self, BackEndError> {
        Ok(Self { endpoint: Endpoint::new("Jaeger", url)? })
    }

    /// Its URL, without user and password.
    #[must_use]
    pub fn url(&self) -> &str {
        self.endpoint.url()
    }

    /// The version it states, without a leading `v`; `None` if it states none.
    ///
    /// # Errors
    /// If it does not answer, or with something that is not its page.
    pub async fn version(&self) -> Result<Option<String>, BackEndError> {
        let reply = self.endpoint.get("", &[]).await?.success()?;
        page::version(&reply.body).map_err(|reason| reply.unreadable(reason))
    }

    /// The services it has spans of. It is ready once this is answered.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn services(&self) -> Result<Vec<String>, BackEndError> {
        #[derive(Deserialize)]
        struct Services {
            #[serde(default)]
            services: Vec<String>,
        }
        let reply = self.endpoint.get("api/v3/services", &[]).await?.success()?;
        Ok(reply.json::<Services>()?.services)
    }

    /// The spans of a trace, in the order in which it gives them; none if it does not know the trace.
    ///
    /// # Errors
    /// If it does not answer, or not with OTLP.
    pub async fn trace(&self, id: TraceId) -> Result<Vec<Span>, BackEndError> {
        let reply = self.endpoint.get(&format!("api/v3/traces/{id}"), &[("raw_traces", "true")]).await?;
        // Also the answer of a server that is no Jaeger: only Jaeger's own words mean that there is no trace.
        if reply.status == 404 && traces::is_not_found(&reply.body) {
            return Ok(Vec::new());
        }
        let reply = reply.success()?;
        traces::spans(&reply.body).map_err(|reason| reply.unreadable(reason))
    }

    /// The ids of the traces in which a span of `service` that began between two moments has, on itself or its
    /// resource, the attribute `key` of this text. Moments are nanoseconds since the Unix epoch.
    ///
    /// # Errors
    /// If it does not answer, or with as many traces as it gives at most: then there may be more.
    pub async fn find(
        &self,
        service: &str,
        (key, text): (&str, &str),
        from: u64,
        until: u64,
    ) -> Result<Vec<TraceId>, BackEndError> {
        #[derive(Deserialize)]
        struct Answer {
            data: Option<Vec<Trace>>,
        }
        #[derive(Deserialize)]
        struct Trace {
            #[serde(rename = "traceID")]
            id: String,
        }
        // The only search of Jaeger's that looks at attributes: that of `/api/v3` ignores them.
        let tags = serde_json::json!({ key: text }).to_string();
        // Microseconds; the end is rounded up.
        let (start, end) = ((from / 1_000).to_string(), until.div_ceil(1_000).to_string());
        let limit = SEARCH_LIMIT.to_string();
        let query = [("service", service), ("tags", &tags), ("start", &start), ("end", &end), ("limit", &limit)];
        let reply = self.endpoint.get("api/traces", &query).await?.success()?;
        let found = reply.json::<Answer>()?.data.unwrap_or_default();
        if found.len() >= SEARCH_LIMIT {
            let told =
                format!("the search gave {SEARCH_LIMIT} traces, the most it may: drive fewer requests in one run");
            return Err(reply.error(BackEndErrorKind::TooMuch(told)));
        }
        found
            .iter()
            .map(|trace| {
                // Older versions leave out zeros at the beginning.
                TraceId::from_hex(&format!("{:0>32}", trace.id))
                    .ok_or_else(|| reply.unreadable(format!("a trace id {:?}", trace.id)))
            })
            .collect()
    }
}
