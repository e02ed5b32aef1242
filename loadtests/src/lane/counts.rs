//! What the program prints at its end.

use serde::Deserialize;

/// The last line of the program's standard output, a JSON object. All counts are totals over the requests it was asked for,
/// without what it did before them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Requests that were answered.
    pub requests: u32,
    /// Calls of the allocator that gave memory. Absent if nobody counted.
    pub allocations: Option<u64>,
    /// Bytes that were asked for. Absent if nobody counted.
    pub allocated_bytes: Option<u64>,
    /// Spans that were exported.
    pub spans: u64,
    /// Bytes of the encoded OTLP messages they came in.
    pub otlp_span_bytes: u64,
    /// Bytes of the encoded OTLP messages that log records came in. Absent if there are none.
    pub otlp_log_bytes: Option<u64>,
    /// What compiled or runs the program: figures of different ones are not compared.
    pub made_by: String,
    /// What else to know of how it was made, such as versions of libraries: a change is told, and compared nevertheless.
    #[serde(default)]
    pub with: Vec<String>,
}

/// Standard output of which the last line is not what was wanted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CountsError {
    /// It printed nothing.
    #[error("it printed nothing; wanted a JSON object of its counts as the last line")]
    Nothing,
    /// Its last line is something else.
    #[error("its last line is not what docs/LANE.md describes ({problem}): {line}")]
    NotCounts {
        /// What is wrong.
        problem: String,
        /// The line, or its beginning.
        line: String,
    },
    /// It did not do what it was asked for.
    #[error("it answered {found} requests; {wanted} were asked for")]
    Requests {
        /// How many were asked for.
        wanted: u32,
        /// How many were answered.
        found: u32,
    },
    /// Telemetry is on, and nothing came of it.
    #[error("it exported no span although telemetry was on: there would be nothing to measure")]
    NoSpans,
    /// Telemetry is off, and yet it is not.
    #[error("it exported {spans} spans although telemetry was off: there would be nothing to compare with")]
    SpansWhileOff {
        /// How many.
        spans: u64,
    },
}

/// How much of a wrong line an error quotes, in characters.
const QUOTED: usize = 200;

impl Counts {
    /// Reads the last line of `stdout` and holds it against what was asked for.
    ///
    /// # Errors
    /// If it is not what was wanted.
    pub fn read(stdout: &str, requests: u32, telemetry: bool) -> Result<Self, CountsError> {
        let line = stdout.lines().rfind(|line| !line.trim().is_empty()).ok_or(CountsError::Nothing)?;
        let counts: Self = serde_json::from_str(line).map_err(|error| CountsError::NotCounts {
            problem: error.to_string(),
            line: line.chars().take(QUOTED).collect(),
        })?;
        if counts.requests != requests {
            return Err(CountsError::Requests { wanted: requests, found: counts.requests });
        }
        match counts.spans {
            0 if telemetry => Err(CountsError::NoSpans),
            spans if spans > 0 && !telemetry => Err(CountsError::SpansWhileOff { spans }),
            _ => Ok(counts),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"requests":8,"allocations":900,"allocated_bytes":70000,"spans":120,"otlp_span_bytes":48000,
        "otlp_log_bytes":800,"made_by":"rustc 1.95.0, x86_64, release","with":["prost 0.14.1"]}"#;

    fn line() -> String {
        LINE.replace('\n', "")
    }

    #[test]
    fn the_last_line_counts_and_logs_before_it_do_not() {
        let counts = Counts::read(&format!("{{\"level\":\"INFO\"}}\n{}\n\n", line()), 8, true).unwrap();

        assert_eq!((counts.requests, counts.allocations, counts.spans), (8, Some(900), 120));
        assert_eq!(counts.with, ["prost 0.14.1"]);
    }

    #[test]
    fn what_was_not_counted_is_not_zero() {
        let counts =
            Counts::read(r#"{"requests":1,"spans":0,"otlp_span_bytes":0,"made_by":"go1.25"}"#, 1, false).unwrap();

        assert_eq!((counts.allocations, counts.allocated_bytes, counts.otlp_log_bytes), (None, None, None));
    }

    #[test]
    fn garbage_is_quoted() {
        let error = Counts::read(&format!("{}\n{}", line(), "x".repeat(10_000)), 8, true).unwrap_err();

        let CountsError::NotCounts { line, .. } = error else { panic!("{error:?}") };
        assert_eq!(line, "x".repeat(QUOTED));
    }

    #[test]
    fn a_count_that_is_negative_missing_or_unknown_is_garbage() {
        for bad in [
            line().replace("120", "-1"),
            line().replace("\"spans\":120,", ""),
            line().replace("allocations", "alocations"),
            line()[..40].to_owned(),
        ] {
            assert!(matches!(Counts::read(&bad, 8, true), Err(CountsError::NotCounts { .. })), "{bad}");
        }
    }

    #[test]
    fn counts_that_cannot_be_true_are_refused() {
        assert_eq!(Counts::read(" \n", 8, true), Err(CountsError::Nothing));
        assert_eq!(Counts::read(&line(), 16, true), Err(CountsError::Requests { wanted: 16, found: 8 }));
        assert_eq!(Counts::read(&line().replace("120", "0"), 8, true), Err(CountsError::NoSpans));
        assert_eq!(Counts::read(&line(), 8, false), Err(CountsError::SpansWhileOff { spans: 120 }));
    }
}
