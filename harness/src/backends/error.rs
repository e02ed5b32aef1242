//! Why a back end gave no usable answer.

/// A question that a back end did not answer as it should.
#[derive(Debug, thiserror::Error)]
#[error("{product}, asked at {url}: {kind}")]
pub struct BackEndError {
    /// Which back end: `Jaeger`.
    pub product: &'static str,
    /// The URL asked, without user and password.
    pub url: String,
    /// What went wrong.
    #[source]
    pub kind: BackEndErrorKind,
}

impl BackEndError {
    /// Whether the same question may well be answered in a moment: nobody answered yet, or said to be unavailable.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match &self.kind {
            BackEndErrorKind::Unreachable(_) | BackEndErrorKind::Late(_) => true,
            BackEndErrorKind::Status { status, .. } => matches!(status, 429 | 502 | 503 | 504),
            _ => false,
        }
    }
}

/// What went wrong with a question.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackEndErrorKind {
    /// The address is no HTTP URL.
    #[error("not a URL that can be asked: {0}; write it like http://127.0.0.1:9090")]
    Url(String),
    /// No HTTP client could be made.
    #[error("no HTTP client can be made: {0}")]
    Client(#[source] reqwest::Error),
    /// Nobody answered.
    #[error("nobody answers ({0}); check that it runs, and that this address reaches it from here")]
    Unreachable(String),
    /// No answer in time.
    #[error("no answer within {} s; it is overloaded, or something on the way swallows the request", .0.as_secs())]
    Late(std::time::Duration),
    /// The answer broke off.
    #[error("the answer broke off ({0}); look at its log for a crash")]
    Broken(String),
    /// The answer is one of failure.
    #[error("answered {status}{}; {}", begins(.body), advice(*.status))]
    Status {
        /// The HTTP status.
        status: u16,
        /// The first bytes of the body.
        body: String,
    },
    /// The answer is not what this API answers.
    #[error("the answer cannot be read: {reason}{}; is this the right server and a version this program knows?", begins(.body))]
    Unreadable {
        /// What is wrong with it.
        reason: String,
        /// The first bytes of the body.
        body: String,
    },
    /// The answer says that the question is wrong.
    #[error("refused the question ({kind}: {message}); correct the query")]
    Refused {
        /// Its word for the kind of error.
        kind: String,
        /// What it says.
        message: String,
    },
    /// The answer says that whoever asks may not.
    #[error("refuses the login of {user} ({said}); {next}")]
    Login {
        /// Who asked.
        user: String,
        /// What it says.
        said: String,
        /// What to do.
        next: &'static str,
    },
    /// The answer was cut at a limit of this program or of the back end's.
    #[error("{0}")]
    TooMuch(String),
}

fn begins(body: &str) -> String {
    if body.is_empty() { ", without a body".to_owned() } else { format!(", beginning {body:?}") }
}

fn advice(status: u16) -> &'static str {
    match status {
        401 | 403 => "give user and password in the URL (http://user:password@host)",
        404 => "is this the right server, and is there a path prefix in front of its API?",
        429 | 502 | 503 | 504 => "it is not ready or overloaded: look at its log",
        300..=399 => "give the URL it redirects to",
        500..=599 => "look at its log",
        _ => "is this the right server?",
    }
}
