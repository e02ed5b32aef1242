//! Errors in OpenAI's shape.

use serde_json::{Value, json};
use wiremock::ResponseTemplate;

/// An error answer.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) status: u16,
    message: String,
    kind: &'static str,
    param: Option<&'static str>,
    code: Option<&'static str>,
}

impl Failure {
    /// A request that asks for something wrong.
    pub(super) fn invalid(message: impl Into<String>, param: Option<&'static str>) -> Self {
        Self { status: 400, message: message.into(), kind: "invalid_request_error", param, code: None }
    }

    /// A request for something that exists at OpenAI and not here.
    pub(super) fn unsupported(feature: &str, param: &'static str) -> Self {
        Self::invalid(format!("the model stand-in does not support {feature}"), Some(param))
    }

    pub(super) fn no_key() -> Self {
        let message = "You didn't provide an API key. You need to provide your API key in an Authorization header \
                       using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).";
        Self { status: 401, ..Self::invalid(message, None) }
    }

    /// The key itself stays out of the message, unlike at OpenAI, which shows parts of it.
    pub(super) fn wrong_key() -> Self {
        Self { status: 401, code: Some("invalid_api_key"), ..Self::invalid("Incorrect API key provided.", None) }
    }

    pub(super) fn unknown_url(method: &str, path: &str) -> Self {
        Self { status: 404, ..Self::invalid(format!("Invalid URL ({method} {path})"), None) }
    }

    pub(super) fn unknown_model(model: &str) -> Self {
        let message = format!("The model '{model}' does not exist or you do not have access to it.");
        Self { status: 404, code: Some("model_not_found"), ..Self::invalid(message, Some("model")) }
    }

    pub(super) fn wrong_method(method: &str, path: &str) -> Self {
        let message =
            format!("Not allowed to {method} on {path}. (HINT: Perhaps you meant to use a different HTTP method?)");
        Self { status: 405, ..Self::invalid(message, None) }
    }

    /// What OpenAI answers with a status, whatever the request.
    pub(super) fn of_status(status: u16, message: Option<String>) -> Self {
        let (kind, code, default) = match status {
            429 => ("requests", Some("rate_limit_exceeded"), "Rate limit reached for requests."),
            503 => ("service_unavailable_error", None, "The server is overloaded or not ready yet."),
            500.. => ("server_error", None, "The server had an error while processing your request. Sorry about that!"),
            401 => ("invalid_request_error", Some("invalid_api_key"), "Incorrect API key provided."),
            _ => ("invalid_request_error", None, "The request was refused."),
        };
        Self { status, message: message.unwrap_or_else(|| default.to_owned()), kind, param: None, code }
    }

    /// The body of the answer.
    pub(super) fn body(&self) -> Value {
        json!({"error": {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}})
    }
}

impl From<Failure> for ResponseTemplate {
    fn from(failure: Failure) -> Self {
        Self::new(failure.status).set_body_json(failure.body())
    }
}
