//! What the model server says about its limits.

use http::{HeaderMap, StatusCode};
use serde::Serialize;

/// The newest word of the model server about what is left.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RateLimit {
    /// Whether the newest answer was a refusal (429).
    pub limited: bool,
    /// Refusals since the start.
    pub refusals: u64,
    /// Requests a period allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_requests: Option<u64>,
    /// Requests left in the period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remaining_requests: Option<u64>,
    /// Tokens a period allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_tokens: Option<u64>,
    /// Tokens left in the period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remaining_tokens: Option<u64>,
}

impl RateLimit {
    pub(super) fn update(&mut self, status: StatusCode, headers: &HeaderMap) {
        self.limited = status == StatusCode::TOO_MANY_REQUESTS;
        self.refusals += u64::from(self.limited);
        let number = |name| headers.get(name)?.to_str().ok()?.parse().ok();
        // An answer without the header does not take back what an earlier one said.
        self.limit_requests = number("x-ratelimit-limit-requests").or(self.limit_requests);
        self.remaining_requests = number("x-ratelimit-remaining-requests").or(self.remaining_requests);
        self.limit_tokens = number("x-ratelimit-limit-tokens").or(self.limit_tokens);
        self.remaining_tokens = number("x-ratelimit-remaining-tokens").or(self.remaining_tokens);
    }
}
