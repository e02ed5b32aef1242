//! The lane for a person.

use std::io::{self, Write};

use super::{Figure, KindFigures, LaneOutcome};

/// What stands where nothing was measured.
const NOT_MEASURED: &str = "not measured";

/// What the columns of the table hold: what telemetry adds to a request.
pub(crate) const HEAD: [&str; 8] =
    ["kind", "instructions", "of a request", "allocations", "bytes", "spans", "instr./span", "OTLP bytes/span"];

/// Writes a table, the reasons and the verdict.
///
/// # Errors
/// If it cannot be written.
pub fn print(outcome: &LaneOutcome, out: &mut dyn Write) -> io::Result<()> {
    let made = &outcome.measured.made;
    let valgrind = made.valgrind.as_deref().unwrap_or("no valgrind");
    let (requests, processor) = (made.requests, &made.processor);
    writeln!(out, "what telemetry adds to a request, counted over {requests} requests")?;
    writeln!(out, "{}; {valgrind}; {processor}", made.made_by)?;
    writeln!(out)?;
    row(out, &HEAD.map(str::to_owned))?;
    for kind in &outcome.measured.kinds {
        row(out, &cells(kind))?;
    }
    writeln!(out)?;
    for reason in &outcome.reasons {
        writeln!(out, "- {reason}")?;
    }
    writeln!(out, "lane: {}", outcome.verdict)
}

fn row(out: &mut dyn Write, cells: &[String; 8]) -> io::Result<()> {
    let [kind, numbers @ ..] = cells;
    write!(out, "{kind:<10}")?;
    for number in numbers {
        write!(out, " {number:>15}")?;
    }
    writeln!(out)
}

/// The row of a kind.
pub(crate) fn cells(kind: &KindFigures) -> [String; 8] {
    let (added, on, off) = (kind.added, kind.on, kind.off);
    let value = |figure: Option<Figure>| text(figure.map(|figure| figure.value));
    let share = added.instructions.zip(off.instructions).map(|(added, off)| added.value / off.value * 100.0);
    [
        kind.kind.clone(),
        value(added.instructions),
        share.map_or_else(|| NOT_MEASURED.to_owned(), |share| format!("{share:+.1} %")),
        value(added.allocations),
        value(added.allocated_bytes),
        format!("{:.1}", on.spans),
        text(kind.per_span(added.instructions)),
        text(on.otlp_bytes_per_span),
    ]
}

fn text(value: Option<f64>) -> String {
    let Some(value) = value else { return NOT_MEASURED.to_owned() };
    let (sign, digits) = (if value.round() < 0.0 { "-" } else { "" }, format!("{:.0}", value.abs()));
    // Thousands apart, as people read them.
    let grouped: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| str::from_utf8(group).ok()).collect();
    format!("{sign}{}", grouped.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_nothing_is_not_zero() {
        assert_eq!(text(Some(1_234_567.4)), "1,234,567");
        assert_eq!(text(Some(-1_000.0)), "-1,000");
        assert_eq!(text(Some(999.6)), "1,000");
        assert_eq!(text(Some(0.0)), "0");
        assert_eq!(text(None), "not measured");
    }
}
