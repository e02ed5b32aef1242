//! Makes one contract of several files.

use super::load::Source;
use super::{Contract, LogContract};

/// All of `sources` as one contract. That no name is given twice was checked before.
pub(super) fn merge(sources: Vec<Source>) -> Contract {
    let mut contracts = sources.into_iter().map(|source| source.value);
    let mut merged = contracts.next().unwrap_or_default();
    for contract in contracts {
        add(&mut merged, contract);
    }
    merged
}

fn add(merged: &mut Contract, contract: Contract) {
    // Taken apart by name, so that a new field cannot be forgotten here.
    let Contract {
        version: _,
        conventions,
        resource,
        spans,
        traces,
        scenarios,
        metrics,
        relations,
        facts,
        logs,
        never,
        waivers,
        // No file has any.
        dashboards: _,
    } = contract;
    for pack in conventions {
        if !merged.conventions.contains(&pack) {
            merged.conventions.push(pack);
        }
    }
    merged.resource.extend(resource);
    merged.spans.extend(spans);
    merged.traces.extend(traces);
    merged.scenarios.extend(scenarios);
    merged.metrics.extend(metrics);
    merged.relations.extend(relations);
    merged.facts.extend(facts);
    merged.never.extend(never);
    merged.waivers.extend(waivers);
    let LogContract { stdout_json, correlated, uncorrelated, both_channels, expect } = logs;
    merged.logs.stdout_json |= stdout_json;
    merged.logs.correlated |= correlated;
    merged.logs.both_channels |= both_channels;
    merged.logs.uncorrelated.extend(uncorrelated);
    merged.logs.expect.extend(expect);
}
