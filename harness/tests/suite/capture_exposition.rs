//! Exposition text as metric families.

use otelgate_harness::capture::exposition::parse;
use otelgate_harness::capture::{Family, HistogramPoint, MetricKind, PointValue, SpanId, TraceId, Value};
use proptest::prelude::*;

fn families(text: &str) -> Vec<Family> {
    parse(text).unwrap_or_else(|error| panic!("{error}"))
}

fn error(text: &str) -> String {
    parse(text).expect_err(text).to_string()
}

#[test]
fn a_counter_keeps_its_total_in_both_formats() {
    let classic = families("# HELP a_total Things\\nseen.\n# TYPE a_total counter\na_total{k=\"v\"} 3 1700000000123\n");
    let open = families(
        "# TYPE a counter\n# HELP a Things\\nseen.\na_total{k=\"v\"} 3 1700000000.123\na_created{k=\"v\"} 1600000000.5\n# EOF\n",
    );

    for families in [&classic, &open] {
        assert_eq!(families.len(), 1);
        let family = &families[0];
        assert_eq!((&*family.name, &*family.help, family.kind), ("a_total", "Things\nseen.", MetricKind::Counter));
        assert_eq!(family.points.len(), 1);
        assert_eq!(family.points[0].value, PointValue::Number(3.0));
        assert_eq!(family.points[0].time, 1_700_000_000_123_000_000);
        assert_eq!(family.points[0].labels.str("k"), Some("v"));
    }
    assert_eq!(classic[0].points[0].start, 0);
    assert_eq!(open[0].points[0].start, 1_600_000_000_500_000_000);
}

#[test]
fn labels_hold_what_routes_and_urls_hold() {
    let families = families(r#"requests{route="/topics/{id}",url="http://h/?a=1,b=2#x",odd=" \"q\" \\ \n ",} 1"#);

    let labels = &families[0].points[0].labels;
    assert_eq!(labels.str("route"), Some("/topics/{id}"));
    assert_eq!(labels.str("url"), Some("http://h/?a=1,b=2#x"));
    assert_eq!(labels.str("odd"), Some(" \"q\" \\ \n "));
    assert_eq!(families[0].kind, MetricKind::Unknown);
}

#[test]
fn a_histogram_is_assembled_and_no_longer_cumulative() {
    let text = "\
# TYPE d_seconds histogram
d_seconds_bucket{le=\"0.5\",r=\"a\"} 2
d_seconds_bucket{r=\"a\",le=\"0.1\"} 1
d_seconds_bucket{r=\"a\",le=\"+Inf\"} 4
d_seconds_sum{r=\"a\"} 3.5
d_seconds_count{r=\"a\"} 4
d_seconds_bucket{r=\"b\",le=\"+Inf\"} 0
d_seconds_count{r=\"b\"} 0
";

    let families = families(text);

    assert_eq!(families.len(), 1);
    let family = &families[0];
    assert_eq!((&*family.name, &*family.unit, family.kind), ("d_seconds", "s", MetricKind::Histogram));
    let wanted = HistogramPoint {
        count: 4,
        sum: Some(3.5),
        bounds: vec![0.1, 0.5],
        counts: vec![1, 1, 2],
        ..HistogramPoint::default()
    };
    assert_eq!(family.points[0].value, PointValue::Histogram(wanted));
    assert_eq!(family.points[0].labels.len(), 1);
    let empty = HistogramPoint { counts: vec![0], ..HistogramPoint::default() };
    assert_eq!(family.points[1].value, PointValue::Histogram(empty));
}

#[test]
fn the_count_stands_for_a_missing_infinite_bucket() {
    let families = families("# TYPE d histogram\nd_bucket{le=\"1\"} 2\nd_count 5\n");

    let PointValue::Histogram(point) = &families[0].points[0].value else { panic!("{families:?}") };
    assert_eq!((point.counts.as_slice(), point.count), ([2, 3].as_slice(), 5));
}

#[test]
fn exemplars_carry_their_trace() {
    let text = "\
# TYPE d histogram
d_bucket{le=\"1\"} 1 # {trace_id=\"5b8efff798038103d269b633813fc60c\",span_id=\"eee19b7ec3c1b174\",user=\"x\"} 0.7 1700000000.25
d_bucket{le=\"+Inf\"} 1
# TYPE c counter
c_total 1 # {traceID=\"short\"} 1
# EOF
";

    let families = families(text);

    let exemplar = &families[0].points[0].exemplars[0];
    assert_eq!(exemplar.trace_id, TraceId::from_hex("5b8efff798038103d269b633813fc60c"));
    assert_eq!(exemplar.span_id, SpanId::from_hex("eee19b7ec3c1b174"));
    assert_eq!((exemplar.value, exemplar.time), (0.7, 1_700_000_000_250_000_000));
    assert_eq!(exemplar.labels.str("user"), Some("x"));
    assert_eq!(exemplar.labels.len(), 1);
    let odd = &families[1].points[0].exemplars[0];
    assert_eq!((odd.trace_id, odd.labels.str("traceID")), (None, Some("short")));
}

#[test]
fn a_summary_has_its_quantiles() {
    let text = "# TYPE s summary\ns{quantile=\"0.5\"} NaN\ns{quantile=\"0.99\"} 7\ns_sum 9\ns_count 3\n";

    let families = families(text);

    let PointValue::Summary { count, sum, quantiles } = &families[0].points[0].value else { panic!("{families:?}") };
    assert_eq!((*count, *sum, quantiles.len()), (3, 9.0, 2));
    assert!(quantiles[0].1.is_nan());
    assert_eq!(quantiles[1], (0.99, 7.0));
}

#[test]
fn units_come_from_the_unit_line_or_the_suffix() {
    let text = "# TYPE a gauge\n# UNIT a furlongs\na 1\n# UNIT b_seconds seconds\nb_seconds 1\nc_bytes 1\nd 1\n";

    let units: Vec<String> = families(text).iter().map(|family| family.unit.to_string()).collect();

    assert_eq!(units, ["furlongs", "s", "By", ""]);
}

#[test]
fn a_suffix_without_its_type_is_a_name_like_any_other() {
    let families = families("# TYPE queue gauge\nqueue 1\nqueue_count 2\njobs_created 3\nx_bucket{le=\"1\"} 4\n");

    let names: Vec<&str> = families.iter().map(|family| &*family.name).collect();
    assert_eq!(names, ["queue", "queue_count", "jobs_created", "x_bucket"]);
    assert_eq!(families[3].points[0].labels.get("le"), Some(&Value::from("1")));
}

#[test]
fn quoted_names_are_read() {
    let families = families("# TYPE \"http.requests\" counter\n{\"http.requests\",\"a.b\"=\"c\"} 5\n");

    assert_eq!((&*families[0].name, families[0].kind), ("http.requests", MetricKind::Counter));
    assert_eq!(families[0].points[0].labels.str("a.b"), Some("c"));
}

#[test]
fn a_metric_without_samples_is_kept() {
    let families = families("# HELP a Nothing yet.\n# TYPE a gauge\n");

    assert_eq!((families.len(), families[0].points.len()), (1, 0));
}

#[test]
fn a_bad_line_is_named_with_its_text() {
    let cases = [
        ("ok 1\nwtf", "line 2: a sample without a value: `wtf`"),
        ("a b", "line 1: \"b\" is not a number: `a b`"),
        ("a 1 2 3", "line 1: \"3\" after the sample's time: `a 1 2 3`"),
        ("a{b=\"c\" 1", "line 1: neither `,` nor `}` after a label"),
        ("a{b=c} 1", "line 1: no `\"` where a label value has to begin"),
        ("a{b=\"c} 1", "line 1: a `\"` that is never closed"),
        ("a{b=\"\\x\"} 1", "line 1: `\\x` is not an escape"),
        ("a{b=\"1\",b=\"2\"} 1", "line 1: the label \"b\" twice"),
        ("{} 1", "line 1: a sample without a name"),
        ("9a 1", "line 1: no metric name where one has to be"),
        ("# TYPE a cuonter\na 1", "line 1: \"cuonter\" is not a metric type"),
        ("# TYPE a gauge\n# TYPE a gauge", "line 2: a second TYPE"),
        ("a 1\n# TYPE a gauge", "line 2: a TYPE after samples"),
        ("# TYPE h histogram\nh_bucket 1", "line 2: no label le"),
        ("# TYPE h histogram\nh_bucket{le=\"1\"} 1", "line 2: a histogram with neither"),
        ("# TYPE h histogram\nh_bucket{le=\"1\"} 5\nh_bucket{le=\"+Inf\"} 4", "line 2: the bucket up to inf holds 4"),
        ("# TYPE h histogram\nh_bucket{le=\"1\"} 5\nh_bucket{le=\"1.0\"} 5", "line 3: le 1 twice"),
        ("# TYPE h histogram\nh_count 1.5", "line 2: 1.5 is not a number of observations"),
        ("a_total 1\n# EOF\nb 1", "line 3: text after `# EOF`"),
    ];

    for (text, wanted) in cases {
        let error = error(text);
        assert!(error.starts_with(wanted), "{text:?}: {error}");
    }
}

#[test]
fn a_long_bad_line_is_cut() {
    let error = error(&"é".repeat(10_000));

    assert!(error.len() < 400, "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn no_text_makes_it_panic(text in prop_oneof![
        any::<String>(),
        "([a-c_]{1,3}(_total|_bucket|_sum|_count|_created)?(\\{((le|quantile|x)=\"[0-9.+Inf\\\\\"]{0,4}\",?){0,3}\\})? [0-9.eNaInf+-]{1,5}( [0-9]{1,3})?( # \\{[a-z=\",]{0,6}\\} 1)?\n|# (TYPE|HELP|UNIT) [a-c]{1,2} (counter|gauge|histogram|summary|x)\n|# EOF\n){0,12}",
    ]) {
        if let Err(error) = parse(&text) {
            let lines = text.split('\n').count();
            prop_assert!((1..=lines).contains(&error.line), "{error}");
        }
    }

    /// Simple text, the kind that `prometheus-parse` reads too, means the same to both.
    #[test]
    fn prometheus_parse_reads_the_same_samples(samples in prop::collection::btree_map("[a-z]{1,6}", (-1000_i32..1000, "[a-z0-9/]{1,5}"), 1..9)) {
        let lines: Vec<String> =
            samples.iter().map(|(name, (value, label))| format!("{name}{{l=\"{label}\"}} {value}")).collect();
        let text = lines.join("\n");

        let ours = parse(&text).unwrap();
        let theirs = prometheus_parse::Scrape::parse(text.lines().map(|line| Ok(line.to_owned()))).unwrap();

        prop_assert_eq!(ours.len(), theirs.samples.len());
        for (family, sample) in ours.iter().zip(&theirs.samples) {
            prop_assert_eq!(&*family.name, sample.metric.as_str());
            prop_assert_eq!(family.points[0].labels.str("l"), sample.labels.get("l"));
            let prometheus_parse::Value::Untyped(value) = sample.value else { panic!("{sample:?}") };
            prop_assert_eq!(&family.points[0].value, &PointValue::Number(value));
        }
    }
}
