//! Small things about text: wrapping, fitting, plurals, durations.

use std::time::Duration;

/// Columns `text` takes. Counts characters: telemetry names are ASCII, and the tree's lines are one column each.
#[must_use]
pub fn width(text: &str) -> usize {
    text.chars().count()
}

/// `text` in at most `columns`, with `…` for what does not fit.
#[must_use]
pub fn fit(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    text.chars().take(columns.saturating_sub(1)).chain(['…']).collect()
}

/// `text` broken at spaces into lines of at most `columns`. Longer words and the line breaks of `text` stay.
#[must_use]
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for line in text.lines() {
        // A line that fits keeps its own spaces: excerpts are aligned by them.
        if width(line) <= columns {
            lines.push(line.to_owned());
            continue;
        }
        let mut current = String::new();
        for word in line.split_whitespace() {
            if !current.is_empty() && width(&current) + 1 + width(word) > columns {
                lines.push(std::mem::take(&mut current));
            }
            if !current.is_empty() {
                current.push(' ');
            }
            current.push_str(word);
        }
        lines.push(current);
    }
    lines
}

/// `1 span`, `2 spans`, `0 series`. `unit` is the plural.
#[must_use]
pub fn count(number: usize, unit: &str) -> String {
    let singular = match unit {
        "series" => "series",
        _ => unit.strip_suffix('s').unwrap_or(unit),
    };
    if number == 1 { format!("1 {singular}") } else { format!("{} {unit}", thousands(number)) }
}

/// `1234567` as `1 234 567`, with narrow spaces from five digits on.
#[must_use]
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    if digits.len() < 5 {
        return digits;
    }
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
}

/// `340 µs`, `812 ms`, `3.2 s`, `2 min 5 s`.
#[must_use]
pub fn duration(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    match nanos {
        0..1_000 => format!("{nanos} ns"),
        1_000..1_000_000 => format!("{} µs", nanos / 1_000),
        1_000_000..1_000_000_000 => format!("{} ms", nanos / 1_000_000),
        1_000_000_000..120_000_000_000 => format!("{:.1} s", duration.as_secs_f64()),
        _ => format!("{} min {} s", duration.as_secs() / 60, duration.as_secs() % 60),
    }
}

/// From `start` to `end`, both in nanoseconds; with a minus if `end` comes first.
pub(super) fn between(start: u64, end: u64) -> String {
    let length = duration(Duration::from_nanos(start.abs_diff(end)));
    if end < start { format!("-{length}") } else { length }
}
