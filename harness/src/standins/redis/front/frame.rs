//! Replies as bytes: where each ends, and the little that is to be known about it. RESP2 and RESP3 alike.

use std::borrow::Cow;

/// What came is not RESP.
#[derive(Debug, thiserror::Error)]
#[error("sent what is not RESP: a reply that starts with {0:?}")]
pub(super) struct Garbled(String);

/// How long the first reply of `input` is; `None` if it is not all there.
pub(super) fn length(input: &[u8]) -> Result<Option<usize>, Garbled> {
    let garbled = |at: usize| {
        let shown = &input[at..input.len().min(at + 32)];
        Garbled(String::from_utf8_lossy(shown).into_owned())
    };
    let mut at = 0;
    // Values still to come; aggregates add theirs.
    let mut left = 1_u64;
    while left > 0 {
        let Some((kind, line, next)) = line(input, at) else {
            return match input.get(at) {
                Some(kind) if !KINDS.contains(kind) => Err(garbled(at)),
                _ => Ok(None),
            };
        };
        left -= 1;
        // `-1` is how RESP2 writes null.
        let count = || match line {
            b"-1" => Ok(0),
            digits => std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok()).ok_or_else(|| garbled(at)),
        };
        let mut body = 0;
        match kind {
            b'+' | b'-' | b':' | b'_' | b',' | b'#' | b'(' => {}
            b'$' | b'=' | b'!' if line == b"-1" => {}
            b'$' | b'=' | b'!' => body = usize::try_from(count()?).unwrap_or(usize::MAX).saturating_add(2),
            b'*' | b'~' | b'>' => left = left.saturating_add(count()?),
            b'%' => left = left.saturating_add(count()?.saturating_mul(2)),
            // Attributes come before the value they belong to.
            b'|' => left = left.saturating_add(count()?.saturating_mul(2)).saturating_add(1),
            _ => return Err(garbled(at)),
        }
        at = next.saturating_add(body);
        if input.len() < at {
            return Ok(None);
        }
    }
    Ok(Some(at))
}

const KINDS: &[u8] = b"+-:_,#($=!*~>%|";

/// The kind of the value at `at`, the rest of its line, and where the next line starts.
fn line(input: &[u8], at: usize) -> Option<(u8, &[u8], usize)> {
    let rest = input.get(at..)?;
    let end = memchr::memchr(b'\n', rest)?;
    let (kind, line) = rest[..end].split_first()?;
    Some((*kind, line.strip_suffix(b"\r").unwrap_or(line), at + end + 1))
}

/// One whole reply.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame<'a>(pub(super) &'a [u8]);

impl<'a> Frame<'a> {
    pub(super) fn kind(self) -> u8 {
        self.0.first().copied().unwrap_or_default()
    }

    /// The text of an error.
    pub(super) fn error(self) -> Option<Cow<'a, str>> {
        matches!(self.kind(), b'-' | b'!').then(|| String::from_utf8_lossy(self.text()))
    }

    /// How many values were found, in the reply to a GET or MGET.
    pub(super) fn hits(self) -> usize {
        match self.kind() {
            b'*' => self.elements().filter(|element| element.is_value()).count(),
            _ => usize::from(self.is_value()),
        }
    }

    /// A push of RESP3, or what looks like one in RESP2: the word it starts with, and the number it ends with.
    pub(super) fn push(self) -> Option<(&'a [u8], Option<u64>)> {
        if !matches!(self.kind(), b'>' | b'*') {
            return None;
        }
        let word = self.elements().next().filter(|element| element.is_value())?.text();
        let count = self.elements().nth(2).filter(|element| element.kind() == b':');
        Some((word, count.and_then(|count| std::str::from_utf8(count.text()).ok()?.parse().ok())))
    }

    /// Whether it is one of the lines that MONITOR makes the server send; they start with the time.
    pub(super) fn is_monitor_line(self) -> bool {
        matches!(self.0, [b'+', b'0'..=b'9', ..])
    }

    fn is_value(self) -> bool {
        matches!(self.kind(), b'$' | b'=') && !self.0.starts_with(b"$-1")
    }

    /// What stands in a string, an error or a number.
    fn text(self) -> &'a [u8] {
        match line(self.0, 0) {
            Some((b'$' | b'=' | b'!', _, next)) => self.0.get(next..self.0.len().saturating_sub(2)).unwrap_or_default(),
            Some((_, line, _)) => line,
            None => &[],
        }
    }

    /// What an array or a push holds.
    fn elements(self) -> impl Iterator<Item = Frame<'a>> {
        let mut rest = line(self.0, 0).map_or(&[][..], |(_, _, next)| &self.0[next..]);
        std::iter::from_fn(move || {
            let length = length(rest).ok().flatten()?;
            let (element, after) = rest.split_at(length);
            rest = after;
            Some(Frame(element))
        })
    }
}

/// Whether a command, or the word of its confirmation, is about subscriptions.
pub(super) fn is_subscription(word: &[u8]) -> bool {
    const WORDS: [&str; 6] = ["subscribe", "unsubscribe", "psubscribe", "punsubscribe", "ssubscribe", "sunsubscribe"];
    WORDS.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(word))
}
