//! Chat answers: the sentences of the prompt that say most about the question.

use super::embed::Embedder;

/// Who said what, as plain text.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) by_system: bool,
    pub(super) text: String,
}

/// The answer when nothing in the prompt has to do with the question.
const NOTHING: &str = "The given context does not answer the question.";
/// How near a sentence must be to the question to be part of the answer.
const NEAR: f32 = 0.05;
/// Sentences in an answer.
const SENTENCES: usize = 2;
/// Words that a sentence must have to say something.
const WORDS: usize = 4;

/// Answers the last question from what else was said: its best sentences, in the order in which they were said.
pub(super) fn answer(said: &[Said]) -> String {
    let Some(question) = said.iter().rev().find(|message| !message.by_system).and_then(|last| question(&last.text))
    else {
        return NOTHING.to_owned();
    };
    // Instructions are worded like questions; they are looked at only if the context is among them.
    let mut sentences = sentences(said.iter().filter(|message| !message.by_system), question);
    if sentences.is_empty() {
        sentences = self::sentences(said.iter().filter(|message| message.by_system), question);
    }

    // Many dimensions keep chance likeness down where a text is one short sentence.
    let embedder = Embedder::new(4096);
    let wanted = embedder.embed(question);
    let nearness = |sentence: &str| embedder.embed(sentence).iter().zip(&wanted).map(|(x, y)| x * y).sum::<f32>();
    let mut best: Vec<(usize, f32)> = sentences.iter().map(|sentence| nearness(sentence)).enumerate().collect();
    best.retain(|(_, near)| *near > NEAR);
    best.sort_by(|(at, near), (other_at, other_near)| other_near.total_cmp(near).then(at.cmp(other_at)));
    best.truncate(SENTENCES);
    best.sort_by_key(|(at, _)| *at);
    if best.is_empty() {
        return NOTHING.to_owned();
    }
    best.into_iter().map(|(at, _)| sentences[at]).collect::<Vec<_>>().join(" ")
}

/// The question in a message: what follows `Question:` or `Query:`, else the last line that ends in a question mark, else the
/// last line.
fn question(text: &str) -> Option<&str> {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let labelled = |line: &'_ str| {
        let (label, rest) = line.split_once(':')?;
        let label = label.trim_matches(|character: char| !character.is_alphanumeric()).to_lowercase();
        (label.ends_with("question") || label.ends_with("query")).then_some(rest.len())
    };
    for (index, line) in lines().enumerate() {
        if let Some(length) = labelled(line) {
            let rest = line[line.len() - length..].trim();
            // The question may stand on the line below its label.
            return if rest.is_empty() { lines().nth(index + 1) } else { Some(rest) };
        }
    }
    lines().rev().find(|line| line.ends_with('?')).or_else(|| lines().next_back())
}

/// The sentences that were said, each once, but not the question itself.
fn sentences<'a>(said: impl Iterator<Item = &'a Said>, question: &str) -> Vec<&'a str> {
    let mut sentences: Vec<&str> = Vec::new();
    for line in said.flat_map(|message| message.text.lines()) {
        for sentence in split(line) {
            let says = sentence.split_whitespace().count() >= WORDS && !sentence.ends_with(':');
            if says && !sentence.contains(question) && !sentences.contains(&sentence) {
                sentences.push(sentence);
            }
        }
    }
    sentences
}

/// Splits after `.`, `!` and `?` that end a word.
fn split(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        if rest.is_empty() {
            return None;
        }
        let mut ends = rest.match_indices(['.', '!', '?']).map(|(at, _)| at + 1);
        let end = ends.find(|at| rest[*at..].starts_with(char::is_whitespace)).unwrap_or(rest.len());
        let (sentence, after) = rest.split_at(end);
        rest = after;
        Some(sentence.trim())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(text: &str) -> Said {
        Said { by_system: false, text: text.to_owned() }
    }

    fn system(text: &str) -> Said {
        Said { by_system: true, text: text.to_owned() }
    }

    #[test]
    fn the_sentence_about_the_question_is_the_answer() {
        let prompt = "Context:\n[1] Spans are sampled at the root. Logs are kept for a week in the archive.\n\n\
                      Question: How long are logs kept?\nAnswer:";

        let answer = answer(&[system("Answer only from the context you are given."), user(prompt)]);

        assert!(answer.contains("Logs are kept for a week in the archive."), "{answer}");
    }

    #[test]
    fn context_in_the_system_prompt_is_used_too() {
        let context = "Use this context: Alerts page the person on call within five minutes.";

        let answer = answer(&[system(context), user("Who do alerts page?")]);

        assert!(answer.contains("person on call"), "{answer}");
    }

    #[test]
    fn without_a_matching_sentence_it_says_so() {
        assert_eq!(answer(&[user("Question: Why is the sky blue?")]), NOTHING);
        assert_eq!(answer(&[]), NOTHING);
    }
}
