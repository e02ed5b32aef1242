//! Where in a capture a string is.

use super::{Index, Trace, record, subject};
use crate::capture::{Family, LogRecord};
use crate::finding::{Place, Signal};

/// What a string is part of.
#[derive(Clone, Copy)]
pub(super) enum Owner<'i> {
    Span(Trace<'i>, usize),
    Event(Trace<'i>, usize, &'i str),
    Link(Trace<'i>, usize),
    Family(&'i Family),
    Exemplar(&'i Family),
    /// Text of an exposition endpoint outside any sample: a comment.
    Exposition,
    Log(usize, &'i LogRecord),
    Resource,
    Scope(&'i str),
}

/// What a string says of its owner.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The owner's name.
    Name,
    /// An attribute's or label's key.
    Key,
    /// An attribute's or label's value, or a part of it.
    Value,
    /// Another field: its name is in [`At::key`].
    Field,
}

/// Where a string is.
#[derive(Clone, Copy)]
pub(super) struct At<'i> {
    pub(super) owner: Owner<'i>,
    pub(super) role: Role,
    /// The attribute's key or the field's name.
    pub(super) key: &'i str,
}

impl At<'_> {
    /// The signal the string belongs to.
    pub(super) fn signal(&self) -> Signal {
        match self.owner {
            Owner::Span(..) | Owner::Event(..) | Owner::Link(..) | Owner::Scope(_) => Signal::Trace,
            Owner::Family(_) | Owner::Exemplar(_) | Owner::Exposition => Signal::Metric,
            Owner::Log(..) => Signal::Log,
            Owner::Resource => Signal::Resource,
        }
    }

    /// What of its owner the string is: `status message`, `user.id`, `a key`.
    fn part(&self) -> &str {
        match self.role {
            Role::Name => "name",
            Role::Key | Role::Value | Role::Field => self.key,
        }
    }

    /// What the string is called in findings. May contain the string itself.
    pub(super) fn subject(&self, index: &Index<'_>) -> String {
        let part = self.part();
        match self.owner {
            Owner::Span(trace, position) => subject::attribute(index, trace, position, part),
            Owner::Event(trace, position, name) => {
                subject::attribute(index, trace, position, &format!("event {name} / {part}"))
            }
            Owner::Link(trace, position) => subject::attribute(index, trace, position, &format!("link / {part}")),
            Owner::Family(family) => format!("{} / {part}", family.name),
            Owner::Exemplar(family) => format!("{} / exemplar / {part}", family.name),
            Owner::Exposition => format!("exposition text / {part}"),
            Owner::Log(_, record) => format!("{} / {part}", record::subject(record)),
            Owner::Resource => format!("resource / {part}"),
            Owner::Scope(name) => format!("scope {name} / {part}"),
        }
    }

    /// Where the string is. May contain the string itself.
    pub(super) fn place(&self) -> Place {
        match self.owner {
            Owner::Span(trace, position) | Owner::Link(trace, position) => subject::place(trace, position, self.part()),
            Owner::Event(trace, position, name) => {
                subject::place(trace, position, &format!("event {name} · {}", self.part()))
            }
            Owner::Family(family) | Owner::Exemplar(family) => {
                Place { path: format!("{}{{{}}}", family.name, self.part()), ..Place::default() }
            }
            Owner::Log(position, record) => record::place(position, record, self.part()),
            Owner::Exposition => Place { path: "exposition text".to_owned(), ..Place::default() },
            Owner::Resource => Place { path: format!("resource · {}", self.part()), ..Place::default() },
            Owner::Scope(name) => Place { path: format!("scope {name} · {}", self.part()), ..Place::default() },
        }
    }
}
