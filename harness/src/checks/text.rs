//! Small questions about text that several checks ask.

use std::borrow::Cow;

/// Longest text, in characters, that a finding quotes whole.
const QUOTED: usize = 160;

/// Candidates less alike than this are no help: 0 for nothing in common, 1 for equal.
const ALIKE: f64 = 0.5;

/// Whether `text` is `pattern`, in which `*` stands for any characters, none included.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let Some((head, mut rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(head) else { return false };
    while let Some((middle, after)) = rest.split_once('*') {
        // The first occurrence is as good as any: what follows it can only be longer.
        let Some(at) = text.find(middle) else { return false };
        text = &text[at + middle.len()..];
        rest = after;
    }
    text.ends_with(rest)
}

/// The candidates most like `name`, best first, three at most.
pub(crate) fn nearest<'n>(name: &str, candidates: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
    let mut ranked: Vec<(f64, &str)> = candidates
        .into_iter()
        .map(|candidate| (strsim::normalized_damerau_levenshtein(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .collect();
    ranked.sort_by(|(left, a), (right, b)| right.total_cmp(left).then(a.cmp(b)));
    ranked.dedup_by(|(_, a), (_, b)| a == b);
    ranked.truncate(3);
    ranked.into_iter().map(|(_, candidate)| candidate).collect()
}

/// `nothing like it`, or the candidates most like `name`.
pub(crate) fn nothing_but<'n>(name: &str, candidates: impl IntoIterator<Item = &'n str>) -> String {
    let near = nearest(name, candidates);
    if near.is_empty() { "nothing like it".to_owned() } else { format!("nearest: {}", near.join(", ")) }
}

/// `text`, cut where it grows too long for a report.
pub(super) fn quoted(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(QUOTED) {
        None => Cow::Borrowed(text),
        Some((end, _)) => Cow::Owned(format!("{}… ({} bytes)", &text[..end], text.len())),
    }
}

/// `text` without what differs from run to run: words with digits in them become `#`. For subjects.
pub(super) fn stable(text: &str) -> String {
    let mut out = String::new();
    for (index, word) in text.split_whitespace().enumerate() {
        if index > 0 {
            out.push(' ');
        }
        out.push_str(if word.contains(|letter: char| letter.is_ascii_digit()) { "#" } else { word });
        if out.len() > QUOTED {
            out.push('…');
            break;
        }
    }
    out
}
