//! Inline commands: a line of words, as one types into `nc`.

use bytes::{Bytes, BytesMut};

use super::codec::{Broken, Command, Sent};

/// Takes one line off `input`; `None` if it has not ended yet.
pub(super) fn command(input: &mut BytesMut, longest: usize) -> Result<Option<Sent>, Broken> {
    let Some(end) = input.iter().take(longest).position(|byte| *byte == b'\n') else {
        if input.len() >= longest {
            return Err(Broken::Protocol("too big inline request".to_owned()));
        }
        return Ok(None);
    };
    let raw = input.split_to(end + 1).freeze();
    match words(raw.trim_ascii()) {
        Some(command) => Ok(Some(Sent { raw, command })),
        None => Err(Broken::Protocol("unbalanced quotes in request".to_owned())),
    }
}

/// Splits at blanks outside quotes. `"…"` knows the escapes of a C string, `'…'` only `\'`; `None`: a quote is not
/// closed, or is closed in the middle of a word.
fn words(line: &[u8]) -> Option<Command> {
    let mut words = Vec::new();
    let mut rest = line.trim_ascii_start();
    while let Some(first) = rest.first() {
        let (word, after) = match first {
            b'"' => double_quoted(&rest[1..])?,
            b'\'' => single_quoted(&rest[1..])?,
            _ => {
                let end = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
                (rest[..end].to_vec(), &rest[end..])
            }
        };
        if after.first().is_some_and(|byte| !byte.is_ascii_whitespace()) {
            return None;
        }
        words.push(Bytes::from(word));
        rest = after.trim_ascii_start();
    }
    Some(words)
}

fn double_quoted(mut rest: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut word = Vec::new();
    loop {
        match rest {
            [b'"', after @ ..] => return Some((word, after)),
            [b'\\', b'x', high, low, after @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                let digits = std::str::from_utf8(&rest[2..4]).ok()?;
                word.push(u8::from_str_radix(digits, 16).ok()?);
                rest = after;
            }
            [b'\\', escaped, after @ ..] => {
                word.push(match escaped {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'b' => 8,
                    b'a' => 7,
                    other => *other,
                });
                rest = after;
            }
            [byte, after @ ..] => {
                word.push(*byte);
                rest = after;
            }
            [] => return None,
        }
    }
}

fn single_quoted(mut rest: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut word = Vec::new();
    loop {
        match rest {
            [b'\'', after @ ..] => return Some((word, after)),
            [b'\\', b'\'', after @ ..] => {
                word.push(b'\'');
                rest = after;
            }
            [byte, after @ ..] => {
                word.push(*byte);
                rest = after;
            }
            [] => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_escapes_are_those_of_redis() {
        let line = br#"SET "a\x41\n" 'it\'s' plain"#;

        let words = words(line).unwrap();

        assert_eq!(words, [&b"SET"[..], b"aA\n", b"it's", b"plain"]);
    }

    #[test]
    fn a_quote_must_close_at_the_end_of_a_word() {
        assert_eq!(words(b"GET \"a"), None);
        assert_eq!(words(b"GET \"a\"b"), None);
    }
}
