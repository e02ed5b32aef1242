//! The happy path: whether a trace is just as its shape says. Allocates nothing once warm.

use super::super::Trace;
use super::compile::{Shape, ShapeNode};
use super::plan::{Plan, Plans};
use super::{attributes, events};
use crate::capture::Span;

/// What a thread keeps between traces.
pub(super) struct Fitter<'s, 'a> {
    pub(super) plans: Plans<'s, 'a>,
    /// How many spans stand at each sibling, for all levels being visited.
    counts: Vec<u64>,
    visited: usize,
    /// Spans of an open subtree still to be visited.
    open: Vec<usize>,
}

impl<'s, 'a> Fitter<'s, 'a> {
    pub(super) fn new(plans: Plans<'s, 'a>) -> Self {
        Self { plans, counts: Vec::new(), visited: 0, open: Vec::new() }
    }

    /// Whether the whole trace is as `shape` says. A no may be wrong where siblings share a name and are out of the
    /// order written; `matching` looks again and finds nothing.
    pub(super) fn fits(&mut self, trace: Trace<'_>, shape: &Shape<'a>) -> bool {
        let mut roots = trace.roots();
        let (Some(root), None) = (roots.next(), roots.next()) else { return false };
        self.counts.clear();
        self.visited = 0;
        bears_name(&shape.nodes[0], trace.span(root))
            && self.fits_at(trace, shape, 0, root)
            && self.visited == trace.len()
    }

    /// Whether a span that has no place in a shape is as the rules of its name say.
    pub(super) fn follows_rules(&mut self, span: &Span) -> bool {
        holds(self.plans.of_span(span, None), span)
    }

    fn fits_at(&mut self, trace: Trace<'_>, shape: &Shape<'a>, at: usize, position: usize) -> bool {
        let node = &shape.nodes[at];
        let span = trace.span(position);
        self.visited += 1;
        if !node.ambiguous && !holds(self.plans.of_span(span, Some(node)), span) || !events::hold(node.node, span) {
            return false;
        }
        let siblings = &shape.nodes[node.children.clone()];
        let base = self.counts.len();
        self.counts.resize(base + siblings.len(), 0);
        let mut cursor = 0;
        for child in trace.children(position) {
            let span = trace.span(child);
            let found = (cursor..siblings.len()).chain(0..cursor).find(|sibling| {
                let node = &siblings[*sibling];
                self.counts[base + sibling] < node.max()
                    && bears_name(node, span)
                    && (!node.ambiguous || holds(self.plans.of_span(span, Some(node)), span))
            });
            let fits = match found {
                Some(sibling) if node.node.ordered && sibling < cursor => false,
                Some(sibling) => {
                    cursor = sibling;
                    self.counts[base + sibling] += 1;
                    self.fits_at(trace, shape, node.children.start + sibling, child)
                }
                None => node.node.open_children && self.open_subtree(trace, child),
            };
            if !fits {
                return false;
            }
        }
        let counted = siblings.iter().zip(&self.counts[base..]).all(|(node, count)| node.node.count.contains(*count));
        self.counts.truncate(base);
        counted
    }

    /// Judges spans that a shape leaves open by the rules of their names.
    fn open_subtree(&mut self, trace: Trace<'_>, top: usize) -> bool {
        // Not by recursion: nothing bounds the depth of what a service sends. No cycle can be reached from the root.
        self.open.clear();
        self.open.push(top);
        while let Some(position) = self.open.pop() {
            self.visited += 1;
            if !self.follows_rules(trace.span(position)) {
                return false;
            }
            self.open.extend(trace.children(position));
        }
        true
    }
}

/// Whether a span is called as the node says.
pub(super) fn bears_name(node: &ShapeNode<'_>, span: &Span) -> bool {
    match node.literal {
        Some(name) => *name == *span.name,
        None => node.node.span.matches(&span.name, &span.attributes),
    }
}

/// Whether kind, status and attributes are as planned.
pub(super) fn holds(plan: &mut Plan<'_>, span: &Span) -> bool {
    plan.kinds.iter().all(|kind| *kind == span.kind)
        && plan.statuses.iter().all(|status| *status == span.status.code)
        && attributes::hold(plan, span)
}
