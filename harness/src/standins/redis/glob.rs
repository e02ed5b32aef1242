//! Redis' patterns: `*`, `?`, `[abc]`, `[a-z]`, `[^a]`, `\` before a literal.

/// Whether the whole of `text` matches `pattern`.
pub(super) fn matches(mut pattern: &[u8], mut text: &[u8]) -> bool {
    // Where to resume after the last `*` if what follows it does not match: one byte of text further on. Remembering
    // only the last star is enough, and keeps hostile patterns (`a*a*a*b`) from taking exponential time.
    let mut resume: Option<(&[u8], &[u8])> = None;
    loop {
        if let [b'*', after @ ..] = pattern {
            resume = Some((after, text));
            pattern = after;
            continue;
        }
        let step = match text {
            [] if pattern.is_empty() => return true,
            [] => None,
            [byte, rest @ ..] => one(pattern, *byte).map(|after| (after, rest)),
        };
        match (step, resume) {
            (Some(next), _) => (pattern, text) = next,
            (None, Some((after, [_, rest @ ..]))) => {
                resume = Some((after, rest));
                (pattern, text) = (after, rest);
            }
            (None, _) => return false,
        }
    }
}

/// Matches one byte; what is left of the pattern if it does.
fn one(pattern: &[u8], byte: u8) -> Option<&[u8]> {
    match pattern {
        [b'?', after @ ..] => Some(after),
        [b'[', set @ ..] => class(set, byte),
        [b'\\', literal, after @ ..] | [literal, after @ ..] => (*literal == byte).then_some(after),
        [] => None,
    }
}

/// Matches one byte against the set after `[`. A set that is not closed ends with the pattern, as in Redis.
fn class(set: &[u8], byte: u8) -> Option<&[u8]> {
    let (negated, mut set) = match set {
        [b'^', set @ ..] => (true, set),
        set => (false, set),
    };
    let mut found = false;
    loop {
        match set {
            [] => break,
            [b']', after @ ..] => {
                set = after;
                break;
            }
            [b'\\', literal, after @ ..] => {
                found |= *literal == byte;
                set = after;
            }
            [low, b'-', high, after @ ..] => {
                let (low, high) = (low.min(high), low.max(high));
                found |= (*low..=*high).contains(&byte);
                set = after;
            }
            [literal, after @ ..] => {
                found |= *literal == byte;
                set = after;
            }
        }
    }
    (found != negated).then_some(set)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_as_in_redis() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("*", "anything", true),
            ("a*c", "abbbc", true),
            ("a*c", "abbb", false),
            ("a*b*c", "a-b-b-c", true),
            ("h?llo", "hello", true),
            ("h?llo", "hllo", false),
            ("h[ae]llo", "hallo", true),
            ("h[ae]llo", "hillo", false),
            ("h[^e]llo", "hallo", true),
            ("h[^e]llo", "hello", false),
            ("h[a-c]llo", "hbllo", true),
            (r"a\*", "a*", true),
            (r"a\*", "ab", false),
            ("", "", true),
            ("", "a", false),
            ("abc", "abcd", false),
            ("query:*:v1", "query:abc:v1", true),
        ] {
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes()), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn a_hostile_pattern_ends_at_once() {
        let text = vec![b'a'; 10_000];

        assert!(!matches("a*".repeat(50).as_bytes().iter().chain(b"b").copied().collect::<Vec<_>>().as_slice(), &text));
    }
}
