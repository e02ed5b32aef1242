//! What is asked of texts.

/// How many characters a text has. Nearly all are ASCII, which is found out many bytes at a time.
pub(crate) fn characters(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().count() }
}

#[cfg(test)]
mod tests {
    use super::characters;

    #[test]
    fn characters_are_counted_not_bytes() {
        assert_eq!([characters(""), characters("a question"), characters("wäre das eine?")], [0, 10, 14]);
    }
}
