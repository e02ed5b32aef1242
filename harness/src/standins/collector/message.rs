//! The messages a receiver answers with.

use opentelemetry_proto::tonic::collector::logs::v1::{ExportLogsPartialSuccess, ExportLogsServiceResponse};
use opentelemetry_proto::tonic::collector::metrics::v1::{ExportMetricsPartialSuccess, ExportMetricsServiceResponse};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTracePartialSuccess, ExportTraceServiceResponse};
use prost::Message;
use serde_json::json;
use tonic::Code;

use super::signal::Signal;
use super::store::Encoding;
use crate::standins::Fault;

/// What a request is told it lost.
#[derive(Clone, Debug)]
pub(super) struct Partial {
    rejected: i64,
    message: String,
}

impl Partial {
    /// The rejection that the fault asks for, if it does.
    pub(super) fn of(fault: Option<&Fault>) -> Option<Self> {
        let fault = fault?;
        Some(Self { rejected: fault.reject?, message: fault.message.clone().unwrap_or_default() })
    }
}

/// The answer to a request that was accepted, perhaps in part.
pub(super) fn success(signal: Signal, encoding: Encoding, partial: Option<Partial>) -> Vec<u8> {
    match encoding {
        Encoding::Protobuf => protobuf(signal, partial),
        Encoding::Json => json(signal, partial),
    }
}

fn protobuf(signal: Signal, partial: Option<Partial>) -> Vec<u8> {
    match signal {
        Signal::Traces => ExportTraceServiceResponse {
            partial_success: partial.map(|Partial { rejected, message }| ExportTracePartialSuccess {
                rejected_spans: rejected,
                error_message: message,
            }),
        }
        .encode_to_vec(),
        Signal::Metrics => ExportMetricsServiceResponse {
            partial_success: partial.map(|Partial { rejected, message }| ExportMetricsPartialSuccess {
                rejected_data_points: rejected,
                error_message: message,
            }),
        }
        .encode_to_vec(),
        Signal::Logs => ExportLogsServiceResponse {
            partial_success: partial.map(|Partial { rejected, message }| ExportLogsPartialSuccess {
                rejected_log_records: rejected,
                error_message: message,
            }),
        }
        .encode_to_vec(),
    }
}

// By hand, because `opentelemetry-proto` writes the count as a number where the JSON mapping wants a string.
fn json(signal: Signal, partial: Option<Partial>) -> Vec<u8> {
    let rejected_field = match signal {
        Signal::Traces => "rejectedSpans",
        Signal::Metrics => "rejectedDataPoints",
        Signal::Logs => "rejectedLogRecords",
    };
    let answer = match partial {
        None => json!({}),
        Some(Partial { rejected, message }) => {
            json!({ "partialSuccess": { rejected_field: rejected.to_string(), "errorMessage": message } })
        }
    };
    answer.to_string().into_bytes()
}

/// A `google.rpc.Status`, the body that OTLP/HTTP prescribes for errors.
pub(super) fn error(encoding: Encoding, status: http::StatusCode, message: &str) -> Vec<u8> {
    let code = code_of(status) as i32;
    match encoding {
        Encoding::Protobuf => {
            tonic_types::Status { code, message: message.to_owned(), details: Vec::new() }.encode_to_vec()
        }
        Encoding::Json => json!({ "code": code, "message": message }).to_string().into_bytes(),
    }
}

/// The code that stands for an HTTP status, by the table of `google.rpc.Code`.
fn code_of(status: http::StatusCode) -> Code {
    match status.as_u16() {
        400 | 415 => Code::InvalidArgument,
        401 => Code::Unauthenticated,
        403 => Code::PermissionDenied,
        404 => Code::NotFound,
        405 | 501 => Code::Unimplemented,
        413 | 429 => Code::ResourceExhausted,
        500 => Code::Internal,
        503 => Code::Unavailable,
        504 => Code::DeadlineExceeded,
        _ => Code::Unknown,
    }
}
