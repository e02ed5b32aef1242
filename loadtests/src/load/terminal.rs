//! A report, for a person.

use std::io::{self, Write};

use super::budgets::Budget;
use super::paired::{Harm, Interval};
use super::report::{LoadReport, LoadVerdict, PhaseReport, Times, TrialReport};
use super::trial::mebibytes;
use crate::conservation::{Counted, Judgement, Violation};

/// Writes a report. The last line begins with the verdict.
///
/// # Errors
/// If `out` cannot be written to.
pub fn terminal(report: &LoadReport, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "load: {} users, {}", report.users, report.target)?;
    if report.driver_only {
        writeln!(out, "only what the driver sees is judged: the service's spans, metrics and logs go elsewhere")?;
    }
    for phase in &report.phases {
        write_phase(phase, out)?;
    }
    for trial in &report.trials {
        write_trial(trial, out)?;
    }
    if !report.budgets.is_empty() {
        writeln!(out, "\nbudgets")?;
        report.budgets.iter().try_for_each(|budget| write_budget(budget, out))?;
    }
    writeln!(out)?;
    if let Some(signal) = &report.interrupted {
        writeln!(out, "{signal}: ended early; what is above was measured until then")?;
    }
    writeln!(out, "{}", last_line(report))
}

fn write_phase(phase: &PhaseReport, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n{}, {:.1} s", phase.name, phase.seconds)?;
    let width = phase.kinds.iter().map(|kind| kind.name.chars().count()).max().unwrap_or(0).max("all".len());
    writeln!(
        out,
        "  {:width$} {:>9} {:>7} {:>8} {:>9} {:>9} {:>9} {:>9}",
        "ms to the last byte", "requests", "errors", "a second", "p50", "p95", "p99", "max"
    )?;
    for kind in &phase.kinds {
        let errors = kind.requests.bad + kind.requests.broken;
        write_row(&kind.name, width, (kind.requests.sent, errors, kind.rate), &kind.times, out)?;
        for (error, times) in &kind.errors {
            writeln!(out, "    {times} × {error}")?;
        }
    }
    let requests = phase.counted.requests;
    let rate: f64 = phase.kinds.iter().map(|kind| kind.rate).sum();
    write_row("all", width, (requests.sent, requests.bad + requests.broken, rate), &phase.all, out)?;
    write_counted(&phase.counted, &phase.judgement, out)
}

fn write_row(
    name: &str,
    width: usize,
    (sent, errors, rate): (u64, u64, f64),
    times: &Times,
    out: &mut dyn Write,
) -> io::Result<()> {
    let ms = |time: Option<f64>| time.map_or_else(|| "-".to_owned(), |time| format!("{time:.2}"));
    let width = width.max("ms to the last byte".len());
    let Times { p50_ms, p95_ms, p99_ms, max_ms, .. } = *times;
    let [p50, p95, p99, max] = [p50_ms, p95_ms, p99_ms, max_ms].map(ms);
    writeln!(out, "  {name:width$} {sent:>9} {errors:>7} {rate:>8.1} {p50:>9} {p95:>9} {p99:>9} {max:>9}")
}

fn write_counted(counted: &Counted, judgement: &Judgement, out: &mut dyn Write) -> io::Result<()> {
    let mut counts = vec![format!("{} answers", counted.requests.answered + counted.requests.bad)];
    if let Some(roots) = &counted.roots {
        counts.push(format!("{} of {} sampled traces", roots.wanted - roots.missing, roots.wanted));
    }
    if let Some(histogram) = counted.histogram {
        counts.push(format!("{histogram} in the histogram"));
    }
    if let Some(lines) = &counted.lines {
        counts.push(format!("{} of {} log lines", lines.once, lines.wanted));
    }
    if let Some(received) = counted.received.as_ref().filter(|received| received.spans > 0) {
        counts.push(format!("{} spans", received.spans));
    }
    writeln!(out, "  counted: {}", counts.join(" · "))?;
    for note in &judgement.notes {
        writeln!(out, "  note: {note}")?;
    }
    judgement.violations.iter().try_for_each(|violation| write_violation(violation, out))
}

fn write_violation(violation: &Violation, out: &mut dyn Write) -> io::Result<()> {
    let Violation { id, message, wanted, found, todo } = violation;
    writeln!(out, "  ✗ {id}: {message}")?;
    for (name, text) in [("wanted", wanted), ("found", found), ("do", todo)] {
        if !text.is_empty() {
            writeln!(out, "      {name:6} {text}")?;
        }
    }
    Ok(())
}

fn write_trial(trial: &TrialReport, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\ntrial: {}", trial.name)?;
    match trial.harm {
        Some(Harm::Unharmed(found)) => writeln!(out, "  p99 {}: unharmed", interval(found))?,
        Some(Harm::Harmed(found)) => writeln!(out, "  p99 {}: slower by more than 10 %", interval(found))?,
        Some(Harm::Undecided(found)) => {
            writeln!(out, "  p99 {}: inconclusive; more `--seconds` narrow the interval", interval(found))?;
        }
        Some(Harm::Unknown) => writeln!(out, "  p99 not measured: too few answers")?,
        None => {}
    }
    if let (Some(before), Some(after)) = (trial.memory_before, trial.memory_after) {
        writeln!(out, "  memory {:.0} MiB before, at most {:.0} MiB then", mebibytes(before), mebibytes(after))?;
    } else {
        writeln!(out, "  memory not measured")?;
    }
    if let Some((arrived, wanted)) = trial.recovered {
        writeln!(out, "  recovered: {arrived} of {wanted} traces when the collector was well again")?;
    }
    match trial.stopped_seconds {
        Some(seconds) => writeln!(out, "  stopped within {seconds:.1} s")?,
        None => writeln!(out, "  did not stop and was killed")?,
    }
    write_counted(&trial.counted, &trial.judgement, out)
}

fn interval(found: Interval) -> String {
    let percent = |ratio: f64| (ratio - 1.0) * 100.0;
    format!(
        "{:+.0} % [{:+.0}, {:+.0}] (99 %, {} pairs of windows)",
        percent(found.ratio),
        percent(found.lower),
        percent(found.upper),
        found.pairs
    )
}

fn write_budget(budget: &Budget, out: &mut dyn Write) -> io::Result<()> {
    let Budget { name, setting, limit, measured, unit, held } = budget;
    let measured = measured.map_or_else(|| "not measured".to_owned(), |measured| format!("{measured:.2} {unit}"));
    let mark = if *held { "✓" } else { "✗" };
    writeln!(out, "  {mark} {name}: {measured}, budget {limit} {unit} ({setting})")
}

fn last_line(report: &LoadReport) -> String {
    let requests: u64 = report.phases.iter().map(|phase| phase.counted.requests.sent).sum();
    let violations = report.violations().count();
    let broken = report.budgets.iter().filter(|budget| !budget.held).count();
    match report.verdict {
        LoadVerdict::Pass if report.driver_only => {
            format!(
                "PASS: {requests} requests, {} budgets held; what became of their telemetry was not looked at",
                report.budgets.len()
            )
        }
        LoadVerdict::Pass => {
            format!("PASS: {requests} requests, all accounted for, {} budgets held", report.budgets.len())
        }
        LoadVerdict::Fail => format!("FAIL: {violations} violations, {broken} broken budgets, {requests} requests"),
        LoadVerdict::Inconclusive => {
            format!(
                "INCONCLUSIVE: nothing is broken, but whether a trial slows requests cannot be said; {requests} requests"
            )
        }
    }
}
