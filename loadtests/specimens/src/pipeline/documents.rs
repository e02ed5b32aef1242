//! The documents: made up, the same in every process.

/// How many documents there are. The search goes through all of them, which is most of what a request costs.
pub(super) const DOCUMENTS: usize = 2048;
/// Words of one document.
const DOCUMENT_WORDS: usize = 40;

const WORDS: [&str; 48] = [
    "trace",
    "span",
    "parent",
    "root",
    "context",
    "baggage",
    "header",
    "sampler",
    "ratio",
    "queue",
    "batch",
    "export",
    "collector",
    "receiver",
    "metric",
    "counter",
    "gauge",
    "histogram",
    "bucket",
    "exemplar",
    "label",
    "series",
    "query",
    "rate",
    "window",
    "alert",
    "budget",
    "latency",
    "error",
    "retry",
    "timeout",
    "deadline",
    "service",
    "request",
    "response",
    "route",
    "cache",
    "index",
    "vector",
    "embedding",
    "prompt",
    "model",
    "token",
    "answer",
    "document",
    "chunk",
    "rank",
    "score",
];

/// The text of document `number`.
pub(super) fn text(number: usize) -> String {
    words(number as u64, DOCUMENT_WORDS).collect::<Vec<_>>().join(" ")
}

/// So many words that depend on the seed alone.
pub(super) fn words(seed: u64, count: usize) -> impl Iterator<Item = &'static str> {
    (0..count as u64).map(move |place| {
        let dice = mix(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ place);
        WORDS[usize::try_from(dice % WORDS.len() as u64).unwrap_or(0)]
    })
}

/// The finaliser of splitmix64 (Steele, Lea, Flood 2014).
pub(super) fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
