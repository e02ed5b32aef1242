//! A part of an expression, with the place marked.

/// Columns of an excerpt: what the terminal report leaves for a value.
const COLUMNS: usize = 88;

/// `expr` in one line of at most [`COLUMNS`], and under it a line that marks the first whole `mark`.
pub(super) fn excerpt(expr: &str, mark: &str) -> String {
    let line: Vec<char> = expr.split_whitespace().collect::<Vec<_>>().join(" ").chars().collect();
    let mark: Vec<char> = mark.split_whitespace().collect::<Vec<_>>().join(" ").chars().collect();
    let at = find(&line, &mark);
    let (from, until) = window(line.len(), at.map(|at| (at, at + mark.len())));
    let mut shown: String = line[from..until].iter().collect();
    let mut indent = 0;
    if from > 0 {
        shown.insert(0, '…');
        indent = 1;
    }
    if until < line.len() {
        shown.push('…');
    }
    let Some(at) = at else { return shown };
    let end = (at + mark.len()).min(until);
    format!("{shown}\n{}{}", " ".repeat(indent + at.saturating_sub(from)), "^".repeat(end.saturating_sub(at)))
}

/// Where `mark` stands as a word of its own.
fn find(line: &[char], mark: &[char]) -> Option<usize> {
    if mark.is_empty() || mark.len() > line.len() {
        return None;
    }
    let part_of_name =
        |letter: Option<&char>| letter.is_some_and(|it| it.is_alphanumeric() || *it == '_' || *it == ':');
    let ends = (part_of_name(mark.first()), part_of_name(mark.last()));
    (0..=line.len() - mark.len()).find(|&at| {
        line[at..at + mark.len()] == *mark
            && !(ends.0 && at > 0 && part_of_name(line.get(at - 1)))
            && !(ends.1 && part_of_name(line.get(at + mark.len())))
    })
}

/// Which columns to show.
fn window(length: usize, marked: Option<(usize, usize)>) -> (usize, usize) {
    if length <= COLUMNS {
        return (0, length);
    }
    let room = COLUMNS - 2;
    let (start, end) = marked.unwrap_or((0, 0));
    let from = (start + end.min(start + room)).saturating_sub(room) / 2;
    let from = from.min(length - room).min(start);
    (from, (from + room).min(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_word_is_marked() {
        assert_eq!(excerpt("rate(up_total[5m])\n  + up", "up"), "rate(up_total[5m]) + up\n                     ^^");
        assert_eq!(excerpt("up", "down"), "up");
    }

    #[test]
    fn a_long_expression_is_cut_around_the_mark() {
        let long = format!("{} + needle + {}", "a".repeat(200), "b".repeat(200));

        let shown = excerpt(&long, "needle");

        let lines: Vec<&str> = shown.lines().collect();
        assert!(lines[0].chars().count() <= COLUMNS, "{shown}");
        let column = lines[1].find('^').unwrap();
        assert_eq!(lines[0].chars().skip(column).take(6).collect::<String>(), "needle", "{shown}");
    }
}
