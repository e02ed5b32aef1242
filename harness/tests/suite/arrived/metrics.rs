//! Metrics, series and samples of the metric store.

use super::{alone, metrics, planted, series, told};

const DURATION: &str = "rag_query_duration_seconds";
const COUNT: &[(&str, &str)] = &[("__name__", "rag_query_duration_seconds_count"), ("cache_hit", "false")];
const MISSES: &str = "rag_embedding_cache_misses_total";

#[test]
fn a_metric_that_relabelling_dropped_is_told_with_the_nearest() {
    let findings = planted(|capture| metrics(capture).series.retain(|series| series.name() != MISSES));

    let finding = alone(&findings, "arrival.metric-missing", MISSES);
    assert!(finding.found.contains("rag_embedding_cache_hits_total"), "{}", finding.found);
}

#[test]
fn a_metric_renamed_on_the_way_is_missing_and_extra() {
    let findings = planted(|capture| {
        let series = series(capture, &[("__name__", MISSES)]);
        series.labels.insert("__name__".to_owned(), "rag_cache_misses_total".to_owned());
    });

    let wanted = [("arrival.metric-missing", MISSES), ("arrival.series-extra", "rag_cache_misses_total")];
    assert_eq!(told(&findings), wanted);
}

#[test]
fn a_metric_of_another_type_is_told() {
    let findings = planted(|capture| {
        metrics(capture).metadata.get_mut(DURATION).expect("metadata").kind = "gauge".to_owned();
    });

    let finding = alone(&findings, "arrival.metric-type", DURATION);
    assert_eq!((finding.wanted.as_str(), finding.found.as_str()), ("histogram", "gauge"));
}

#[test]
fn a_metric_of_another_unit_is_told() {
    let unit = |unit: &str| {
        planted(|capture| metrics(capture).metadata.get_mut(DURATION).expect("metadata").unit = unit.to_owned())
    };

    assert_eq!(told(&unit("seconds")), []);
    assert_eq!(alone(&unit("bytes"), "arrival.metric-unit", DURATION).found, "\"bytes\"");
}

#[test]
fn a_series_that_was_dropped_is_told() {
    let findings = planted(|capture| {
        metrics(capture).series.retain(|series| {
            series.name() != "rag_query_errors_total" || series.labels.get("stage").is_none_or(|stage| stage != "llm")
        });
    });

    let finding = alone(&findings, "arrival.series-missing", "rag_query_errors_total");
    assert_eq!(finding.found, "lacks rag_query_errors_total{stage=\"llm\"}");
}

#[test]
fn a_dropped_bucket_is_told_with_those_that_are_left() {
    let without = |bound: &str| {
        planted(|capture| {
            metrics(capture).series.retain(|series| {
                !series.name().starts_with("rag_vector_search_results_bucket")
                    || series.labels.get("le").is_none_or(|le| le != bound)
            });
        })
    };

    let ten = without("10.0");
    let infinity = without("+Inf");

    let finding = alone(&ten, "arrival.buckets", "rag_vector_search_results");
    assert!(
        finding.found.starts_with("lacks rag_vector_search_results_bucket{le=\"10\"}; has le = "),
        "{}",
        finding.found
    );
    assert!(alone(&infinity, "arrival.buckets", "rag_vector_search_results").found.contains("le=\"inf\""));
}

#[test]
fn a_series_that_was_never_exposed_is_told() {
    let findings = planted(|capture| {
        let mut extra = series(capture, &[("__name__", MISSES)]).clone();
        extra.labels.insert("pod".to_owned(), "b".to_owned());
        metrics(capture).series.push(extra);
    });

    assert_eq!(alone(&findings, "arrival.series-extra", MISSES).found, format!("{MISSES}{{pod=\"b\"}}"));
}

#[test]
fn a_last_sample_of_another_number_is_told() {
    let findings = planted(|capture| {
        series(capture, COUNT).samples.last_mut().expect("samples").value += 1.0;
        // What the store computes follows its samples.
        metrics(capture).increases.clear();
    });

    let finding = alone(&findings, "arrival.value", DURATION);
    assert_eq!(
        (finding.wanted.as_str(), finding.found.as_str()),
        ("3, which the service exposed before and after", "4")
    );
}

#[test]
fn a_number_that_moves_by_itself_has_to_lie_between_two_scrapes() {
    let with = |change: f64| {
        planted(|capture| {
            let cpu = series(capture, &[("__name__", "process_cpu_seconds_total")]);
            cpu.samples.last_mut().expect("samples").value += change;
            metrics(capture).increases.clear();
        })
    };

    assert_eq!(told(&with(0.0)), []);
    assert_eq!(told(&with(100.0)), [("arrival.value", "process_cpu_seconds_total")]);
}

#[test]
fn a_counter_that_fell_and_rose_again_is_a_reset() {
    let findings = planted(|capture| {
        let samples = &mut series(capture, COUNT).samples;
        let last = samples.len() - 1;
        samples[last - 2].value = 3.0;
        samples[last - 1].value = 0.0;
        metrics(capture).increases.clear();
    });

    assert_eq!(alone(&findings, "arrival.counter-reset", DURATION).found, "3, then 0");
}

#[test]
fn an_increase_outside_of_what_extrapolation_may_add_is_told() {
    let times = |factor: f64| {
        planted(|capture| {
            let name = "rag_query_duration_seconds_count";
            let is_it = |labels: &std::collections::BTreeMap<String, String>| {
                labels.get("__name__").is_some_and(|it| it == name)
                    && labels.get("cache_hit").is_some_and(|hit| hit == "false")
            };
            let increase = metrics(capture).increases.iter_mut().find(|increase| is_it(&increase.labels));
            increase.expect("an increase").value *= factor;
        })
    };

    assert_eq!(told(&times(1.0)), []);
    for factor in [0.5, 2.0] {
        let finding = alone(&times(factor), "arrival.increase", "rag_query_duration_seconds_count");
        // The first of the three samples was 1 already.
        assert_eq!(finding.wanted, "between 2 and 4.2, over 3 samples");
    }
}

#[test]
fn a_store_that_scraped_nothing_after_the_last_request_is_told() {
    let findings = planted(|capture| {
        let ended = capture.exchanges.iter().map(|exchange| exchange.end).max().expect("requests");
        for series in &mut metrics(capture).series {
            series.samples.retain(|sample| sample.time < ended);
        }
    });

    let stale: Vec<_> = findings.iter().filter(|finding| finding.id == "arrival.stale").collect();
    assert_eq!(stale.len(), 1, "{findings:#?}");
    assert!(stale[0].found.ends_with(" s before that"), "{}", stale[0].found);
}

#[test]
fn without_a_scrape_of_our_own_after_the_store_s_there_is_nothing_to_compare() {
    let findings = planted(|capture| {
        capture.scrapes.pop();
        metrics(capture).increases.clear();
    });

    alone(&findings, "run.check-found-nothing", "arrived_samples");
}
