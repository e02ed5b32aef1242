//! One line of exposition text.

use std::borrow::Cow;

use super::number;

/// A line, taken apart.
#[derive(Debug, PartialEq)]
pub(super) enum Line<'a> {
    /// Empty, or a comment.
    Blank,
    Help {
        name: Cow<'a, str>,
        text: Cow<'a, str>,
    },
    Type {
        name: Cow<'a, str>,
        kind: &'a str,
    },
    Unit {
        name: Cow<'a, str>,
        unit: &'a str,
    },
    Sample(Sample<'a>),
    /// `# EOF`
    End,
}

/// A sample as written.
#[derive(Debug, PartialEq)]
pub(super) struct Sample<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) labels: Vec<Label<'a>>,
    pub(super) value: f64,
    /// The time as written: its unit depends on the format.
    pub(super) time: Option<&'a str>,
    pub(super) exemplar: Option<WrittenExemplar<'a>>,
}

/// Name and value.
pub(super) type Label<'a> = (Cow<'a, str>, Cow<'a, str>);

/// An exemplar as written.
#[derive(Debug, PartialEq)]
pub(super) struct WrittenExemplar<'a> {
    pub(super) labels: Vec<Label<'a>>,
    pub(super) value: f64,
    /// Nanoseconds since the Unix epoch; 0 if not said.
    pub(super) time: u64,
}

pub(super) fn parse(line: &str) -> Result<Line<'_>, String> {
    let line = line.trim_matches(BLANKS);
    match line.strip_prefix('#') {
        Some(comment) => parse_comment(comment.trim_start_matches(BLANKS)),
        None if line.is_empty() => Ok(Line::Blank),
        None => parse_sample(line).map(Line::Sample),
    }
}

const BLANKS: [char; 2] = [' ', '\t'];

fn parse_comment(comment: &str) -> Result<Line<'_>, String> {
    if comment == "EOF" {
        return Ok(Line::End);
    }
    let Some((keyword @ ("HELP" | "TYPE" | "UNIT"), rest)) = comment.split_once(BLANKS) else {
        return Ok(Line::Blank);
    };
    let (name, rest) = metric_name(rest.trim_start_matches(BLANKS))?;
    if !(rest.is_empty() || rest.starts_with(BLANKS)) {
        return Err(format!("`{name}` does not end where a metric name has to"));
    }
    let rest = rest.trim_start_matches(BLANKS);
    Ok(match keyword {
        "HELP" => Line::Help { name, text: unescape(rest, false)? },
        "TYPE" => Line::Type { name, kind: rest },
        _ => Line::Unit { name, unit: rest },
    })
}

/// A metric's name, bare or in quotes, and what follows it.
fn metric_name(text: &str) -> Result<(Cow<'_, str>, &str), String> {
    if text.starts_with('"') {
        return quoted(text);
    }
    let (name, rest) = bare_name(text, true);
    if name.is_empty() { Err("no metric name where one has to be".to_owned()) } else { Ok((name.into(), rest)) }
}

fn bare_name(text: &str, colons: bool) -> (&str, &str) {
    let legal = |index: usize, c: char| {
        c.is_ascii_alphabetic() || c == '_' || (colons && c == ':') || (index > 0 && c.is_ascii_digit())
    };
    let end = text.char_indices().find(|&(index, c)| !legal(index, c)).map_or(text.len(), |(index, _)| index);
    text.split_at(end)
}

fn parse_sample(line: &str) -> Result<Sample<'_>, String> {
    // Names that are no identifiers stand in quotes inside the braces: `{"http.requests", code="200"} 1`.
    let (name, rest) = if line.starts_with('{') { (Cow::Borrowed(""), line) } else { metric_name(line)? };
    let rest = rest.trim_start_matches(BLANKS);
    let (inner_name, labels, rest) = match rest.strip_prefix('{') {
        Some(inside) => parse_labels(inside)?,
        None => (None, Vec::new(), rest),
    };
    let name = match (name.is_empty(), inner_name) {
        (false, None) => name,
        (true, Some(inner)) => inner,
        (true, None) => return Err("a sample without a name".to_owned()),
        (false, Some(inner)) => return Err(format!("a second name, {inner:?}")),
    };
    let (numbers, exemplar) = match rest.split_once('#') {
        Some((numbers, exemplar)) => (numbers, Some(parse_exemplar(exemplar.trim_matches(BLANKS))?)),
        None => (rest, None),
    };
    let mut numbers = numbers.split(BLANKS).filter(|part| !part.is_empty());
    let value = number::value(numbers.next().ok_or("a sample without a value")?)?;
    let time = numbers.next();
    match numbers.next() {
        Some(more) => Err(format!("{more:?} after the sample's time")),
        None => Ok(Sample { name, labels, value, time, exemplar }),
    }
}

fn parse_exemplar(text: &str) -> Result<WrittenExemplar<'_>, String> {
    let inside = text.strip_prefix('{').ok_or("an exemplar has to begin with its labels in braces")?;
    let (name, labels, rest) = parse_labels(inside)?;
    if let Some(name) = name {
        return Err(format!("an exemplar has labels only, and no name like {name:?}"));
    }
    let mut numbers = rest.split(BLANKS).filter(|part| !part.is_empty());
    let value = number::value(numbers.next().ok_or("an exemplar without a value")?)?;
    let time = numbers.next().map_or(Ok(0), number::seconds)?;
    match numbers.next() {
        Some(more) => Err(format!("{more:?} after the exemplar's time")),
        None => Ok(WrittenExemplar { labels, value, time }),
    }
}

/// The name, if one stands among the labels; the labels; and what follows the closing brace.
type Labels<'a> = (Option<Cow<'a, str>>, Vec<Label<'a>>, &'a str);

/// Reads labels up to their closing brace.
fn parse_labels(mut rest: &str) -> Result<Labels<'_>, String> {
    let mut name = None;
    let mut labels: Vec<Label<'_>> = Vec::new();
    loop {
        rest = rest.trim_start_matches(BLANKS);
        if let Some(after) = rest.strip_prefix('}') {
            return Ok((name, labels, after));
        }
        let is_quoted = rest.starts_with('"');
        let (label, after) = if is_quoted {
            quoted(rest)?
        } else {
            let (label, after) = bare_name(rest, false);
            (label.into(), after)
        };
        let after = after.trim_start_matches(BLANKS);
        rest = match after.strip_prefix('=') {
            Some(_) if label.is_empty() => return Err("a label without a name".to_owned()),
            Some(after) => {
                let (value, after) = quoted(after.trim_start_matches(BLANKS))?;
                if labels.iter().any(|(other, _)| *other == label) {
                    return Err(format!("the label {label:?} twice"));
                }
                labels.push((label, value));
                after
            }
            None if is_quoted && name.is_none() && labels.is_empty() => {
                name = Some(label);
                after
            }
            None => return Err(format!("no `=` after the label {label:?}, or no `}}` after the last one")),
        };
        rest = rest.trim_start_matches(BLANKS);
        match rest.strip_prefix(',') {
            Some(after) => rest = after,
            None if rest.starts_with('}') => {}
            None => return Err("neither `,` nor `}` after a label".to_owned()),
        }
    }
}

/// A string in quotes, and what follows it.
fn quoted(text: &str) -> Result<(Cow<'_, str>, &str), String> {
    let inside = text.strip_prefix('"').ok_or("no `\"` where a label value has to begin")?;
    let mut escaped = false;
    for (index, c) in inside.char_indices() {
        match c {
            '"' if !escaped => return Ok((unescape(&inside[..index], true)?, &inside[index + 1..])),
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    Err("a `\"` that is never closed".to_owned())
}

/// Resolves `\\` and `\n`, and `\"` in quotes; the formats know no other escapes.
fn unescape(text: &str, in_quotes: bool) -> Result<Cow<'_, str>, String> {
    if !text.contains('\\') {
        return Ok(Cow::Borrowed(text));
    }
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        match chars.next() {
            Some('\\') => plain.push('\\'),
            Some('n') => plain.push('\n'),
            Some('"') => plain.push('"'),
            // Help text of the wild has lone backslashes, and Prometheus lets them pass.
            Some(other) if !in_quotes => plain.extend(['\\', other]),
            None if !in_quotes => plain.push('\\'),
            Some(other) => return Err(format!("`\\{other}` is not an escape, only `\\\\`, `\\\"` and `\\n` are")),
            None => return Err("a lone `\\` at the end".to_owned()),
        }
    }
    Ok(Cow::Owned(plain))
}
