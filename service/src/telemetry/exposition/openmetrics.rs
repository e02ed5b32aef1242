//! OpenMetrics 1.0.0 text, with exemplars.
//!
//! <https://prometheus.io/docs/specs/om/open_metrics_spec/>. Every sample has the name and labels that it has in the
//! text format, so that a series stays the same whichever of the two Prometheus reads. The names of families differ:
//! that of a counter has no `_total` and that of an info no `_info`, since their samples add it.

use std::{
    borrow::Cow,
    fmt::{Display, Write as _},
};

use prometheus::proto::{Metric, MetricFamily, MetricType};

use super::number::{Bound, Timestamp, Value};
use crate::telemetry::exemplars::{Exemplar, Snapshot, Source};

/// The exporter shows the resource as a gauge of this name.
const TARGET_INFO: &str = "target_info";
/// Units that a family may state: those its name ends in, as the format demands.
const UNITS: [&str; 3] = ["seconds", "bytes", "ratio"];

/// Writes the families, what is said of the target first, as the format asks.
pub(crate) fn render(families: &[MetricFamily], exemplars: &Snapshot<'_>) -> String {
    let (target, others): (Vec<_>, Vec<_>) = families.iter().partition(|family| family.name() == TARGET_INFO);
    let mut page = Page(String::new());
    for family in target.into_iter().chain(others) {
        page.family(family, exemplars);
    }
    page.0.push_str("# EOF\n");
    page.0
}

struct Page(String);

impl Page {
    fn family(&mut self, family: &MetricFamily, exemplars: &Snapshot<'_>) {
        let name = family.name();
        let (family_name, kind) = match family.get_field_type() {
            // One without the suffix would be renamed by it.
            MetricType::COUNTER => {
                name.strip_suffix("_total").map_or((name, "unknown"), |family_name| (family_name, "counter"))
            }
            MetricType::GAUGE if name == TARGET_INFO => ("target", "info"),
            MetricType::GAUGE => (name, "gauge"),
            MetricType::HISTOGRAM => (name, "histogram"),
            // OpenTelemetry has no such instrument.
            MetricType::SUMMARY | MetricType::UNTYPED => return,
        };
        self.head(family_name, kind, family.help());
        for metric in family.get_metric() {
            let kept = exemplars.of(name, metric);
            match family.get_field_type() {
                MetricType::HISTOGRAM => self.histogram(name, metric, kept),
                MetricType::COUNTER => {
                    let exemplar = kept.first().copied().flatten().filter(|_| kind == "counter");
                    self.sample(name, "", metric, None, &Value(metric.get_counter().get_value()), exemplar);
                }
                _ => self.sample(name, "", metric, None, &Value(metric.get_gauge().get_value()), None),
            }
        }
    }

    fn head(&mut self, family: &str, kind: &str, help: &str) {
        if !help.is_empty() {
            self.write(format_args!("# HELP {family} {}\n", escaped(help)));
        }
        self.write(format_args!("# TYPE {family} {kind}\n"));
        let unit = UNITS.iter().find(|unit| family.strip_suffix(**unit).is_some_and(|rest| rest.ends_with('_')));
        if let Some(unit) = unit {
            self.write(format_args!("# UNIT {family} {unit}\n"));
        }
    }

    fn histogram(&mut self, name: &str, metric: &Metric, exemplars: &[Option<Exemplar>]) {
        let histogram = metric.get_histogram();
        let count = histogram.get_sample_count();
        // The exporter leaves out the bucket above all bounds, which the format demands.
        let finite = histogram.get_bucket().iter().filter(|bucket| bucket.upper_bound().is_finite());
        let buckets = finite.map(|bucket| (bucket.upper_bound(), bucket.cumulative_count()));
        for (at, (bound, below)) in buckets.chain([(f64::INFINITY, count)]).enumerate() {
            let exemplar = exemplars.get(at).copied().flatten();
            self.sample(name, "_bucket", metric, Some(Bound(bound)), &below, exemplar);
        }
        self.sample(name, "_sum", metric, None, &Value(histogram.get_sample_sum()), None);
        self.sample(name, "_count", metric, None, &count, None);
    }

    fn sample(
        &mut self,
        name: &str,
        suffix: &str,
        metric: &Metric,
        bound: Option<Bound>,
        value: &dyn Display,
        exemplar: Option<Exemplar>,
    ) {
        self.write(format_args!("{name}{suffix}"));
        let mut separator = '{';
        for label in metric.get_label() {
            self.write(format_args!("{separator}{}=\"{}\"", label.name(), escaped(label.value())));
            separator = ',';
        }
        if let Some(bound) = bound {
            self.write(format_args!("{separator}le=\"{bound}\""));
            separator = ',';
        }
        if separator == ',' {
            self.0.push('}');
        }
        self.write(format_args!(" {value}"));
        if let Some(Exemplar { value, source: Source { trace_id, span_id, time } }) = exemplar {
            self.write(format_args!(
                " # {{trace_id=\"{trace_id}\",span_id=\"{span_id}\"}} {} {}",
                Value(value),
                Timestamp(time)
            ));
        }
        self.0.push('\n');
    }

    fn write(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.0.write_fmt(text);
    }
}

/// Help and label values alike, unlike in the text format: backslash, quote and end of line.
fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(['\\', '"', '\n']) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' => escaped.push_str("\\\\"),
            '"' => escaped.push_str("\\\""),
            '\n' => escaped.push_str("\\n"),
            other => escaped.push(other),
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use opentelemetry::{KeyValue, metrics::MeterProvider as _};
    use opentelemetry_sdk::{Resource, metrics::SdkMeterProvider};
    use prometheus::Registry;

    use super::render;
    use crate::telemetry::exemplars::Exemplars;

    /// What a page says of an instrument made and measured by `measure`, besides of the target.
    fn page(measure: impl FnOnce(&opentelemetry::metrics::Meter)) -> String {
        let registry = Registry::new();
        let exporter = opentelemetry_prometheus::exporter().with_registry(registry.clone()).scope_info_enabled(false);
        let resource = Resource::builder_empty().with_attribute(KeyValue::new("service.name", "a \"quoted\" name"));
        let meters =
            SdkMeterProvider::builder().with_resource(resource.build()).with_reader(exporter.build().unwrap()).build();
        measure(&meters.meter("test"));
        let text = render(&registry.gather(), &Exemplars::default().snapshot());
        let target = "# HELP target Target metadata\n# TYPE target info\n\
            target_info{service_name=\"a \\\"quoted\\\" name\"} 1\n";
        text.strip_prefix(target).unwrap().strip_suffix("# EOF\n").unwrap().to_owned()
    }

    #[test]
    fn a_counter_loses_its_suffix_in_its_family_and_keeps_it_in_its_sample() {
        let text = page(|meter| meter.u64_counter("requests").with_description("All of them.").build().add(3, &[]));

        assert_eq!(text, "# HELP requests All of them.\n# TYPE requests counter\nrequests_total 3\n");
    }

    #[test]
    fn a_unit_is_stated_where_the_name_ends_in_it() {
        let text = page(|meter| {
            meter.f64_counter("busy").with_unit("s").build().add(0.5, &[]);
            meter.u64_gauge("size").with_unit("By").build().record(7, &[]);
            meter.u64_gauge("queue").with_unit("{task}").build().record(1, &[]);
        });

        assert_eq!(
            text,
            "# TYPE busy_seconds counter\n# UNIT busy_seconds seconds\nbusy_seconds_total 0.5\n\
             # TYPE queue gauge\nqueue 1\n\
             # TYPE size_bytes gauge\n# UNIT size_bytes bytes\nsize_bytes 7\n"
        );
    }

    #[test]
    fn a_histogram_has_canonical_bounds_and_the_bucket_above_them() {
        let text = page(|meter| {
            let histogram = meter.f64_histogram("sizes").with_boundaries(vec![1.0, 1e6]).build();
            histogram.record(0.5, &[KeyValue::new("kind", "a")]);
            histogram.record(2e6, &[KeyValue::new("kind", "a")]);
        });

        assert_eq!(
            text,
            "# TYPE sizes histogram\n\
             sizes_bucket{kind=\"a\",le=\"1.0\"} 1\n\
             sizes_bucket{kind=\"a\",le=\"1e+06\"} 1\n\
             sizes_bucket{kind=\"a\",le=\"+Inf\"} 2\n\
             sizes_sum{kind=\"a\"} 2000000.5\n\
             sizes_count{kind=\"a\"} 2\n"
        );
    }

    #[test]
    fn help_and_labels_are_escaped() {
        let text = page(|meter| {
            let gauge = meter.u64_gauge("g").with_description("a \"b\" \\ c\nd").build();
            gauge.record(1, &[KeyValue::new("path", "C:\\new\n\"x\"")]);
        });

        assert_eq!(text, "# HELP g a \\\"b\\\" \\\\ c\\nd\n# TYPE g gauge\ng{path=\"C:\\\\new\\n\\\"x\\\"\"} 1\n");
    }
}
