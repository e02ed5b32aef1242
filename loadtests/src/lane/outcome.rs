//! What the lane has to say.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Made, Measured};

/// What the lane has to say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LaneOutcome {
    /// The verdict.
    pub verdict: LaneVerdict,
    /// Why it is not PASS, and what to know beside it, in sentences.
    pub reasons: Vec<String>,
    /// What was measured.
    pub measured: Measured,
    /// What made the baseline; `None` if there is none.
    pub baseline: Option<Made>,
    /// Figures that differ from the baseline by more than they may, for the worse or the better.
    pub deviations: Vec<Deviation>,
}

/// The verdict of the lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
pub enum LaneVerdict {
    /// No figure is worse than the baseline's.
    Pass,
    /// One is.
    Regressed,
    /// There is no baseline, or one of another toolchain or machine.
    Incomparable,
    /// Instructions could not be counted; what could be is as it was.
    NotMeasured,
}

impl fmt::Display for LaneVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pass => "PASS",
            Self::Regressed => "REGRESSED",
            Self::Incomparable => "INCOMPARABLE",
            Self::NotMeasured => "NOT MEASURED",
        })
    }
}

/// A figure that is not what the baseline says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deviation {
    /// The kind of request.
    pub kind: String,
    /// Which of its figures.
    pub figure: FigureName,
    /// The baseline's.
    pub wanted: f64,
    /// What was found.
    pub found: f64,
    /// By how much it may differ.
    pub allowed: f64,
    /// Whether that is a regression; otherwise the baseline should be renewed.
    pub worse: bool,
}

/// The figures that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FigureName {
    /// Instructions that telemetry adds to a request.
    AddedInstructions,
    /// Allocations that telemetry adds to a request.
    AddedAllocations,
    /// Allocated bytes that telemetry adds to a request.
    AddedBytes,
    /// Spans a request. Fewer are as bad as more: what is not recorded costs nothing.
    Spans,
    /// Bytes of OTLP for each span.
    OtlpBytesPerSpan,
}

impl fmt::Display for FigureName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AddedInstructions => "instructions that telemetry adds to a request",
            Self::AddedAllocations => "allocations that telemetry adds to a request",
            Self::AddedBytes => "allocated bytes that telemetry adds to a request",
            Self::Spans => "spans a request",
            Self::OtlpBytesPerSpan => "OTLP bytes a span",
        })
    }
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, figure, wanted, found, allowed, .. } = self;
        write!(f, "{kind}: {figure}: wanted {wanted:.1}, at most {allowed:.1} away; found {found:.1}")?;
        if *wanted != 0.0 {
            write!(f, " ({:+.1} %)", (found / wanted - 1.0) * 100.0)?;
        }
        Ok(())
    }
}
