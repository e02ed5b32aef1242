//! The envelope of every answer.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::backends::endpoint::Reply;
use crate::backends::error::{BackEndError, BackEndErrorKind};

/// What was asked for, and what Prometheus remarked on the way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer<T> {
    /// The answer.
    pub data: T,
    /// Warnings: the answer may be incomplete.
    pub warnings: Vec<String>,
    /// Remarks on the query: a `rate` of what is no counter.
    pub infos: Vec<String>,
}

impl<T> Answer<T> {
    /// The same answer with other data.
    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Answer<U> {
        Answer { data: change(self.data), warnings: self.warnings, infos: self.infos }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "T: DeserializeOwned"))]
struct Envelope<T> {
    status: String,
    data: Option<T>,
    #[serde(default)]
    error_type: String,
    #[serde(default)]
    error: String,
    #[serde(default)]
    warnings: Vec<String>,
    #[serde(default)]
    infos: Vec<String>,
}

/// Reads the envelope.
///
/// # Errors
/// If it says so, or is none.
pub(super) fn open<T: DeserializeOwned>(reply: &Reply) -> Result<Answer<T>, BackEndError> {
    // A refused query comes with status 400 or 422 and says why in the envelope.
    if let Ok(Envelope::<serde::de::IgnoredAny> { status, error_type, error, .. }) = serde_json::from_str(&reply.body)
        && status == "error"
    {
        let refused = matches!(error_type.as_str(), "bad_data" | "execution" | "not_found" | "timeout" | "canceled");
        if refused {
            return Err(reply.error(BackEndErrorKind::Refused { kind: error_type, message: error }));
        }
    }
    reply.check()?;
    let envelope: Envelope<T> = reply.json()?;
    match envelope.data {
        Some(data) if envelope.status == "success" => {
            Ok(Answer { data, warnings: envelope.warnings, infos: envelope.infos })
        }
        Some(_) => Err(reply.unreadable(format!("its status is {:?}", envelope.status))),
        None => Err(reply.unreadable("it has no `data`")),
    }
}
