//! Launch by launch: the ratios, and the interval closing in on the budget.

use plotters::prelude::*;

use super::axis::{Axis, axis_percent, ticks};
use super::figure::{self, BAND, BUDGET, DrawError, Figure, GRID, INK, MUTED, ON, SAME, Screen, TEXT, figure};
use crate::overhead::outcome::{Outcome, Protocol};
use crate::overhead::record::Launch;
use crate::overhead::verdict::Arms;
use crate::report::figures::budget;

const HEIGHT: u32 = 380;

/// `None` if there is nothing to draw.
pub(super) fn launches(outcome: &Outcome) -> Result<Option<Figure>, DrawError> {
    let plot = Plot::new(outcome);
    if plot.on.is_empty() {
        return Ok(None);
    }
    let mut legend = vec![
        ("on", format!("{} against {}, one launch", Protocol::ON, Protocol::OFF)),
        ("same", format!("{} against {}: noise", Protocol::SAME, Protocol::OFF)),
        ("band", "interval at each look".to_owned()),
        ("budget", format!("budget {}", budget(outcome.protocol.budget))),
    ];
    if plot.divide.is_some() {
        legend.push(("divide", "where the confirmation begins".to_owned()));
    }
    let label = "CPU overhead launch by launch, with the interval at each look and the budget".to_owned();
    figure(label, legend, HEIGHT, |area, screen| plot.draw(area, screen)).map(Some)
}

/// Everything in percent, over the numbers of launches.
struct Plot {
    on: Vec<(f64, f64)>,
    invalid: Vec<(f64, f64)>,
    same: Vec<(f64, f64)>,
    /// Launch after which it was looked; lower end, estimate, upper end. One list for each run.
    looks: [Vec<(f64, [f64; 3])>; 2],
    budget: f64,
    last: f64,
    /// Where the confirmation begins, if there is one.
    divide: Option<f64>,
}

impl Plot {
    fn new(outcome: &Outcome) -> Self {
        let arms = Arms::default();
        let points = |arm: &'static str, wanted: fn(&Launch) -> bool| -> Vec<(f64, f64)> {
            let launches = outcome.launches.iter().filter(|launch| wanted(launch));
            let ratio = |launch: &Launch| {
                let ratio = arms.log_ratio(launch, arm)?.exp_m1() * 100.0;
                ratio.is_finite().then_some((f64::from(launch.number), ratio))
            };
            launches.filter_map(ratio).collect()
        };
        let on = points(Protocol::ON, |launch| launch.invalid.is_empty());
        Self {
            on,
            invalid: points(Protocol::ON, |launch| !launch.invalid.is_empty()),
            same: points(Protocol::SAME, |launch| launch.invalid.is_empty()),
            looks: [looks(outcome, false), looks(outcome, true)],
            budget: outcome.protocol.budget * 100.0,
            divide: outcome
                .launches
                .iter()
                .find(|launch| launch.confirmation)
                .map(|launch| f64::from(launch.number) - 0.5),
            last: outcome.launches.iter().map(|launch| f64::from(launch.number)).fold(1.0, f64::max),
        }
    }

    /// From the lowest to the highest of all that is drawn, with room around.
    fn range(&self) -> (f64, f64) {
        let points = self.on.iter().chain(&self.invalid).chain(&self.same).map(|point| point.1);
        let ends = self.looks.iter().flatten().flat_map(|(_, ends)| *ends);
        let all = points.chain(ends).chain([0.0, self.budget]);
        let (low, high) = all.fold((0.0_f64, 0.0_f64), |(low, high), at| (low.min(at), high.max(at)));
        let room = ((high - low) * 0.06).max(0.1);
        (low - room, high + room)
    }

    fn draw(&self, area: &figure::Area<'_>, screen: Screen) -> Result<(), DrawError> {
        let (low, high) = self.range();
        let percents = ticks(low, high, 8);
        let mut numbers = ticks(0.5, self.last + 0.5, screen.pick(12, 6));
        numbers.retain(|number| number.fract() == 0.0);
        let mut chart = ChartBuilder::on(area)
            .margin_top(10)
            .margin_right(12)
            .x_label_area_size(44)
            .y_label_area_size(52)
            .build_cartesian_2d(Axis::new(0.5..self.last + 0.5, numbers), Axis::new(low..high, percents.clone()))?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .bold_line_style(GRID)
            .light_line_style(TRANSPARENT)
            .axis_style(GRID)
            .label_style(("sans-serif", TEXT).into_font().color(&MUTED))
            .axis_desc_style(("sans-serif", TEXT).into_font().color(&MUTED))
            .x_desc("launch")
            .x_label_formatter(&|number| format!("{number:.0}"))
            .y_label_formatter(&|percent| axis_percent(*percent, &percents))
            .draw()?;
        for looks in &self.looks {
            let upper = looks.iter().map(|(at, ends)| (*at, ends[2]));
            let lower = looks.iter().rev().map(|(at, ends)| (*at, ends[0]));
            chart.draw_series([Polygon::new(upper.chain(lower).collect::<Vec<_>>(), BAND.mix(0.25))])?;
        }
        let across = |percent| vec![(0.5, percent), (self.last + 0.5, percent)];
        chart.draw_series([PathElement::new(across(0.0), MUTED.stroke_width(1))])?;
        chart.draw_series([PathElement::new(across(self.budget), BUDGET.stroke_width(2))])?;
        let down = self.divide.map(|at| PathElement::new(vec![(at, low), (at, high)], MUTED.stroke_width(1)));
        chart.draw_series(down)?;
        chart.draw_series(self.same.iter().map(|point| Circle::new(*point, 3, SAME.stroke_width(1))))?;
        chart.draw_series(self.on.iter().map(|point| Circle::new(*point, 4, ON.filled())))?;
        chart.draw_series(self.invalid.iter().map(|point| Cross::new(*point, 4, ON.stroke_width(2))))?;
        for (at, [lower, estimate, upper]) in self.looks.iter().flatten() {
            chart.draw_series([ErrorBar::new_vertical(*at, *lower, *estimate, *upper, INK.stroke_width(2), 10)])?;
        }
        Ok(())
    }
}

/// Looks of the first run or of the confirmation, each at the launch after which it was made. One with an end that is not
/// finite is left out: the table has it.
fn looks(outcome: &Outcome, confirmation: bool) -> Vec<(f64, [f64; 3])> {
    let numbers: Vec<u32> = outcome
        .launches
        .iter()
        .filter(|launch| launch.confirmation == confirmation && launch.invalid.is_empty())
        .map(|launch| launch.number)
        .collect();
    let looks = outcome.looks.iter().filter(|look| look.confirmation == confirmation);
    let drawn = looks.filter_map(|look| {
        let at = numbers.get(usize::try_from(look.launches).ok()?.checked_sub(1)?)?;
        let ends = [look.effect.lower, look.effect.estimate, look.effect.upper].map(|end| end * 100.0);
        ends.iter().all(|end| end.is_finite()).then_some((f64::from(*at), ends))
    });
    drawn.collect()
}
