//! Every standard sampler, at ratios 0, 0.1 and 1, for requests with no parent, a sampled and an unsampled one: exactly
//! the traces that the specification keeps are exported.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use otelgate_harness::capture::{Capture, Party};

use super::Tier;
use super::cell::scenarios;
use super::rule::{Parent, Tenths, keeps};

/// Requests of each kind in a cell. At 0.1 that many roots leave one kept and one dropped in nearly every run.
const ROOTS: usize = 30;

/// The name of the only scenario.
const NAME: &str = "sampled or not";

/// The first half of the next trace ids: each cell, and each parent in it, has its own, since cells may share a Jaeger.
static HALVES: AtomicU64 = AtomicU64::new(1);

/// Ids around the ratio's bound and at both ends, as far apart as the rounding of a ratio to a double allows to tell.
fn trace_ids(ratio: Tenths) -> Vec<String> {
    let bound = ratio.bound();
    let first_half = HALVES.fetch_add(1, Ordering::Relaxed);
    let numbers = [1, bound.saturating_sub(1024), bound.saturating_add(1024).min((1 << 63) - 1), (1 << 63) - 1];
    let distinct: BTreeSet<u64> = numbers.into_iter().filter(|number| *number > 0).collect();
    distinct.into_iter().map(|number| format!("{first_half:016x}{:016x}", number << 1)).collect()
}

/// Asks whether the service is ready: it asks Qdrant, which notes the trace it was asked in, kept or not.
fn requests(ratio: Tenths) -> (String, BTreeMap<String, Parent>) {
    let mut sent = BTreeMap::new();
    let mut yaml = format!("- scenario: {NAME}\n  requests:\n");
    for parent in [Parent::Sampled, Parent::Unsampled] {
        let flags = u8::from(parent == Parent::Sampled);
        for id in trace_ids(ratio) {
            let header = format!("traceparent: 00-{id}-00f067aa0ba902b7-0{flags}");
            writeln!(yaml, "  - {{request: GET /ready, trace: none, headers: {{{header}}}, expect: {{status: 200}}}}")
                .unwrap();
            sent.insert(id, parent);
        }
    }
    for _ in 0..ROOTS {
        yaml.push_str("  - {request: GET /ready, trace: none, expect: {status: 200}}\n");
    }
    (yaml, sent)
}

/// The traces that Qdrant was asked in, and whether the service said they are sampled.
fn asked(capture: &Capture) -> BTreeMap<String, bool> {
    let headers = capture
        .exchanges
        .iter()
        .filter(|exchange| exchange.by == Party::Qdrant)
        .filter_map(|exchange| exchange.request_headers.get("traceparent"));
    headers.map(|header| (header[3..35].to_owned(), header.ends_with("-01"))).collect()
}

/// The traces of the requests that asked whether the service is ready before the scenario.
fn probes(capture: &Capture) -> BTreeSet<String> {
    let probes = capture.exchanges.iter().filter(|exchange| exchange.by == Party::Driver && exchange.scenario != NAME);
    probes.filter_map(|probe| Some(probe.request_headers.get("traceparent")?[3..35].to_owned())).collect()
}

async fn exactly_the_traces_of_the_rule_are_kept(tier: &Tier, sampler: &str, ratio: Tenths) {
    let (yaml, sent) = requests(ratio);
    let settings = [("OTEL_TRACES_SAMPLER", sampler), ("OTEL_TRACES_SAMPLER_ARG", &ratio.text())];

    let seen = tier.drive(&settings, &scenarios(&yaml)).await;

    let probes = probes(&seen.capture);
    let parent = |id: &str| match sent.get(id) {
        Some(parent) => *parent,
        None if probes.contains(id) => Parent::Unsampled,
        None => Parent::None,
    };
    let asked = asked(&seen.capture);
    let roots = asked.keys().filter(|id| parent(id) == Parent::None).count();
    assert_eq!(roots, ROOTS, "{sampler} {ratio:?}: each request without a parent has a trace of its own");
    assert!(sent.keys().all(|id| asked.contains_key(id)), "{sampler} {ratio:?}: a trace was not continued");
    let wanted: BTreeSet<String> = asked.keys().filter(|id| keeps(sampler, ratio, parent(id), id)).cloned().collect();
    let said: BTreeSet<String> = asked.iter().filter(|(_, sampled)| **sampled).map(|(id, _)| id.clone()).collect();
    let kept: BTreeSet<String> = seen.capture.spans.iter().map(|span| span.trace_id.to_string()).collect();
    assert_eq!(kept, wanted, "{sampler} {ratio:?}: the traces exported");
    assert_eq!(said, wanted, "{sampler} {ratio:?}: the traces said to be sampled when Qdrant was asked");
    // A kept trace is kept whole: the request, and each of the two calls in it.
    assert_eq!(seen.capture.spans.len(), 3 * wanted.len(), "{sampler} {ratio:?}: the spans exported");
}

/// `parentbased_traceidratio`, at every ratio.
pub(crate) async fn a_ratio_of_roots_keeps_exactly_the_traces_of_the_rule(tier: &Tier) {
    for tenths in [0, 1, 10] {
        exactly_the_traces_of_the_rule_are_kept(tier, "parentbased_traceidratio", Tenths(tenths)).await;
    }
}

/// `traceidratio`, at every ratio.
pub(crate) async fn a_ratio_of_all_keeps_exactly_the_traces_of_the_rule(tier: &Tier) {
    for tenths in [0, 1, 10] {
        exactly_the_traces_of_the_rule_are_kept(tier, "traceidratio", Tenths(tenths)).await;
    }
}

/// The others.
pub(crate) async fn samplers_without_a_ratio_keep_exactly_the_traces_of_the_rule(tier: &Tier) {
    for sampler in ["always_on", "always_off", "parentbased_always_on", "parentbased_always_off"] {
        // A ratio that says the opposite, which they must not heed.
        let ratio = Tenths(if sampler.ends_with("_on") { 0 } else { 10 });
        exactly_the_traces_of_the_rule_are_kept(tier, sampler, ratio).await;
    }
}

#[tokio::test]
async fn a_ratio_of_roots_keeps_exactly_the_traces_of_the_rule_embedded() {
    a_ratio_of_roots_keeps_exactly_the_traces_of_the_rule(&Tier::default()).await;
}

#[tokio::test]
async fn a_ratio_of_all_keeps_exactly_the_traces_of_the_rule_embedded() {
    a_ratio_of_all_keeps_exactly_the_traces_of_the_rule(&Tier::default()).await;
}

#[tokio::test]
async fn samplers_without_a_ratio_keep_exactly_the_traces_of_the_rule_embedded() {
    samplers_without_a_ratio_keep_exactly_the_traces_of_the_rule(&Tier::default()).await;
}
