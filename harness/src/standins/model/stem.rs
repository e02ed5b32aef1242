//! Words as they are compared: lower case, without their endings.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

/// Words that say nothing about the matter.
static STOP: LazyLock<FxHashSet<&'static str>> =
    LazyLock::new(|| include_str!("stop_words.txt").split_whitespace().collect());

/// Whether a word, in lower case and not stemmed, says nothing about the matter.
pub(super) fn is_stop_word(word: &str) -> bool {
    STOP.contains(word)
}

/// Cuts the commonest English endings off a lower-case word, so that `retries`, `retried` and `retry` are one.
/// Light on purpose: taking too little off splits a word in two, taking too much joins two words.
pub(super) fn stem(word: &str) -> String {
    let mut stem = plural(word);
    for (ending, replacement, shortest) in ENDINGS {
        if let Some(rest) = stem.strip_suffix(ending)
            && rest.len() >= *shortest
            && rest.contains(['a', 'e', 'i', 'o', 'u', 'y'])
        {
            let mut rest = rest.to_owned();
            if replacement.is_empty() {
                undouble(&mut rest);
            }
            rest.push_str(replacement);
            stem = rest;
            break;
        }
    }
    // `cache`, `cached` and `caching` differ in an `e` by now.
    if stem.len() > 3 && stem.ends_with('e') {
        stem.pop();
    }
    if stem.len() > 3 && stem.ends_with('y') {
        stem.pop();
        stem.push('i');
    }
    stem
}

/// Ending, what takes its place, and how much of the word must be left. The first that fits is taken.
const ENDINGS: &[(&str, &str, usize)] = &[
    ("ization", "iz", 3),
    ("isation", "iz", 3),
    ("ability", "abl", 3),
    ("ations", "at", 3),
    ("ation", "at", 3),
    ("ments", "", 4),
    ("ment", "", 4),
    ("ness", "", 3),
    ("ings", "", 3),
    ("ing", "", 3),
    ("ied", "y", 2),
    ("edly", "", 3),
    ("ed", "", 3),
    ("ally", "al", 3),
    ("ly", "", 4),
    ("ers", "", 4),
    ("er", "", 4),
    ("ors", "", 4),
    ("or", "", 4),
    ("ions", "", 4),
    ("ion", "", 4),
];

fn plural(word: &str) -> String {
    if let Some(rest) = word.strip_suffix("ies")
        && rest.len() >= 2
    {
        return format!("{rest}y");
    }
    for ending in ["sses", "xes", "ches", "shes"] {
        if word.ends_with(ending) && word.len() > 5 {
            return word[..word.len() - 2].to_owned();
        }
    }
    let keeps = ["ss", "us", "is"].iter().any(|ending| word.ends_with(ending));
    match word.strip_suffix('s') {
        Some(rest) if rest.len() >= 3 && !keeps => rest.to_owned(),
        _ => word.to_owned(),
    }
}

/// `dropp` is `drop`, but `call` stays.
fn undouble(stem: &mut String) {
    let bytes = stem.as_bytes();
    if let [.., before, last] = bytes
        && before == last
        && !matches!(last, b'l' | b's' | b'z' | b'a' | b'e' | b'i' | b'o' | b'u')
    {
        stem.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_words_are_told_from_others() {
        assert!(is_stop_word("the") && !is_stop_word("span"));
    }

    #[test]
    fn forms_of_a_word_are_one() {
        for forms in [
            ["retry", "retries", "retried", "retrying"],
            ["cache", "caches", "cached", "caching"],
            ["drop", "drops", "dropped", "dropping"],
            ["sample", "samples", "sampled", "sampling"],
            ["deploy", "deploys", "deployed", "deployment"],
            ["collect", "collects", "collector", "collectors"],
        ] {
            let stems = forms.map(stem);
            assert!(stems.iter().all(|other| *other == stems[0]), "{forms:?} became {stems:?}");
        }
    }

    #[test]
    fn short_words_are_left_alone() {
        for word in ["log", "bus", "ping", "red", "p95", "5xx"] {
            assert_eq!(stem(word), word);
        }
    }
}
