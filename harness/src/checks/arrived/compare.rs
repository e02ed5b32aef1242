//! Whether a span came back unchanged, field by field.

use super::losses::{Kept, Row};
use super::values::attributes;
use crate::capture::{Event, Link, Span, SpanId};

/// A nanosecond count that Jaeger's stores of microseconds cut.
const MICROSECOND: u64 = 1_000;

/// What Jaeger adds to a span it had to correct.
const WARNINGS: &str = "@jaeger@warnings";

/// What its older model makes of a link's attributes.
const REFERENCE: &str = "opentracing.ref_type";

/// One field that came back changed.
#[derive(Debug)]
pub(super) struct Difference {
    /// The field: `kind`, `top_k`, `event 2 · time`.
    pub(super) field: String,
    /// What was sent.
    pub(super) sent: String,
    /// What came back.
    pub(super) stored: String,
    /// The loss that would explain it.
    pub(super) loss: Option<Row>,
}

/// What a comparison found.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    /// The fields that changed.
    pub(super) differences: Vec<Difference>,
    /// What did not change although a loss would have changed it.
    pub(super) kept: Kept,
}

impl Comparison {
    pub(super) fn differs<T, U>(&mut self, field: String, sent: &T, stored: &U, loss: Option<Row>)
    where
        T: ToString + ?Sized,
        U: ToString + ?Sized,
    {
        self.differences.push(Difference { field, sent: sent.to_string(), stored: stored.to_string(), loss });
    }

    /// Compares a field that no store changes.
    fn same<T: PartialEq + ToString + ?Sized>(&mut self, field: String, sent: &T, stored: &T) {
        if sent != stored {
            self.differs(field, sent, stored, None);
        }
    }

    /// Compares a text that no store changes.
    fn text(&mut self, field: String, sent: &str, stored: &str) {
        // In quotes, so that an empty one shows.
        self.same(field, &format!("{sent:?}"), &format!("{stored:?}"));
    }

    /// Compares a number that some stores leave out, as 0.
    pub(super) fn number(&mut self, field: String, sent: u32, stored: u32, row: Row) {
        if sent != stored {
            self.differs(field, &sent, &stored, (stored == 0).then_some(row));
        } else if sent != 0 {
            self.kept.note(row);
        }
    }

    /// Compares a moment, in nanoseconds.
    fn moment(&mut self, field: String, sent: u64, stored: u64) {
        if sent != stored {
            let cut = sent / MICROSECOND == stored / MICROSECOND && stored.is_multiple_of(MICROSECOND);
            self.differs(field, &sent, &stored, cut.then_some(Row::Nanoseconds));
        } else if !sent.is_multiple_of(MICROSECOND) {
            self.kept.note(Row::Nanoseconds);
        }
    }
}

/// Compares everything but resource and scope.
pub(super) fn spans(to: &mut Comparison, sent: &Span, stored: &Span) {
    to.same("parent".to_owned(), &parent(sent.parent), &parent(stored.parent));
    to.text("name".to_owned(), &sent.name, &stored.name);
    to.same("kind".to_owned(), sent.kind.name(), stored.kind.name());
    to.same("status".to_owned(), sent.status.code.name(), stored.status.code.name());
    to.text("status message".to_owned(), &sent.status.message, &stored.status.message);
    to.text("trace state".to_owned(), &sent.trace_state, &stored.trace_state);
    to.number("flags".to_owned(), sent.flags, stored.flags, Row::Flags);
    to.moment("start".to_owned(), sent.start, stored.start);
    let corrected = sent.end <= sent.start && stored.end == stored.start + 1;
    if corrected {
        to.differs("end".to_owned(), &sent.end, &stored.end, Some(Row::Duration));
    } else {
        to.moment("end".to_owned(), sent.end, stored.end);
    }
    if sent.end <= sent.start && sent.attributes.get(WARNINGS).is_none() {
        let mut without = stored.attributes.clone();
        without.remove(WARNINGS);
        attributes(to, "", &sent.attributes, &without);
    } else {
        attributes(to, "", &sent.attributes, &stored.attributes);
    }
    to.number("dropped attributes".to_owned(), sent.dropped.attributes, stored.dropped.attributes, Row::Dropped);
    to.number("dropped events".to_owned(), sent.dropped.events, stored.dropped.events, Row::Dropped);
    to.number("dropped links".to_owned(), sent.dropped.links, stored.dropped.links, Row::Dropped);
    to.same("number of events".to_owned(), &sent.events.len(), &stored.events.len());
    for (number, (sent, stored)) in (1..).zip(sent.events.iter().zip(&stored.events)) {
        event(to, &format!("event {number} · "), sent, stored);
    }
    to.same("number of links".to_owned(), &sent.links.len(), &stored.links.len());
    for (number, (sent, stored)) in (1..).zip(sent.links.iter().zip(&stored.links)) {
        link(to, &format!("link {number} · "), sent, stored);
    }
}

fn parent(id: Option<SpanId>) -> String {
    id.map_or_else(|| "none".to_owned(), |id| id.to_string())
}

fn event(to: &mut Comparison, place: &str, sent: &Event, stored: &Event) {
    to.text(format!("{place}name"), &sent.name, &stored.name);
    to.moment(format!("{place}time"), sent.time, stored.time);
    attributes(to, place, &sent.attributes, &stored.attributes);
    let (sent, stored) = (sent.dropped_attributes, stored.dropped_attributes);
    to.number(format!("{place}dropped attributes"), sent, stored, Row::Dropped);
}

fn link(to: &mut Comparison, place: &str, sent: &Link, stored: &Link) {
    to.same(format!("{place}trace"), &sent.trace_id, &stored.trace_id);
    to.same(format!("{place}span"), &sent.span_id, &stored.span_id);
    let is_bare = stored.trace_state.is_empty()
        && stored.flags == 0
        && stored.dropped_attributes == 0
        && stored.attributes.len() == 1
        && stored.attributes.get(REFERENCE).is_some();
    if is_bare && sent.attributes.get(REFERENCE).is_none() {
        to.differs(format!("{place}attributes"), "as sent", &format!("only {REFERENCE}"), Some(Row::Link));
        return;
    }
    let had = to.differences.len();
    to.text(format!("{place}trace state"), &sent.trace_state, &stored.trace_state);
    to.same(format!("{place}flags"), &sent.flags, &stored.flags);
    attributes(to, place, &sent.attributes, &stored.attributes);
    to.same(format!("{place}dropped attributes"), &sent.dropped_attributes, &stored.dropped_attributes);
    if to.differences.len() == had {
        to.kept.note(Row::Link);
    }
}
