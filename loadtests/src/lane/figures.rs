//! What requests cost.

use serde::{Deserialize, Serialize};

/// A figure, as the median of its repeats.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// The median, rounded to a thousandth.
    pub value: f64,
    /// Largest minus smallest repeat, as a fraction of the median; `None` if it was measured once,
    /// or the median is 0.
    pub spread: Option<f64>,
}

impl Figure {
    /// Of repeats; `None` of none.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a handful")]
    pub fn of(mut repeats: Vec<f64>) -> Option<Self> {
        repeats.sort_by(f64::total_cmp);
        let (&smallest, &largest) = (repeats.first()?, repeats.last()?);
        let half = repeats.len() / 2;
        let middle = &repeats[(repeats.len() - 1) / 2..=half];
        let median = middle.iter().sum::<f64>() / middle.len() as f64;
        let range = if largest > smallest { (largest - smallest) / median.abs() } else { 0.0 };
        let spread = Some(range).filter(|range| repeats.len() > 1 && range.is_finite());
        Some(Self { value: thousandths(median), spread })
    }
}

fn thousandths(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

/// What a request costs in one arm. What was not measured is `None`, never 0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArmFigures {
    /// Instructions, of all threads.
    pub instructions: Option<Figure>,
    /// Calls of the allocator that gave memory.
    pub allocations: Option<Figure>,
    /// Bytes that were asked for.
    pub allocated_bytes: Option<Figure>,
    /// Spans that were exported.
    pub spans: f64,
    /// Bytes of OTLP for each span; `None` without spans.
    pub otlp_bytes_per_span: Option<f64>,
    /// Bytes of OTLP for log records.
    pub otlp_log_bytes: Option<f64>,
}

/// What a request of one kind costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KindFigures {
    /// The kind.
    pub kind: String,
    /// With telemetry.
    pub on: ArmFigures,
    /// Without.
    pub off: ArmFigures,
    /// The difference.
    pub added: Added,
}

/// What telemetry adds to a request; of each repeat first, so that the spread is that of the difference.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Added {
    /// Instructions.
    pub instructions: Option<Figure>,
    /// Calls of the allocator that gave memory.
    pub allocations: Option<Figure>,
    /// Bytes that were asked for.
    pub allocated_bytes: Option<Figure>,
}

impl KindFigures {
    /// A figure that telemetry adds to a request, for each span; `None` if it was not measured or there are no spans.
    #[must_use]
    pub fn per_span(&self, added: Option<Figure>) -> Option<f64> {
        added.filter(|_| self.on.spans > 0.0).map(|added| added.value / self.on.spans)
    }
}

/// What made figures: what must be the same for them to be compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// What compiled or runs the program, by its own account.
    pub made_by: String,
    /// Versions of libraries and the like; told when it differs, and compared nevertheless.
    pub with: Vec<String>,
    /// The valgrind that counted instructions; `None` if there was none.
    pub valgrind: Option<String>,
    /// The processor's model. Libraries choose their code by it, and valgrind shows the program a processor like it.
    pub processor: String,
    /// How many requests a run had, and as many again.
    pub requests: u32,
    /// How often each was measured.
    pub repeats: u32,
}

/// What was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// By what.
    pub made: Made,
    /// Each kind of request, in the order of the configuration.
    pub kinds: Vec<KindFigures>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_the_median_with_the_relative_range() {
        assert_eq!(Figure::of(vec![110.0, 100.0, 98.0]), Some(Figure { value: 100.0, spread: Some(0.12) }));
        assert_eq!(Figure::of(vec![1.0, 2.0]), Some(Figure { value: 1.5, spread: Some(1.0 / 1.5) }));
    }

    #[test]
    fn one_repeat_has_no_spread_and_equal_ones_none_to_speak_of() {
        assert_eq!(Figure::of(vec![5.0]), Some(Figure { value: 5.0, spread: None }));
        assert_eq!(Figure::of(vec![0.0, 0.0]), Some(Figure { value: 0.0, spread: Some(0.0) }));
        assert_eq!(Figure::of(vec![]), None);
    }
}
