//! The files of `compose/` as a run gives them to Prometheus: the very same, but for what is written here.
//!
//! 1. **Interval.** `scrape_interval`, `evaluation_interval` and, where written, `scrape_timeout` are [`INTERVAL`], so
//!    that a run of seconds has been scraped often. So is `timeInterval` of Grafana's data sources, which says the same.
//! 2. **Target.** The address of the service is that of the [relay](super::relay).
//! 3. **Time factor**, for proofs of alerts alone: every duration of the rules is divided by it, and no range becomes
//!    shorter than [`SHORTEST_RANGE`], no hold than [`SHORTEST_HOLD`].
//!
//! Each is a replacement within a line, so that a line of a message of Prometheus is a line of the file.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Time between two scrapes, and between two evaluations of rules, in Prometheus' words.
pub(super) const INTERVAL: &str = "1s";

/// No range becomes shorter than this many milliseconds: a rate needs two samples in it, and one may be late.
const SHORTEST_RANGE: u64 = 4_000;

/// No hold becomes shorter than this many milliseconds, three evaluations in a row: one late scrape is no fault.
const SHORTEST_HOLD: u64 = 2_000;

static INTERVALS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?m)^(\s*(?:- )?(scrape_interval|evaluation_interval|scrape_timeout):[ \t]*)["']?\w+["']?"#).ok()
});

static TIME_INTERVAL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?m)(\btimeInterval:[ \t]*)["']?\w+["']?"#).ok());

/// The durations of a file of rules: of `for`, of `keep_firing_for`, of a range, of an offset.
static DURATIONS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?m)(^\s*(?:- )?(?:for|keep_firing_for):[ \t]*["']?|\[|\boffset[ \t]+)((?:\d+(?:ms|[smhdwy]))+)"#)
        .ok()
});

/// What `prometheus.yml` is in a run.
///
/// # Errors
/// What must be in the file for that, and is not.
pub(super) fn configuration(text: &str, target: &str, address: &str) -> Result<String, String> {
    for key in ["scrape_interval", "evaluation_interval"] {
        let found = INTERVALS.iter().flat_map(|regex| regex.captures_iter(text)).any(|found| &found[2] == key);
        if !found {
            return Err(format!("has no `{key}`; write it below `global`, as a run needs one to replace"));
        }
    }
    let text = replace(INTERVALS.as_ref(), text, |found| format!("{}{INTERVAL}", &found[1]));
    let there = Regex::new(&format!(r#"(^|[\s\[,'"]){}([\s\],'"]|$)"#, regex::escape(target)))
        .map_err(|error| format!("the target `{target}` cannot be looked for: {error}"))?;
    if !there.is_match(&text) {
        return Err(format!(
            "has no target `{target}`; make `back-ends.prometheus.target` the address by which this file names the service"
        ));
    }
    Ok(replace(Some(&there), &text, |found| format!("{}{address}{}", &found[1], &found[2])))
}

/// What a file of Grafana's data sources is in a run.
pub(super) fn data_sources(text: &str) -> String {
    replace(TIME_INTERVAL.as_ref(), text, |found| format!("{}{INTERVAL}", &found[1]))
}

/// What a file of rules is when every duration is divided by `factor`; itself, if that is 1.
pub(super) fn rules(text: &str, factor: u32) -> String {
    if factor <= 1 {
        return text.to_owned();
    }
    replace(DURATIONS.as_ref(), text, |found| {
        // What is none for Prometheus either stays as it is, for Prometheus to refuse.
        let Ok(whole) = promql_parser::util::parse_duration(&found[2]) else { return found[0].to_owned() };
        let whole = u64::try_from(whole.as_millis()).unwrap_or(u64::MAX);
        let shortest = match found[1].trim_start() {
            "[" => SHORTEST_RANGE,
            key if key.contains("for:") => SHORTEST_HOLD,
            _ => 0,
        };
        let shortest = shortest.min(whole);
        format!("{}{}ms", &found[1], (whole / u64::from(factor)).max(shortest))
    })
}

fn replace(regex: Option<&Regex>, text: &str, with: impl Fn(&Captures<'_>) -> String) -> String {
    regex.map_or_else(
        || text.to_owned(),
        |regex| regex.replace_all(text, |found: &Captures<'_>| with(found)).into_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIGURATION: &str = "\
# service:8001 is the service
global:
  scrape_interval: 15s   # as long as dashboards expect
  evaluation_interval: \"15s\"
  external_labels: {scrape_interval_note: 15s}
rule_files: [alerts.yml]
scrape_configs:
  - job_name: rag-service
    scrape_timeout: 10s
    metrics_path: /metrics
    static_configs:
      - targets: ['service:8001', other-service:8001]
";

    /// The lines that differ, from and to.
    fn differences<'t>(before: &'t str, after: &'t str) -> Vec<(&'t str, &'t str)> {
        assert_eq!(before.lines().count(), after.lines().count());
        before.lines().zip(after.lines()).filter(|(before, after)| before != after).collect()
    }

    #[test]
    fn nothing_of_the_configuration_changes_but_intervals_and_the_target() {
        let rendered = configuration(CONFIGURATION, "service:8001", "172.18.0.1:40123").unwrap();

        assert_eq!(
            differences(CONFIGURATION, &rendered),
            [
                ("# service:8001 is the service", "# 172.18.0.1:40123 is the service"),
                (
                    "  scrape_interval: 15s   # as long as dashboards expect",
                    "  scrape_interval: 1s   # as long as dashboards expect"
                ),
                ("  evaluation_interval: \"15s\"", "  evaluation_interval: 1s"),
                ("    scrape_timeout: 10s", "    scrape_timeout: 1s"),
                (
                    "      - targets: ['service:8001', other-service:8001]",
                    "      - targets: ['172.18.0.1:40123', other-service:8001]"
                ),
            ]
        );
    }

    #[test]
    fn nothing_of_the_data_sources_changes_but_the_interval() {
        let before = "datasources:\n- name: Prometheus\n  jsonData:\n    timeInterval: 15s\n    httpMethod: POST\n";

        assert_eq!(differences(before, &data_sources(before)), [("    timeInterval: 15s", "    timeInterval: 1s")]);
    }

    #[test]
    fn a_configuration_without_the_target_is_refused_with_what_to_do() {
        let refused = configuration(CONFIGURATION, "rag:8001", "172.18.0.1:40123").unwrap_err();

        assert!(refused.contains("`rag:8001`") && refused.contains("back-ends.prometheus.target"), "{refused}");
    }

    #[test]
    fn a_configuration_without_an_interval_is_refused_with_what_to_do() {
        let refused = configuration("global: {}\n", "service:8001", "172.18.0.1:40123").unwrap_err();

        assert!(refused.contains("`scrape_interval`") && refused.contains("`global`"), "{refused}");
    }

    #[test]
    fn the_time_factor_divides_durations_of_rules_and_nothing_else() {
        let before = "\
groups:
  - name: rag 5m
    rules:
      - alert: Slow
        expr: histogram_quantile(0.95, sum(rate(x_bucket[5m] offset 1m)) by (le)) > 10
        for: 1m30s
        keep_firing_for: '2m'
        annotations: {summary: slow for 5m}
";

        let after = rules(before, 30);

        assert_eq!(
            differences(before, &after),
            [
                (
                    "        expr: histogram_quantile(0.95, sum(rate(x_bucket[5m] offset 1m)) by (le)) > 10",
                    "        expr: histogram_quantile(0.95, sum(rate(x_bucket[10000ms] offset 2000ms)) by (le)) > 10",
                ),
                ("        for: 1m30s", "        for: 3000ms"),
                ("        keep_firing_for: '2m'", "        keep_firing_for: '4000ms'"),
            ]
        );
        assert_eq!(rules(before, 1), before);
        assert!(rules(before, 100).contains("[4000ms] offset 600ms"), "a range keeps four scrapes");
        assert_eq!(rules("expr: a[2s]", 100), "expr: a[2000ms]");
        assert_eq!(rules("  for: 1m", 100), "  for: 2000ms", "one late scrape is no fault");
    }
}
