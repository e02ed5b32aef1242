//! OTLP instrument names as Prometheus names, by the OpenTelemetry–Prometheus compatibility specification and in the
//! spelling of Prometheus's own `otlptranslator` ("underscore escaping with suffixes").

use super::MetricKind;

/// The Prometheus name of an instrument: `http.server.request.duration` in `s` is `http_server_request_duration_seconds`.
///
/// The unit is spelt out and appended unless the name has it already; counters end in `_total`, gauges of unit `1` in
/// `_ratio`.
#[must_use]
pub fn prometheus_name(instrument: &str, unit: &str, kind: MetricKind) -> String {
    let mut words: Vec<&str> = words(instrument).collect();
    let (main, per) = unit_words(unit);
    let main = main.join("_");
    let per = per.join("_");
    let lacks = |suffix: &str, words: &[&str]| !suffix.is_empty() && !words.contains(&suffix);
    let add_main = lacks(&main, &words);
    let add_per = lacks(&per, &words);
    if add_main {
        words.push(&main);
    }
    if add_per {
        words.extend(["per", &per]);
    }
    match kind {
        MetricKind::Counter => move_to_end("total", &mut words),
        MetricKind::Gauge if unit == "1" => move_to_end("ratio", &mut words),
        _ => {}
    }
    let name = words.join("_");
    if name.starts_with(|first: char| first.is_ascii_digit()) { format!("_{name}") } else { name }
}

/// The unit that the suffix of a Prometheus name stands for, in UCUM: `seconds` is `s`. Base units only, because
/// Prometheus names no others.
#[must_use]
pub fn unit_of_suffix(name: &str) -> &'static str {
    let name = name.strip_suffix("_total").unwrap_or(name);
    match name.rsplit('_').next() {
        Some("seconds") => "s",
        Some("bytes") => "By",
        Some("ratio") => "1",
        Some("celsius") => "Cel",
        Some("meters") => "m",
        Some("volts") => "V",
        Some("amperes") => "A",
        Some("joules") => "J",
        Some("grams") => "g",
        _ => "",
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == ':')).filter(|word| !word.is_empty())
}

fn move_to_end<'a>(word: &'a str, words: &mut Vec<&'a str>) {
    words.retain(|other| *other != word);
    words.push(word);
}

/// The words of a unit, and of what follows its `/`. Annotations in braces are no unit: `{request}` has no words.
fn unit_words(unit: &str) -> (Vec<&str>, Vec<&str>) {
    let (main, per) = unit.split_once('/').unwrap_or((unit, ""));
    let spell = |part, table: fn(&str) -> Option<&'static str>| -> Vec<&str> {
        let part: &str = str::trim(part);
        if part.contains(['{', '}']) {
            return Vec::new();
        }
        table(part).map_or_else(|| words(part).collect(), |word| words(word).collect())
    };
    (spell(main, main_unit), spell(per, per_unit))
}

fn main_unit(unit: &str) -> Option<&'static str> {
    Some(match unit {
        "d" => "days",
        "h" => "hours",
        "min" => "minutes",
        "s" => "seconds",
        "ms" => "milliseconds",
        "us" => "microseconds",
        "ns" => "nanoseconds",
        "By" => "bytes",
        "KiBy" => "kibibytes",
        "MiBy" => "mebibytes",
        "GiBy" => "gibibytes",
        "TiBy" => "tibibytes",
        "KBy" => "kilobytes",
        "MBy" => "megabytes",
        "GBy" => "gigabytes",
        "TBy" => "terabytes",
        "m" => "meters",
        "V" => "volts",
        "A" => "amperes",
        "J" => "joules",
        "W" => "watts",
        "g" => "grams",
        "Cel" => "celsius",
        "Hz" => "hertz",
        "1" => "",
        "%" => "percent",
        _ => return None,
    })
}

fn per_unit(unit: &str) -> Option<&'static str> {
    Some(match unit {
        "s" => "second",
        "m" => "minute",
        "h" => "hour",
        "d" => "day",
        "w" => "week",
        "mo" => "month",
        "y" => "year",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_compatibility_specification() {
        let cases = [
            ("http.server.request.duration", "s", MetricKind::Histogram, "http_server_request_duration_seconds"),
            ("rag.openai.tokens", "", MetricKind::Counter, "rag_openai_tokens_total"),
            ("rag.openai.tokens", "{token}", MetricKind::Counter, "rag_openai_tokens_total"),
            ("system.io", "By/s", MetricKind::Gauge, "system_io_bytes_per_second"),
            ("system.io", "{packet}/s", MetricKind::Gauge, "system_io_per_second"),
            ("cpu.utilization", "1", MetricKind::Gauge, "cpu_utilization_ratio"),
            ("cpu.utilization", "1", MetricKind::Counter, "cpu_utilization_total"),
            ("process.uptime.seconds", "s", MetricKind::Gauge, "process_uptime_seconds"),
            ("total.requests", "", MetricKind::Counter, "requests_total"),
            ("2xx__responses", "", MetricKind::Gauge, "_2xx_responses"),
            ("memory", "foo_bar", MetricKind::Gauge, "memory_foo_bar"),
            ("", "", MetricKind::Gauge, ""),
        ];

        for (instrument, unit, kind, wanted) in cases {
            assert_eq!(prometheus_name(instrument, unit, kind), wanted, "{instrument} in {unit:?}");
        }
    }

    #[test]
    fn a_suffix_names_its_unit_also_before_total() {
        assert_eq!(unit_of_suffix("rag_query_duration_seconds"), "s");
        assert_eq!(unit_of_suffix("process_cpu_seconds_total"), "s");
        assert_eq!(unit_of_suffix("cache_hit_ratio"), "1");
        assert_eq!(unit_of_suffix("rag_openai_tokens_total"), "");
    }
}
