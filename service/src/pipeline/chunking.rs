//! Documents as passages.

/// A passage is at most this long, in characters: a few paragraphs, so that a handful fits any prompt.
const LONGEST: usize = 1_000;
/// Where a paragraph is cut, so many characters are in both passages: a sentence on the seam is whole in one of them.
const OVERLAP: usize = 100;

/// Cuts a text between paragraphs where it can, between words where it must. No passage is empty.
pub(super) fn chunks(text: &str) -> Vec<String> {
    let mut chunks: Vec<String> = Vec::new();
    let mut current = String::new();
    for piece in paragraphs(text) {
        if !current.is_empty() && length(&current) + 2 + length(&piece) > LONGEST {
            chunks.push(std::mem::take(&mut current));
        }
        if !current.is_empty() {
            current.push_str("\n\n");
        }
        current.push_str(&piece);
    }
    if !current.is_empty() {
        chunks.push(current);
    }
    chunks
}

/// Paragraphs, the too long ones in pieces.
fn paragraphs(text: &str) -> impl Iterator<Item = String> {
    let mut lines = text.lines().map(str::trim).peekable();
    let paragraphs = std::iter::from_fn(move || {
        while lines.next_if(|line| line.is_empty()).is_some() {}
        let mut paragraph = lines.next()?.to_owned();
        while let Some(line) = lines.next_if(|line| !line.is_empty()) {
            paragraph.push(' ');
            paragraph.push_str(line);
        }
        Some(paragraph)
    });
    paragraphs.flat_map(|paragraph| pieces(&paragraph))
}

fn pieces(paragraph: &str) -> Vec<String> {
    let characters: Vec<char> = paragraph.chars().collect();
    let mut pieces = Vec::new();
    let mut start = 0;
    while characters.len() - start > LONGEST {
        let end = word_end(&characters, start, start + LONGEST);
        pieces.push(characters[start..end].iter().collect::<String>().trim().to_owned());
        start = end - OVERLAP;
    }
    pieces.push(characters[start..].iter().collect::<String>().trim().to_owned());
    pieces
}

/// The last space in the second half of a range, or its end: a text without spaces is cut anywhere.
fn word_end(characters: &[char], start: usize, end: usize) -> usize {
    let half = start + (end - start) / 2;
    (half..end).rev().find(|position| characters[*position].is_whitespace()).unwrap_or(end)
}

fn length(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_text_is_one_passage() {
        assert_eq!(chunks("one line\nof a paragraph\n\nanother"), ["one line of a paragraph\n\nanother"]);
    }

    #[test]
    fn a_text_without_content_has_no_passage() {
        assert_eq!(chunks(" \n\n\t\n"), [""; 0]);
    }

    #[test]
    fn paragraphs_stay_whole_while_they_fit() {
        let paragraph = "word ".repeat(120).trim().to_owned();

        let chunks = chunks(&[paragraph.clone(), paragraph.clone()].join("\n\n"));

        assert_eq!(chunks, [paragraph.clone(), paragraph]);
    }

    #[test]
    fn no_passage_is_too_long_and_no_word_is_lost() {
        let words: Vec<String> = (0..2_000).map(|number| format!("w{number}")).collect();

        let chunks = chunks(&words.join(" "));

        let joined = chunks.join(" ");
        assert!(chunks.len() > 5);
        assert!(chunks.iter().all(|chunk| length(chunk) <= LONGEST));
        assert!(words.iter().all(|word| joined.split(' ').any(|found| found == word)));
    }

    #[test]
    fn a_text_without_spaces_is_cut_between_characters() {
        let chunks = chunks(&"é".repeat(2_500));

        assert!(chunks.iter().all(|chunk| length(chunk) <= LONGEST));
        assert_eq!(chunks.iter().map(|chunk| length(chunk)).sum::<usize>(), 2_500 + 2 * OVERLAP);
    }
}
