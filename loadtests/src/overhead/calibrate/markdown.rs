//! A calibration as Markdown, for documents.

use std::fmt::Write as _;

use super::{AaRow, Calibration, ConfusionRow, PowerRow};
use crate::stats::Rate;

/// Renders all tables.
#[must_use]
pub fn markdown(calibration: &Calibration) -> String {
    let mut text = String::new();
    // Writing to a string never fails.
    let _ = write(calibration, &mut text);
    text
}

fn write(calibration: &Calibration, text: &mut String) -> std::fmt::Result {
    let Calibration { launches, invalid, runs, seed, disjoint_runs, .. } = calibration;
    let looks: Vec<_> = calibration.looks.iter().map(u32::to_string).collect();
    writeln!(
        text,
        "{launches} launches ({invalid} more were invalid and are left out), {:.1} s each; budget {}, looks after {} launches, \
         one-sided level {} each, {}.\n",
        calibration.seconds_per_launch,
        percent(calibration.budget),
        looks.join(", "),
        calibration.level,
        if calibration.confirm { "FAIL confirmed by a second run" } else { "FAIL not confirmed" },
    )?;
    writeln!(
        text,
        "Each rate: {runs} runs drawn from these launches with replacement, seed {seed}; in brackets the exact 95 % interval of \
         the drawing. The launches themselves would make {disjoint_runs} runs that share none: what they never saw, no drawing \
         shows.\n"
    )?;
    if !calibration.identical.is_empty() {
        identical(&calibration.identical, text)?;
    }
    confusion(&calibration.confusion, text)?;
    if !calibration.power.is_empty() {
        power(&calibration.power, &calibration.looks, text)?;
    }
    if !calibration.missing.is_empty() {
        writeln!(text, "\nNot calibrated:\n")?;
    }
    calibration.missing.iter().try_for_each(|missing| writeln!(text, "- {missing}"))
}

fn identical(rows: &[AaRow], text: &mut String) -> std::fmt::Result {
    writeln!(text, "### Identical arms: every alarm is false\n")?;
    writeln!(
        text,
        "| arm | against | launches | mean difference | sd | FAIL, one run | FAIL, confirmed | interval excludes 0 | the same, centred | INVALID by the A/A guard | FAIL at a true cost of the budget, one run | the same, confirmed |"
    )?;
    writeln!(text, "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")?;
    for row in rows {
        let rates = [
            row.fails,
            row.fails_confirmed,
            row.excludes_zero,
            row.excludes_zero_centred,
            row.guarded,
            row.fails_at_budget,
            row.fails_at_budget_confirmed,
        ];
        let (mean, sd) = (format!("{:+.2} %", 100.0 * row.mean), format!("{:.2} %", 100.0 * row.sd));
        let rates = rates.map(|rate| rare(&rate)).join(" | ");
        writeln!(text, "| {} | {} | {} | {mean} | {sd} | {rates} |", row.pair.arm, row.pair.baseline, row.launches)?;
    }
    writeln!(text)
}

fn confusion(rows: &[ConfusionRow], text: &mut String) -> std::fmt::Result {
    writeln!(text, "### True cost and verdict\n")?;
    writeln!(text, "| true cost | PASS | FAIL | INCONCLUSIVE | INVALID | launches | seconds |")?;
    writeln!(text, "| --- | --- | --- | --- | --- | --- | --- |")?;
    for row in rows {
        let rates = [row.pass, row.fail, row.inconclusive, row.invalid].map(|rate| rare(&rate)).join(" | ");
        writeln!(text, "| {} | {rates} | {:.1} | {:.0} |", percent(row.cost), row.launches, row.seconds)?;
    }
    writeln!(text)
}

fn power(rows: &[PowerRow], looks: &[u32], text: &mut String) -> std::fmt::Result {
    writeln!(text, "### Added cost: how often it is seen\n")?;
    let columns = looks.iter().map(|look| format!("{look} launches")).collect::<Vec<_>>().join(" | ");
    writeln!(text, "| arm | against | launches | measured | sd | {columns} | at any look |")?;
    writeln!(text, "| --- | --- | --- | --- | --- |{} --- |", " --- |".repeat(looks.len()))?;
    for row in rows {
        let effect = format!(
            "{:+.2} % [{:+.2}, {:+.2}]",
            100.0 * row.effect.estimate,
            100.0 * row.effect.lower,
            100.0 * row.effect.upper
        );
        let at = row.at.iter().map(|at| rare(&at.dearer)).collect::<Vec<_>>().join(" | ");
        let (sd, any) = (format!("{:.2} %", 100.0 * row.sd), rare(&row.any_look));
        writeln!(
            text,
            "| {} | {} | {} | {effect} | {sd} | {at} | {any} |",
            row.pair.arm, row.pair.baseline, row.launches
        )?;
    }
    Ok(())
}

fn percent(fraction: f64) -> String {
    format!("{:.1} %", 100.0 * fraction)
}

/// A rate with its interval.
fn rare(rate: &Rate) -> String {
    format!("{:.2} % [{:.2}, {:.2}]", 100.0 * rate.value(), 100.0 * rate.lower, 100.0 * rate.upper)
}
