//! Whether the metric store has the same series as the service exposes: none lost, no bucket, and none more.

use std::collections::{BTreeMap, BTreeSet};

use super::flat::{Key, flat};
use super::stored;
use crate::checks::{Check, Index, text};
use crate::contract::Contract;
use crate::finding::{Finding, Place, Signal};

pub(super) const CHECK: Check = Check {
    name: "arrived_series",
    about: "the metric store has every series exposed, and no other",
    unit: "series",
    wanted: |capture, contract| stored::of_target(capture).is_some() && !contract.metrics.is_empty(),
    run,
};

/// Series or buckets that one finding names.
const NAMED: usize = 4;

fn run(index: &Index<'_>, _: &Contract, findings: &mut Vec<Finding>) -> u64 {
    let Some((metrics, target)) = stored::of_target(index.capture) else { return 0 };
    let scrapes = stored::scrapes(index.capture);
    let arrived = stored::series(metrics, target);
    let newest = stored::last_scrape(metrics);
    // What was exposed before the store's last look: what came later it cannot have.
    let before = scrapes.iter().rev().find(|scrape| scrape.time <= newest).or(scrapes.first());
    let exposed = before.map(|scrape| flat(scrape)).unwrap_or_default();
    let names: BTreeSet<&str> = arrived.keys().map(|key| key.name.as_str()).collect();

    let mut lost: BTreeMap<&str, Vec<&Key>> = BTreeMap::new();
    for (key, sample) in &exposed {
        // A metric that is not there at all is another finding.
        if !arrived.contains_key(key) && names.contains(key.name.as_str()) {
            lost.entry(&sample.family.name).or_default().push(key);
        }
    }
    for (name, keys) in &lost {
        let buckets_only = keys.iter().all(|key| key.bound().is_some());
        findings.push(if buckets_only { buckets(name, keys, &arrived) } else { missing(name, keys) });
    }

    let ever: BTreeSet<Key> = scrapes.iter().flat_map(|scrape| flat(scrape).into_keys()).collect();
    let mut extra: BTreeMap<&str, Vec<&Key>> = BTreeMap::new();
    for (key, series) in &arrived {
        // Native histograms are exposed whole, and have no flat sample to compare with.
        if !ever.contains(key) && !series.samples.is_empty() {
            extra.entry(&key.name).or_default().push(key);
        }
    }
    findings.extend(extra.iter().map(|(name, keys)| more(name, keys)));
    exposed.len() as u64
}

fn finding(id: &'static str, name: &str, message: String) -> Finding {
    Finding::violation(id, Signal::Metric, name, message).at(Place { path: name.to_owned(), ..Place::default() })
}

fn list(keys: &[&Key]) -> String {
    let mut named: Vec<String> = keys.iter().take(NAMED).map(ToString::to_string).collect();
    if keys.len() > NAMED {
        named.push(format!("and {} more", keys.len() - NAMED));
    }
    text::quoted(&named.join("; ")).into_owned()
}

fn missing(name: &str, keys: &[&Key]) -> Finding {
    finding("arrival.series-missing", name, format!("{} series of the metric are not in the metric store", keys.len()))
        .wanted("every series that the service exposes")
        .found(format!("lacks {}", list(keys)))
        .hint("look for relabelling that drops or merges them, and for `sample_limit` and `label_limit`")
}

fn buckets(name: &str, keys: &[&Key], arrived: &BTreeMap<Key, &crate::capture::arrived::StoredSeries>) -> Finding {
    let of = keys[0].without_bound();
    let kept: Vec<&str> =
        arrived.keys().filter(|key| key.without_bound() == of).filter_map(|key| key.bound()).collect();
    finding("arrival.buckets", name, format!("{} buckets of the histogram are not in the metric store", keys.len()))
        .wanted("every bucket that the service exposes, `+Inf` among them")
        .found(format!("lacks {}; has le = {}", list(keys), kept.join(", ")))
        .hint("look for relabelling on `le`: `histogram_quantile` over fewer buckets gives other numbers, silently")
}

fn more(name: &str, keys: &[&Key]) -> Finding {
    finding(
        "arrival.series-extra",
        name,
        format!("the metric store has {} series that the service never exposed", keys.len()),
    )
    .wanted("only series that the service exposes")
    .found(list(keys))
    .hint("a second target has the same job and instance, or relabelling rewrites labels")
}
