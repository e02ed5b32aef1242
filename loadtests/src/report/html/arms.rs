//! What each arm costs over the baseline, with its interval.

use otelgate_harness::report::text::fit;
use plotters::prelude::*;

use super::axis::{Axis, axis_percent, ticks};
use super::figure::{self, BUDGET, DrawError, Figure, GRID, INK, MUTED, ON, SAME, Screen, TEXT, figure};
use crate::overhead::outcome::{Effect, Outcome, Protocol};
use crate::report::figures::{budget, difference};

/// Pixels of an arm's row: a line of text and its bar.
const ROW: u32 = 52;
/// Pixels below the rows.
const AXIS: u32 = 34;

/// `None` if there is nothing to draw.
pub(super) fn arms(outcome: &Outcome) -> Result<Option<Figure>, DrawError> {
    let finite = |effect: &Effect| [effect.lower, effect.estimate, effect.upper].iter().all(|end| end.is_finite());
    let rows: Vec<(&str, Effect)> = outcome
        .arms
        .iter()
        .filter_map(|arm| arm.effect.filter(finite).map(|effect| (arm.arm.as_str(), effect)))
        .collect();
    let Ok(number) = u32::try_from(rows.len()) else { return Ok(None) };
    if rows.is_empty() {
        return Ok(None);
    }
    let limit = outcome.protocol.budget;
    let legend = vec![("budget", format!("budget {}", budget(limit)))];
    let label = format!("CPU a request of each arm against {}, with intervals", Protocol::OFF);
    figure(label, legend, number * ROW + AXIS + 10, |area, screen| draw(&rows, limit, area, screen)).map(Some)
}

fn draw(rows: &[(&str, Effect)], limit: f64, area: &figure::Area<'_>, screen: Screen) -> Result<(), DrawError> {
    let ends = rows.iter().flat_map(|(_, effect)| [effect.lower, effect.upper]).chain([0.0, limit]);
    let (low, high) = ends.fold((0.0_f64, 0.0_f64), |(low, high), end| (low.min(end), high.max(end)));
    let room = ((high - low) * 5.0).max(0.1);
    let (low, high) = (low * 100.0 - room, high * 100.0 + room);
    let percents = ticks(low, high, screen.pick(10, 5));
    #[expect(clippy::cast_precision_loss, reason = "a handful of arms")]
    let (count, place) = (rows.len() as f64, |at: usize| rows.len() as f64 - at as f64);
    let mut chart = ChartBuilder::on(area)
        .margin_top(8)
        .margin_left(16)
        .margin_right(24)
        .x_label_area_size(AXIS)
        .build_cartesian_2d(Axis::new(low..high, percents.clone()), 0.0..count)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .axis_style(GRID)
        .label_style(("sans-serif", TEXT).into_font().color(&MUTED))
        .x_label_formatter(&|percent| axis_percent(*percent, &percents))
        .draw()?;
    chart
        .draw_series([PathElement::new(vec![(limit * 100.0, 0.0), (limit * 100.0, count)], BUDGET.stroke_width(2))])?;
    chart.draw_series([PathElement::new(vec![(0.0, 0.0), (0.0, count)], MUTED.stroke_width(1))])?;
    let text = ("sans-serif", TEXT + 1).into_font().color(&INK);
    for (at, (name, effect)) in rows.iter().enumerate() {
        let top = place(at);
        let colour = if *name == Protocol::SAME { SAME } else { ON };
        let [lower, estimate, upper] = [effect.lower, effect.estimate, effect.upper].map(|end| end * 100.0);
        let title = format!("{}: {}", fit(name, screen.pick(80, 22)), difference(effect, limit));
        chart.draw_series([Text::new(title, (low, top - 0.08), text.clone())])?;
        chart.draw_series([Rectangle::new([(0.0, top - 0.56), (estimate, top - 0.84)], colour.mix(0.7).filled())])?;
        chart.draw_series([ErrorBar::new_horizontal(top - 0.7, lower, estimate, upper, INK.stroke_width(2), 12)])?;
    }
    Ok(())
}
