//! What was asked for and found nothing to look at. Told last: most often something above is the reason.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        id: "run.check-found-nothing",
        title: "a check had nothing to check",
        meaning: "The contract asks for this check, and it examined nothing. Silence is not success: a check without a subject would stay green while the service stops emitting.",
        example: "check `logs`: asked for by `logs.correlated`, examined 0 records",
        remedy: "If the signal should be there, find out why it is not (disabled exporter, wrong scrape path). If it should not, remove the part of the contract that asks for it.",
    },
    Entry {
        id: "contract.unused",
        title: "a part of the contract matched nothing",
        meaning: "A trace shape, span rule, metric rule, label or selector of the contract met nothing in the whole run. It protects nothing, mostly because a name was changed on one side only.",
        example: "spans:\n  rag.re_rank: {kind: internal}     # the service calls it rag.rerank",
        remedy: "Correct the name, drive a scenario that makes it match, or remove it from the contract.",
    },
];
