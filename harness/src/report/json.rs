//! The report for a program.

use serde::Serialize;

use super::{Report, RunSummary};
use crate::finding::{Finding, Verdict};

/// Value of the document's `format`.
pub const FORMAT: &str = "otelgate-report";

/// Value of the document's `version`. Raised when a field is removed or changes its meaning; new fields may come without.
pub const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'r> {
    format: &'static str,
    version: u32,
    verdict: Verdict,
    run: &'r RunSummary,
    checks: Vec<Check>,
    findings: &'r [Finding],
    waived: Vec<Waived<'r>>,
}

#[derive(Serialize)]
struct Check {
    name: &'static str,
    about: &'static str,
    examined: u64,
    unit: &'static str,
    violations: usize,
    waived: usize,
}

#[derive(Serialize)]
struct Waived<'r> {
    finding: &'r Finding,
    reason: &'r str,
}

/// `report` as one JSON document, indented, with a line break at its end.
///
/// ```json
/// {
///   "format": "otelgate-report",
///   "version": 1,
///   "verdict": "FAIL",
///   "run": {
///     "service": "rag-service", "run_id": "run-42", "stack": "embedded",
///     "versions": {"otelgate": "0.1.0"}, "duration_seconds": 3.2,
///     "back_ends": [{"name": "jaeger", "product": "Jaeger", "version": "2.13.0", "maker": "original"}],
///     "counts": {"traces": 57, "spans": 812, "metrics": 61, "series": 244, "logs": 512, "exchanges": 130}
///   },
///   "checks": [
///     {"name": "spans", "about": "...", "examined": 812, "unit": "spans", "violations": 1, "waived": 0}
///   ],
///   "findings": [
///     {
///       "level": "violation", "id": "span.missing", "check": "spans", "signal": "trace",
///       "subject": "cold query / rag.rerank",
///       "where": {"scenario": "cold query", "step": 0, "trace_id": "4bf9...", "span_id": "00f0...", "path": "..."},
///       "message": "...", "wanted": "exactly 1", "found": "none; nearest: rag.re_rank", "hint": "...", "more": 0
///     }
///   ],
///   "waived": [{"finding": {}, "reason": "..."}]
/// }
/// ```
///
/// `level` is `violation`, `improvement` or `information`; `signal` is `run`, `exchange`, `trace`, `metric`, `log` or
/// `resource`. `maker` is `original` or `stand-in`; `back_ends` is left out where there are none, and `version` where a
/// back end states none. Fields of `where` that do not apply are left out. `step` counts from 0. `more` says how many further
/// findings with the same id and subject stand behind this one; `violations` and `waived` count them in.
///
/// # Errors
/// Those of the JSON writer.
pub fn json(report: &Report<'_>) -> Result<String, serde_json::Error> {
    let document = Document {
        format: FORMAT,
        version: VERSION,
        verdict: report.verdict,
        run: &report.summary,
        checks: report
            .checks
            .iter()
            .map(|tally| {
                let (violations, waived) = report.of_check(tally.check);
                Check {
                    name: tally.check,
                    about: tally.about,
                    examined: tally.examined,
                    unit: tally.unit,
                    violations,
                    waived,
                }
            })
            .collect(),
        findings: &report.findings,
        waived: report.waived.iter().map(|(finding, waiver)| Waived { finding, reason: &waiver.reason }).collect(),
    };
    let mut text = serde_json::to_string_pretty(&document)?;
    text.push('\n');
    Ok(text)
}
