//! An axis of a picture: where its ticks are.

use std::ops::Range;

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};
use plotters::coord::types::RangedCoordf64;

use crate::report::figures;

/// Figures from one to another, with ticks of our choosing. (The library's own lie at the ends of a decade only, or
/// anywhere.)
pub(super) struct Axis {
    scale: RangedCoordf64,
    range: Range<f64>,
    pub(super) ticks: Vec<f64>,
    logarithmic: bool,
}

impl Axis {
    pub(super) fn new(range: Range<f64>, ticks: Vec<f64>) -> Self {
        Self { scale: range.clone().into(), range, ticks, logarithmic: false }
    }

    /// Latencies from one to another, both above 0, with at most `most` ticks: at 1, 2 and 5 times powers of ten; at powers
    /// of ten where those are too many; at even steps where a narrow range has fewer than two.
    pub(super) fn logarithmic(range: Range<f64>, most: u32) -> Self {
        let at = |steps: &[f64]| -> Vec<f64> {
            let powers = (0..10).map(|power| 10f64.powi(power));
            let ticks = powers.flat_map(|power| steps.iter().map(move |step| step * power));
            ticks.filter(|tick| (range.start..=range.end).contains(tick)).collect()
        };
        let fine = at(&[1.0, 2.0, 5.0]);
        let ticks = match fine.len() {
            0 | 1 => ticks(range.start, range.end, most.min(4)),
            len if len > most as usize => at(&[1.0]),
            _ => fine,
        };
        Self { scale: (range.start.ln()..range.end.ln()).into(), range, ticks, logarithmic: true }
    }
}

impl Ranged for Axis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let value = if self.logarithmic { value.ln() } else { *value };
        self.scale.map(&value, limit)
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks.clone()
    }

    fn range(&self) -> Range<f64> {
        self.range.clone()
    }
}

/// Ticks at "round" numbers, at most `most` of them, over a range of figures.
pub(super) fn ticks(from: f64, to: f64, most: u32) -> Vec<f64> {
    let span = to - from;
    if !(span.is_finite() && span > 0.0) {
        return vec![from];
    }
    let rough = span / f64::from(most.max(1));
    let magnitude = 10f64.powf(rough.log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0];
    let step = steps.into_iter().map(|step| step * magnitude).find(|step| *step >= rough).unwrap_or(rough);
    let first = (from / step).ceil();
    (0..=most).map(|at| (first + f64::from(at)) * step).filter(|tick| *tick <= to + step * 1e-9).collect()
}

/// Percent for an axis: as many decimals as ticks this far apart need.
pub(super) fn axis_percent(value: f64, ticks: &[f64]) -> String {
    let step = ticks.windows(2).map(|pair| pair[1] - pair[0]).next().unwrap_or(1.0);
    let decimals = match step {
        ..0.2 => 2,
        0.2..1.0 => 1,
        _ => usize::from(step.fract() > 1e-9),
    };
    figures::percent(value / 100.0, decimals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_few() {
        assert_eq!(ticks(-1.3, 8.2, 5), [0.0, 2.0, 4.0, 6.0, 8.0]);
        assert_eq!(ticks(0.5, 24.5, 6), [5.0, 10.0, 15.0, 20.0]);
        assert_eq!(ticks(1.0, 1.0, 6), [1.0]);
    }

    #[test]
    fn a_logarithmic_axis_has_ticks_for_a_wide_range_and_for_a_narrow_one() {
        let of = |range, most| Axis::logarithmic(range, most).ticks;

        assert_eq!(of(90.0..1_100.0, 9), [100.0, 200.0, 500.0, 1_000.0]);
        assert_eq!(of(90.0..1_100.0, 3), [100.0, 1_000.0]);
        assert_eq!(of(1_100.0..1_900.0, 9), [1_200.0, 1_400.0, 1_600.0, 1_800.0]);
    }

    #[test]
    fn a_percent_of_an_axis_has_the_decimals_that_tell_ticks_apart() {
        assert_eq!(axis_percent(2.5, &[0.0, 2.5]), "2.5 %");
        assert_eq!(axis_percent(2.0, &[0.0, 2.0]), "2 %");
        assert_eq!(axis_percent(0.1, &[0.0, 0.1]), "0.10 %");
    }
}
