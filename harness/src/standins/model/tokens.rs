//! Counting tokens without a vocabulary.

/// The tokens of a text: one for every four letters or digits of a word, begun counts as whole, and one for every
/// other character that is no blank.
///
/// A rule that can be checked by hand. It lies near the real tokenisers for English, and it need not be nearer: what
/// matters is that the service counts the tokens it was told.
#[must_use]
pub fn count(text: &str) -> u32 {
    let mut tokens = 0;
    let mut word = 0_u32;
    for character in text.chars() {
        if character.is_alphanumeric() {
            // The first letter of every four opens a token.
            tokens += u32::from(word.is_multiple_of(4));
            word += 1;
        } else {
            word = 0;
            tokens += u32::from(!character.is_whitespace());
        }
    }
    tokens
}

/// The first `limit` tokens of a text, or `None` if it has no more than that.
pub(super) fn truncate(text: &str, limit: u32) -> Option<&str> {
    let mut tokens = 0;
    let mut word = 0_u32;
    for (at, character) in text.char_indices() {
        let opens = if character.is_alphanumeric() {
            word += 1;
            word % 4 == 1
        } else {
            word = 0;
            !character.is_whitespace()
        };
        tokens += u32::from(opens);
        if tokens > limit {
            return Some(&text[..at]);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_count_by_their_length_and_marks_one_each() {
        for (text, tokens) in [("", 0), ("a", 1), ("span", 1), ("spans", 2), ("a b", 2), ("p95 > 3.5 s!", 7)] {
            assert_eq!(count(text), tokens, "{text:?}");
        }
    }

    #[test]
    fn a_text_is_cut_before_the_token_too_many() {
        assert_eq!(truncate("one two three", 2), Some("one two "));
        assert_eq!(truncate("one two three", 3), Some("one two thre"));
        assert_eq!(truncate("one two three", 4), None);
    }
}
