//! The contract's shapes, arranged for matching.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::super::Trace;
use crate::capture::{Exchange, SpanKind, StatusCode};
use crate::contract::{Contract, Expect, KindName, NamePattern, Node, OneOrMany, SpanRule, StatusName};

/// The key of `error.type`, which contracts may also write as `error-type`.
pub(in crate::checks) const ERROR_TYPE: &str = "error.type";

/// Shapes and span rules of a contract.
pub(in crate::checks) struct Shapes<'a> {
    pub(super) contract: &'a Contract,
    pub(super) all: Vec<Shape<'a>>,
    by_name: FxHashMap<&'a str, usize>,
    pub(super) rules: Vec<Rule<'a>>,
}

/// A trace's shape: nodes in an arena, the root first, siblings side by side.
pub(super) struct Shape<'a> {
    pub(super) nodes: Vec<ShapeNode<'a>>,
}

/// A node of a shape.
pub(super) struct ShapeNode<'a> {
    /// Distinct among all nodes of all shapes.
    pub(super) id: usize,
    pub(super) node: &'a Node,
    /// The name, if it has no placeholder.
    pub(super) literal: Option<&'a str>,
    pub(super) kind: Option<SpanKind>,
    pub(super) status: Option<StatusCode>,
    /// Attributes, `error-type` included.
    pub(super) attributes: Vec<(&'a str, &'a Expect)>,
    pub(super) children: Range<usize>,
    /// Whether a sibling may bear the same name: then attributes tell them apart.
    pub(super) ambiguous: bool,
    /// Names from below the root down to this node, joined by ` > `.
    pub(super) path: String,
}

/// What holds for spans of a name.
pub(super) struct Rule<'a> {
    pub(super) name: &'a NamePattern,
    pub(super) holds: &'a SpanRule,
    /// Whether the name alone decides, not the attributes.
    pub(super) by_name_alone: bool,
}

impl<'a> Shapes<'a> {
    pub(in crate::checks) fn new(contract: &'a Contract) -> Self {
        let mut ids = 0;
        let mut all = Vec::new();
        let mut by_name = FxHashMap::default();
        for (name, root) in &contract.traces {
            by_name.insert(name.as_str(), all.len());
            all.push(Shape::new(root, &mut ids));
        }
        let rules = contract
            .spans
            .iter()
            .map(|(name, holds)| Rule { name, holds, by_name_alone: name.keys().next().is_none() })
            .collect();
        Self { contract, all, by_name, rules }
    }

    /// The shape that a request's trace must have, if the contract gives it one.
    pub(super) fn of_request(&self, request: &Exchange) -> Option<&Shape<'a>> {
        let shapes: &OneOrMany = self.contract.scenarios.get(&request.scenario)?;
        let position = self.by_name.get(shapes.at(request.step)?)?;
        Some(&self.all[*position])
    }

    /// The shape that a trace must have, if the contract gives its request one.
    pub(super) fn of_trace(&self, trace: Trace<'_>) -> Option<&Shape<'a>> {
        self.of_request(trace.exchange()?)
    }

    /// Whether the contract says of which kind the root of this trace is.
    pub(in crate::checks) fn say_root_kind(&self, trace: Trace<'_>) -> bool {
        self.of_trace(trace).is_some_and(|shape| shape.nodes[0].kind.is_some())
    }
}

impl<'a> Shape<'a> {
    fn new(root: &'a Node, ids: &mut usize) -> Self {
        let mut nodes = vec![ShapeNode::new(root, None, ids)];
        let mut at = 0;
        while at < nodes.len() {
            let start = nodes.len();
            let above = (at > 0).then(|| nodes[at].path.clone());
            for child in &nodes[at].node.children {
                nodes.push(ShapeNode::new(child, above.as_deref(), ids));
            }
            nodes[at].children = start..nodes.len();
            mark_ambiguous(&mut nodes[start..]);
            at += 1;
        }
        Self { nodes }
    }

    /// The node at `at` and all below it.
    pub(super) fn subtree(&self, at: usize) -> impl Iterator<Item = &ShapeNode<'a>> {
        let mut stack = vec![at];
        std::iter::from_fn(move || {
            let node = &self.nodes[stack.pop()?];
            stack.extend(node.children.clone());
            Some(node)
        })
    }
}

impl<'a> ShapeNode<'a> {
    fn new(node: &'a Node, above: Option<&str>, ids: &mut usize) -> Self {
        *ids += 1;
        let own = node.attributes.iter().filter(|(key, _)| node.error_type.is_none() || key.as_str() != ERROR_TYPE);
        let attributes = own
            .map(|(key, expect)| (key.as_str(), expect))
            .chain(node.error_type.as_ref().map(|expect| (ERROR_TYPE, expect)))
            .collect();
        let fails = node.error_type.as_ref().is_some_and(|expect| !expect.allows_absence());
        Self {
            id: *ids,
            node,
            literal: node.span.literal(),
            kind: node.kind.map(kind),
            status: node.status.map(status).or(fails.then_some(StatusCode::Error)),
            attributes,
            children: 0..0,
            ambiguous: false,
            path: match above {
                Some(above) => format!("{above} > {}", node.span),
                None => node.span.as_str().to_owned(),
            },
        }
    }

    /// The most spans that may stand here.
    pub(super) fn max(&self) -> u64 {
        self.node.count.max.unwrap_or(u64::MAX)
    }
}

fn mark_ambiguous(siblings: &mut [ShapeNode<'_>]) {
    let clash: Vec<bool> = siblings
        .iter()
        .enumerate()
        .map(|(at, one)| siblings.iter().enumerate().any(|(other_at, other)| at != other_at && may_clash(one, other)))
        .collect();
    for (sibling, clash) in siblings.iter_mut().zip(clash) {
        sibling.ambiguous = clash;
    }
}

fn may_clash(one: &ShapeNode<'_>, other: &ShapeNode<'_>) -> bool {
    match (one.literal, other.literal) {
        (Some(one), Some(other)) => one == other,
        (Some(name), None) => other.node.span.could_match(name),
        (None, Some(name)) => one.node.span.could_match(name),
        (None, None) => true,
    }
}

pub(super) fn kind(name: KindName) -> SpanKind {
    match name {
        KindName::Internal => SpanKind::Internal,
        KindName::Server => SpanKind::Server,
        KindName::Client => SpanKind::Client,
        KindName::Producer => SpanKind::Producer,
        KindName::Consumer => SpanKind::Consumer,
    }
}

pub(super) fn status(name: StatusName) -> StatusCode {
    match name {
        StatusName::Unset => StatusCode::Unset,
        StatusName::Ok => StatusCode::Ok,
        StatusName::Error => StatusCode::Error,
    }
}
