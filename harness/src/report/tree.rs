//! The span tree of a finding's trace, with the place marked.

use rustc_hash::FxHashSet;

use super::redact::Redactor;
use super::text::{between, fit, width};
use crate::capture::{Span, SpanId, StatusCode, TraceId};
use crate::checks::{Index, Parent, Trace};
use crate::finding::Finding;

/// Traces of up to this many spans are shown whole; of larger ones, what is near the place.
const WHOLE: usize = 40;
/// How many ancestors, neighbours on each side, and children of the place are shown in a large trace.
const NEAR: usize = 6;
/// Columns for kind, duration and note behind a name.
const BEHIND: usize = 34;
/// Most attributes listed for the place of a finding about attributes.
const ATTRIBUTES: usize = 20;

/// One line of the tree.
pub(super) struct Row {
    /// Whether the finding is about it.
    pub(super) marked: bool,
    pub(super) text: String,
}

/// The rows for `finding`; none if it points into no trace of the capture.
pub(super) fn rows(index: &Index<'_>, finding: &Finding, redactor: &Redactor<'_>, columns: usize) -> Vec<Row> {
    let trace = finding.place.trace_id.as_deref().and_then(TraceId::from_hex).and_then(|id| index.trace(id));
    trace.map(|trace| Tree::new(trace, finding, redactor).rows(columns)).unwrap_or_default()
}

struct Tree<'i> {
    trace: Trace<'i>,
    /// Position of the span the finding points at.
    place: Option<usize>,
    /// Name of the span that should hang under `place`.
    ghost: Option<String>,
    with_attributes: bool,
    /// Positions to show; all of them if absent.
    shown: Option<FxHashSet<usize>>,
    redactor: &'i Redactor<'i>,
}

enum Item {
    Span(usize),
    Ghost,
    /// So many children that are not shown.
    Hidden(usize),
    /// Ancestors that are not shown.
    Above,
}

struct Line {
    marked: bool,
    left: String,
    kind: &'static str,
    length: String,
    note: String,
}

impl<'i> Tree<'i> {
    fn new(trace: Trace<'i>, finding: &Finding, redactor: &'i Redactor<'i>) -> Self {
        let id = finding.place.span_id.as_deref().and_then(SpanId::from_hex);
        let ghost = (finding.id == "span.missing").then(|| ghost_name(finding));
        let place = id.and_then(|id| find(trace, id, finding));
        let mut tree = Self {
            trace,
            place,
            ghost,
            with_attributes: finding.id.starts_with("attribute.") || finding.id.starts_with("error-type."),
            shown: None,
            redactor,
        };
        if trace.len() > WHOLE {
            tree.shown = Some(tree.near(place.unwrap_or(0)));
        }
        tree
    }

    /// The surroundings of the span at `place`.
    fn near(&self, place: usize) -> FxHashSet<usize> {
        let mut shown = FxHashSet::from_iter([place]);
        shown.extend(self.trace.children(place).take(NEAR));
        let mut at = place;
        for _ in 0..NEAR {
            let Parent::At(parent) = self.trace.parent(at) else { break };
            let siblings: Vec<usize> = self.trace.children(parent).collect();
            let own = siblings.iter().position(|sibling| *sibling == at).unwrap_or(0);
            if at == place {
                shown.extend(siblings.iter().skip(own.saturating_sub(NEAR)).take(2 * NEAR + 1));
            }
            if !shown.insert(parent) {
                break;
            }
            at = parent;
        }
        shown
    }

    fn is_shown(&self, position: usize) -> bool {
        self.shown.as_ref().is_none_or(|shown| shown.contains(&position))
    }

    /// Where the drawing begins: spans shown whose parent is not.
    fn tops(&self) -> Vec<usize> {
        let mut tops: Vec<usize> = (0..self.trace.len())
            .filter(|position| self.is_shown(*position))
            .filter(|position| !matches!(self.trace.parent(*position), Parent::At(parent) if self.is_shown(parent)))
            .collect();
        if tops.is_empty() {
            // All shown spans are in a cycle: begin at the place.
            tops.push(self.place.unwrap_or(0));
        }
        tops
    }

    fn rows(&self, columns: usize) -> Vec<Row> {
        let lines = self.lines();
        let most = columns.saturating_sub(BEHIND).max(20);
        let left = lines.iter().map(|line| width(&line.left)).max().unwrap_or(0).min(most);
        let mut rows = Vec::new();
        for line in lines {
            let text = format!("{:left$}  {:8} {:>8}  {}", fit(&line.left, left), line.kind, line.length, line.note);
            rows.push(Row { marked: line.marked, text: fit(text.trim_end(), columns) });
        }
        rows
    }

    fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut seen = FxHashSet::default();
        let mut stack: Vec<(Item, String, &'static str)> = Vec::new();
        for top in self.tops().into_iter().rev() {
            stack.push((Item::Span(top), String::new(), ""));
            if matches!(self.trace.parent(top), Parent::At(_)) {
                stack.push((Item::Above, String::new(), ""));
            }
        }
        if self.ghost.is_some() && self.place.is_none() {
            stack.push((Item::Ghost, String::new(), ""));
        }
        while let Some((item, indent, branch)) = stack.pop() {
            match item {
                Item::Ghost => lines.push(self.ghost_line(&indent, branch)),
                Item::Above => lines.push(Line::note("… above".to_owned())),
                Item::Hidden(number) => lines.push(Line::note(format!("{indent}{branch}… {number} more"))),
                Item::Span(position) if !seen.insert(position) => {
                    let name = self.redactor.clean(&self.trace.span(position).name);
                    lines.push(Line::note(format!("{indent}{branch}{name}, again: a cycle")));
                }
                Item::Span(position) => {
                    let inner = match branch {
                        "" => indent.clone(),
                        "└ " => format!("{indent}  "),
                        _ => format!("{indent}│ "),
                    };
                    lines.push(self.span_line(position, &indent, branch));
                    if self.with_attributes && self.place == Some(position) {
                        lines.extend(self.attribute_lines(position, &inner));
                    }
                    let items = self.under(position);
                    let last = items.len().saturating_sub(1);
                    for (at, item) in items.into_iter().enumerate().rev() {
                        stack.push((item, inner.clone(), if at == last { "└ " } else { "├ " }));
                    }
                }
            }
        }
        let unreached = if self.shown.is_none() { self.trace.len() - seen.len() } else { 0 };
        if unreached > 0 {
            lines.push(Line::note(format!("… {unreached} more in a cycle")));
        }
        lines
    }

    /// What hangs under the span at `position`: children, what is hidden of them, and the missing one.
    fn under(&self, position: usize) -> Vec<Item> {
        let mut items = Vec::new();
        let mut hidden = 0;
        for child in self.trace.children(position) {
            if self.is_shown(child) {
                items.push(Item::Span(child));
            } else {
                hidden += 1;
            }
        }
        if hidden > 0 {
            items.push(Item::Hidden(hidden));
        }
        if self.ghost.is_some() && self.place == Some(position) {
            items.push(Item::Ghost);
        }
        items
    }

    fn span_line(&self, position: usize, indent: &str, branch: &str) -> Line {
        let span = self.trace.span(position);
        Line {
            marked: self.ghost.is_none() && self.place == Some(position),
            left: format!("{indent}{branch}{}", self.redactor.clean(&span.name).replace('\n', " ")),
            kind: span.kind.name(),
            length: between(span.start, span.end),
            note: self.redactor.clean(&note(span, self.trace.parent(position))),
        }
    }

    fn ghost_line(&self, indent: &str, branch: &str) -> Line {
        let name = self.ghost.as_deref().unwrap_or_default();
        Line { marked: true, ..Line::note(format!("{indent}{branch}{name}  (missing)")) }
    }

    fn attribute_lines(&self, position: usize, indent: &str) -> Vec<Line> {
        let attributes = &self.trace.span(position).attributes;
        let mut lines: Vec<Line> = attributes
            .iter()
            .take(ATTRIBUTES)
            .map(|(key, value)| Line::note(format!("{indent}  · {}", self.redactor.clean(&format!("{key} = {value}")))))
            .collect();
        if attributes.len() > ATTRIBUTES {
            lines.push(Line::note(format!("{indent}  · … {} more", attributes.len() - ATTRIBUTES)));
        }
        lines
    }
}

impl Line {
    /// A line that is no span.
    fn note(left: String) -> Self {
        Self { marked: false, left, kind: "", length: String::new(), note: String::new() }
    }
}

/// The last name of the finding's path, or its subject.
fn ghost_name(finding: &Finding) -> String {
    let path = finding.place.path.split(" · ").next().unwrap_or_default();
    let name = path.rsplit(" > ").next().filter(|name| !name.is_empty());
    name.unwrap_or_else(|| finding.subject.rsplit(" / ").next().unwrap_or_default()).to_owned()
}

/// The span with this id; of several, the one the finding's path names.
fn find(trace: Trace<'_>, id: SpanId, finding: &Finding) -> Option<usize> {
    let named = |position: &usize| finding.place.path.contains(&*trace.span(*position).name);
    let mut matching = (0..trace.len()).filter(|position| trace.span(*position).span_id == id);
    let first = matching.next()?;
    Some(if named(&first) { first } else { matching.find(named).unwrap_or(first) })
}

fn note(span: &Span, parent: Parent) -> String {
    let mut notes = Vec::new();
    if span.status.code == StatusCode::Error {
        notes.push(span.attributes.str("error.type").map_or("error".to_owned(), |kind| format!("error: {kind}")));
    }
    if let (Parent::Missing, Some(parent)) = (parent, span.parent) {
        notes.push(format!("parent {parent} is not in the capture"));
    }
    notes.join(", ")
}
