//! Numbers that must agree across signals.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        id: "relation.broken",
        title: "numbers that must agree do not",
        meaning: "The contract relates counts of different signals: requests driven, root spans, a histogram's count, tokens the model sent. One of them is wrong, and each looks right alone.",
        example: "requests = 57\nspans POST /api/rag = 57\nrag_query_duration_seconds count = 58     <- recorded twice once",
        remedy: "The odd number out is the suspect. Usual causes: recorded on one path only, recorded twice, unsampled requests left out on one side.",
    },
    Entry {
        id: "relation.zero",
        title: "a relation held because all numbers are zero",
        meaning: "Zero equals zero. Nothing was related to nothing, and the relation would hold for a service that is switched off.",
        example: "cache hits: spans = 0, rag_embedding_cache_hits_total = 0",
        remedy: "Drive a scenario that makes the numbers grow, correct the selectors, or write `may-be-zero: true` if zero is an outcome of this run.",
    },
];
