//! Spans in Jaeger's answers.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::capture::otlp::json;
use crate::capture::{Interner, Span};

/// One chunk of an answer. A gateway in front of the gRPC API streams several, one a line.
#[derive(Deserialize)]
struct Chunk<'a> {
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    error: Option<ChunkError>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChunkError {
    #[serde(default)]
    http_code: u16,
    #[serde(default)]
    message: String,
}

/// Whether a body of status 404 says that there is no such trace.
pub(super) fn is_not_found(body: &str) -> bool {
    serde_json::from_str::<Chunk<'_>>(body).is_ok_and(|chunk| chunk.error.is_some_and(|error| error.http_code == 404))
}

/// The spans of all chunks, in order. Bare OTLP, without `result`, is read as well.
///
/// # Errors
/// Says what is no OTLP.
pub(super) fn spans(body: &str) -> Result<Vec<Span>, String> {
    let mut strings = Interner::default();
    let mut spans = Vec::new();
    for document in serde_json::Deserializer::from_str(body).into_iter::<&RawValue>() {
        let document = document.map_err(|error| error.to_string())?;
        let chunk: Chunk<'_> = serde_json::from_str(document.get()).map_err(|error| error.to_string())?;
        if let Some(error) = chunk.error {
            return Err(format!("an error in the middle of it: {}", error.message));
        }
        let text = chunk.result.map_or(document.get(), RawValue::get);
        let mut batch = json::read(text, &mut strings).map_err(|error| error.to_string())?;
        if batch.foreign {
            return Err("neither `result` nor `resourceSpans` in it".to_owned());
        }
        spans.append(&mut batch.spans);
    }
    Ok(spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPAN: &str = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"a"}]}]}]}"#;

    #[test]
    fn chunks_on_several_lines_are_one_trace() {
        let body = format!("{{\"result\":{SPAN}}}\n{{\"result\":{SPAN}}}\n");

        assert_eq!(spans(&body).map(|spans| spans.len()), Ok(2));
        assert_eq!(spans(SPAN).map(|spans| spans.len()), Ok(1));
    }

    #[test]
    fn an_error_between_chunks_is_not_read_as_the_end() {
        let body = format!("{{\"result\":{SPAN}}}\n{{\"error\":{{\"httpCode\":500,\"message\":\"disk\"}}}}");

        assert_eq!(spans(&body), Err("an error in the middle of it: disk".to_owned()));
    }

    #[test]
    fn what_is_no_otlp_is_refused() {
        assert!(spans("{\"data\":[]}").unwrap_err().contains("resourceSpans"));
        assert!(spans("<html>").is_err());
    }
}
