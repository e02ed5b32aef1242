//! The distributions of latency of both arms: quantile curves, both axes logarithmic towards the tail.

use plotters::prelude::*;

use super::axis::Axis;
use super::figure::{self, DrawError, Figure, GRID, MUTED, OFF, ON, Screen, TEXT, figure};
use crate::overhead::outcome::{LatencyArm, LatencyOutcome, Protocol};
use crate::report::figures::latency;

const HEIGHT: u32 = 360;

/// Quantiles with a tick. On the axis stands how rare what is slower is: 99 % is as far above 90 % as 90 % above 0 %.
const QUANTILES: [(f64, &str); 6] =
    [(0.0, "0 %"), (0.5, "50 %"), (0.9, "90 %"), (0.99, "99 %"), (0.999, "99.9 %"), (0.9999, "99.99 %")];

/// `None` if there is nothing to draw.
pub(super) fn latencies(measured: &LatencyOutcome) -> Result<Option<Figure>, DrawError> {
    let curve = |name| measured.arms.iter().find(|arm| arm.arm == name).map(points).unwrap_or_default();
    let curves = [(curve(Protocol::OFF), OFF), (curve(Protocol::ON), ON)];
    if curves.iter().all(|(points, _)| points.len() < 2) {
        return Ok(None);
    }
    let legend = vec![("off", Protocol::OFF.to_owned()), ("on", Protocol::ON.to_owned())];
    let label = format!("Quantiles of the latency of both arms, {}", measured.name);
    figure(label, legend, HEIGHT, |area, screen| draw(&curves, area, screen)).map(Some)
}

/// Latency in microseconds, and the rarity of what is slower. The largest has no slower one, and no place on the axis.
#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
fn points(arm: &LatencyArm) -> Vec<(f64, f64)> {
    let drawn = arm.curve.iter().filter(|(quantile, micros)| (0.0..1.0).contains(quantile) && *micros > 0);
    drawn.map(|(quantile, micros)| (*micros as f64, rarity(*quantile))).collect()
}

fn rarity(quantile: f64) -> f64 {
    -(1.0 - quantile).log10()
}

fn draw(curves: &[(Vec<(f64, f64)>, RGBColor)], area: &figure::Area<'_>, screen: Screen) -> Result<(), DrawError> {
    let all = || curves.iter().flat_map(|(points, _)| points);
    let least = all().map(|point| point.0).fold(f64::INFINITY, f64::min) * 0.95;
    let most = all().map(|point| point.0).fold(1.0, f64::max) * 1.05;
    let rarest = all().map(|point| point.1).fold(1.0, f64::max) * 1.02;
    let quantiles: Vec<f64> =
        QUANTILES.iter().map(|(quantile, _)| rarity(*quantile)).filter(|at| *at <= rarest).collect();
    let name = |at: &f64| {
        let named = QUANTILES.iter().find(|(quantile, _)| (rarity(*quantile) - at).abs() < 1e-9);
        named.map_or_else(String::new, |(_, name)| (*name).to_owned())
    };
    let mut chart = ChartBuilder::on(area)
        .margin_top(10)
        .margin_right(24)
        .x_label_area_size(44)
        .y_label_area_size(66)
        .build_cartesian_2d(Axis::logarithmic(least..most, screen.pick(9, 4)), Axis::new(0.0..rarest, quantiles))?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "ticks are whole microseconds above 0")]
    let micros = |micros: &f64| latency(micros.round() as u64);
    chart
        .configure_mesh()
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .axis_style(GRID)
        .label_style(("sans-serif", TEXT).into_font().color(&MUTED))
        .axis_desc_style(("sans-serif", TEXT).into_font().color(&MUTED))
        .x_desc("latency of so many requests or less")
        .x_label_formatter(&micros)
        .y_label_formatter(&name)
        .draw()?;
    for (points, colour) in curves {
        chart.draw_series(LineSeries::new(points.iter().copied(), colour.stroke_width(2)))?;
    }
    Ok(())
}
