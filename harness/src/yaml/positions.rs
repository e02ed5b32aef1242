//! Where things are written in a YAML file, for errors that are found after reading it.

use serde_saphyr::granit_parser::{Event, Parser, Span};

use super::problem::{Position, Problem};

/// One YAML node and where it begins.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) at: Position,
    pub(super) content: Content,
}

/// What a node holds.
#[derive(Debug)]
pub(super) enum Content {
    Scalar(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
    /// A reference to an anchor: what is below it is written elsewhere.
    Alias,
}

/// A key of a map and its value.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) at: Position,
    pub(super) value: Node,
}

/// The first document of `text`; `None` if it is empty or no YAML. Aliases are not followed, so it is never larger than its text.
pub(super) fn scan(text: &str) -> Option<Node> {
    let mut open: Vec<Open> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.ok()?;
        let at = position(&span);
        let node = match event {
            Event::Scalar(text, ..) => Node { at, content: Content::Scalar(text.into_owned()) },
            Event::Alias(_) => Node { at, content: Content::Alias },
            Event::SequenceStart(..) => {
                open.push(Open { node: Node { at, content: Content::List(Vec::new()) }, key: None });
                continue;
            }
            Event::MappingStart(..) => {
                open.push(Open { node: Node { at, content: Content::Map(Vec::new()) }, key: None });
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => open.pop()?.node,
            Event::DocumentEnd | Event::StreamEnd => return None,
            _ => continue,
        };
        match open.last_mut() {
            None => return Some(node),
            Some(parent) => parent.add(node),
        }
    }
    None
}

/// A collection whose end was not seen yet.
struct Open {
    node: Node,
    /// The key read last, while its value is awaited.
    key: Option<(String, Position)>,
}

impl Open {
    fn add(&mut self, node: Node) {
        match (&mut self.node.content, self.key.take()) {
            (Content::List(items), _) => items.push(node),
            (Content::Map(entries), Some((key, at))) => entries.push(Entry { key, at, value: node }),
            // Keys that are no scalars are refused by the reader itself.
            (_, None) => {
                let key = if let Content::Scalar(text) = node.content { text } else { String::new() };
                self.key = Some((key, node.at));
            }
            (Content::Scalar(_) | Content::Alias, Some(_)) => {}
        }
    }
}

fn position(span: &Span) -> Position {
    Position { line: span.start.line(), column: span.start.col() + 1 }
}

impl Node {
    /// The entry of this map called `key`.
    pub(super) fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.content {
            Content::Map(entries) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        }
    }

    /// The text, if this is a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// The first place of a map key that is written again at `again`.
    pub(super) fn first_of_duplicate(&self, key: &str, again: Position) -> Option<Position> {
        match &self.content {
            Content::Scalar(_) | Content::Alias => None,
            Content::List(items) => items.iter().find_map(|item| item.first_of_duplicate(key, again)),
            Content::Map(entries) => {
                let second = entries.iter().any(|entry| entry.key == key && entry.at == again);
                let first = entries.iter().find(|entry| entry.key == key && entry.at < again).filter(|_| second);
                first
                    .map(|entry| entry.at)
                    .or_else(|| entries.iter().find_map(|entry| entry.value.first_of_duplicate(key, again)))
            }
        }
    }
}

/// A way down a file's nodes. Where the file has no such node (an alias, a merged key), it stays at the last one it had.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'f> {
    file: &'f str,
    at: Option<Position>,
    node: Option<&'f Node>,
}

impl<'f> Cursor<'f> {
    pub(super) fn new(file: &'f str, root: Option<&'f Node>) -> Self {
        Self { file, at: root.map(|node| node.at), node: root }
    }

    /// The value of `key`: at the value if it is a scalar, else at the key.
    pub(crate) fn key(self, key: &str) -> Self {
        match self.node.and_then(|node| node.entry(key)) {
            Some(entry) => {
                let scalar = matches!(entry.value.content, Content::Scalar(_));
                Self { at: Some(if scalar { entry.value.at } else { entry.at }), node: Some(&entry.value), ..self }
            }
            None => Self { node: None, ..self },
        }
    }

    /// The key itself.
    pub(crate) fn name(self, key: &str) -> Self {
        let at = self.node.and_then(|node| node.entry(key)).map_or(self.at, |entry| Some(entry.at));
        Self { at, ..self.key(key) }
    }

    /// The item at `index` of a list.
    pub(crate) fn item(self, index: usize) -> Self {
        match self.node.map(|node| &node.content) {
            Some(Content::List(items)) if index < items.len() => {
                Self { at: Some(items[index].at), node: Some(&items[index]), ..self }
            }
            _ => Self { node: None, ..self },
        }
    }

    /// A problem here.
    pub(crate) fn problem(self, message: impl Into<String>) -> Problem {
        Problem { file: self.file.to_owned(), at: self.at, message: message.into() }
    }
}

/// `contract.yaml:3:5`.
impl std::fmt::Display for Cursor<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.file)?;
        self.at.map_or(Ok(()), |at| write!(f, ":{at}"))
    }
}
