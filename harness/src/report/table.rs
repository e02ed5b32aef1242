//! The table of checks: what was asked, how much was examined, what came of it.

use super::Report;
use super::palette::Palette;
use super::text::{count, fit, width};

/// Narrowest column in which a check's sentence still says something; in a narrower one it is left out.
const NARROWEST: usize = 20;

/// One line a check.
pub(super) fn lines(report: &Report<'_>, palette: Palette, columns: usize) -> Vec<String> {
    let rows: Vec<Row> = report.checks.iter().map(|tally| Row::new(report, tally)).collect();
    let widest = |cell: fn(&Row) -> &str| rows.iter().map(|row| width(cell(row))).max().unwrap_or(0);
    let (name, examined, result) = (widest(|row| row.name), widest(|row| &row.examined), widest(|row| &row.result));
    let room = columns.saturating_sub(name + examined + result + 8);
    let about = if room < NARROWEST { 0 } else { widest(|row| row.about).min(room) };
    rows.iter()
        .map(|row| {
            let style = match row.state {
                State::Ok => palette.good,
                State::Waived => palette.warn,
                State::Bad => palette.bad,
            };
            let asks = match about {
                0 => String::new(),
                about => format!("{dim}{:about$}{dim:#}  ", fit(row.about, about), dim = palette.dim),
            };
            format!("  {:name$}  {asks}{:>examined$}  {style}{}{style:#}", row.name, row.examined, row.result)
        })
        .collect()
}

struct Row {
    name: &'static str,
    about: &'static str,
    examined: String,
    result: String,
    state: State,
}

#[derive(Clone, Copy)]
enum State {
    Ok,
    Waived,
    Bad,
}

impl Row {
    fn new(report: &Report<'_>, tally: &crate::finding::Tally) -> Self {
        let (standing, waived) = report.of_check(tally.check);
        let (result, state) = match (standing, waived) {
            (0, 0) if tally.examined == 0 => ("nothing to examine".to_owned(), State::Waived),
            (0, 0) => ("ok".to_owned(), State::Ok),
            (0, waived) => (format!("ok, {waived} waived"), State::Waived),
            (standing, 0) => (count(standing, "violations"), State::Bad),
            (standing, waived) => (format!("{}, {waived} waived", count(standing, "violations")), State::Bad),
        };
        let examined = count(usize::try_from(tally.examined).unwrap_or(usize::MAX), tally.unit);
        Self { name: tally.check, about: tally.about, examined, result, state }
    }
}
