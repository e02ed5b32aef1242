//! Oddities of a matching as findings.

use super::super::timing::starts_inside;
use super::super::{Index, Parent, Trace, subject, text};
use super::compile::{Shape, ShapeNode};
use super::matching::{How, Matching};
use super::plan::Plans;
use crate::finding::{Finding, Place, Signal};

pub(super) struct Report<'r, 's, 'a, 't> {
    pub(super) index: &'r Index<'r>,
    pub(super) trace: Trace<'t>,
    pub(super) plans: &'r mut Plans<'s, 'a>,
    pub(super) findings: &'r mut Vec<Finding>,
}

impl<'r, 's, 'a, 't> Report<'r, 's, 'a, 't> {
    pub(super) fn new(
        index: &'r Index<'r>,
        trace: Trace<'t>,
        plans: &'r mut Plans<'s, 'a>,
        findings: &'r mut Vec<Finding>,
    ) -> Self {
        Self { index, trace, plans, findings }
    }

    /// Everything wrong with a trace: what is not in its place first, then what is inside the spans.
    pub(super) fn matching(&mut self, shape: &Shape<'a>, matching: &mut Matching<'_, 'a, '_>) {
        for slot in 0..matching.slots.len() {
            self.place(matching, slot);
        }
        for position in 0..self.trace.len() {
            self.surplus(matching, position);
        }
        for slot in 0..matching.slots.len() {
            self.order(matching, slot);
        }
        for slot in &matching.slots {
            if matches!(slot.how, How::Missing | How::Renamed) {
                shape.subtree(slot.node).for_each(|node| self.plans.use_rules_of(node));
            }
            if let Some(position) = slot.span {
                self.span(&shape.nodes[slot.node], position, slot.how == How::Renamed);
            }
        }
    }

    /// `cold query / rag.query > rag.rerank`.
    pub(super) fn subject(&self, path: &str) -> String {
        format!("{} / {path}", subject::trace(self.index, self.trace))
    }

    pub(super) fn push(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// A finding about the span at `position`, called `path` in subjects.
    pub(super) fn about(&self, id: &'static str, path: &str, position: usize, message: String) -> Finding {
        Finding::violation(id, Signal::Trace, self.subject(path), message).at(subject::place(self.trace, position, ""))
    }

    fn place(&mut self, matching: &Matching<'_, 'a, '_>, slot: usize) {
        let Some(position) = matching.slots[slot].span else {
            self.missing(matching, slot);
            return;
        };
        if matching.slots[slot].how != How::Moved {
            return;
        }
        let Some(found) = matching.wrong_parent(slot) else { return };
        let node = matching.node(slot);
        let wanted = matching.slots[slot].parent.map_or("", |parent| matching.node(parent).node.span.as_str());
        let name = &self.trace.span(position).name;
        let finding = self
            .about("span.misplaced", &node.path, position, format!("the span `{name}` hangs under the wrong parent"))
            .wanted(format!("the parent `{wanted}`"))
            .found(format!("the parent `{}`", self.trace.span(found).name))
            .hint("start the span in its parent's context: look for a context kept from before, or lost across an await or a spawned task");
        self.push(finding);
    }

    fn missing(&mut self, matching: &Matching<'_, 'a, '_>, slot: usize) {
        let node = matching.node(slot);
        let Some(parent) = matching.slots[slot].parent else {
            // Without any root, the trace says so itself.
            if !matching.survey.roots.is_empty() {
                let finding = self.missing_span(matching, node, None);
                self.push(finding);
            }
            return;
        };
        // Under a span that is itself missing, one finding is enough.
        let Some(above) = matching.slots[parent].span else { return };
        let there = matching.count(parent, matching.slots[slot].node);
        let earlier = matching.slots[..slot].iter();
        let same = |other: &&super::matching::Slot| other.span.is_none() && other.parent == Some(parent);
        if earlier.filter(same).any(|other| other.node == matching.slots[slot].node) {
            return;
        }
        let finding =
            if there == 0 { self.missing_span(matching, node, Some(above)) } else { self.count(node, above, there) };
        self.push(finding);
    }

    fn missing_span(&self, matching: &Matching<'_, 'a, '_>, node: &ShapeNode<'a>, above: Option<usize>) -> Finding {
        let place = match above {
            Some(above) => {
                let span_id = Some(self.trace.span(above).span_id.to_string());
                Place { span_id, path: node.path.clone(), ..subject::trace_place(self.trace) }
            }
            None => Place { path: node.path.clone(), ..subject::trace_place(self.trace) },
        };
        let free = (0..self.trace.len()).filter(|at| matching.is_free(*at)).map(|at| &*self.trace.span(at).name);
        let near = text::nearest(node.node.span.as_str(), free);
        let under = above.map(|above| {
            let names: Vec<String> =
                self.trace.children(above).map(|child| format!("`{}`", self.trace.span(child).name)).collect();
            let listed = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
            format!("under `{}`: {listed}", self.trace.span(above).name)
        });
        let found: Vec<String> =
            under.into_iter().chain((!near.is_empty()).then(|| format!("nearest: {}", near.join(", ")))).collect();
        let message = format!("the span `{}` is missing", node.node.span);
        Finding::violation("span.missing", Signal::Trace, self.subject(&node.path), message)
            .at(place)
            .wanted(format!("{} of `{}`", node.node.count, node.node.span))
            .found(if found.is_empty() { "none".to_owned() } else { found.join("; ") })
            .hint("look for a span that is never started, never ended, or dropped before it was exported")
    }

    fn count(&self, node: &ShapeNode<'a>, above: usize, found: u64) -> Finding {
        let parent = &self.trace.span(above).name;
        let message = format!("`{}` hangs under `{parent}` {found} times", node.node.span);
        let mut finding = self
            .about("span.count", &node.path, above, message)
            .wanted(node.node.count.to_string())
            .found(found.to_string())
            .hint("look for work done twice or skipped, a retry, or a span that two layers make; if it may vary, write a range");
        finding.place.path.clone_from(&node.path);
        finding
    }

    /// A span for which the shape has no place.
    fn surplus(&mut self, matching: &Matching<'_, 'a, '_>, position: usize) {
        if !matching.is_free(position) || matching.loose[position] {
            return;
        }
        // What hangs under a span without a place has none either.
        let Parent::At(above) = self.trace.parent(position) else { return };
        let Some(slot) = matching.slot_of[above] else { return };
        let span = self.trace.span(position);
        let parent = matching.node(slot);
        let siblings = parent.children.clone();
        if let Some(at) = siblings.clone().find(|at| super::fits::bears_name(&matching.shape.nodes[*at], span)) {
            let node = &matching.shape.nodes[at];
            let is_first = self
                .trace
                .children(above)
                .find(|child| matching.is_free(*child) && super::fits::bears_name(node, self.trace.span(*child)))
                == Some(position);
            if is_first {
                let here = self.trace.children(above).filter(|child| {
                    !matching.survey.copies.contains(child) && super::fits::bears_name(node, self.trace.span(*child))
                });
                let finding = self.count(node, above, here.count() as u64);
                self.push(finding);
            }
            return;
        }
        if parent.node.open_children {
            self.open_subtree(position);
            return;
        }
        let names: Vec<String> =
            siblings.clone().map(|at| format!("`{}`", matching.shape.nodes[at].node.span)).collect();
        let path = if slot == 0 { span.name.to_string() } else { format!("{} > {}", parent.path, span.name) };
        let finding = self
            .about(
                "span.unexpected",
                &super::super::names::without_ids(&path),
                position,
                format!("the span `{}` has no place in the contract", span.name),
            )
            .wanted(if names.is_empty() {
                format!("nothing under `{}`", parent.node.span)
            } else {
                format!("under `{}` only {}", parent.node.span, names.join(", "))
            })
            .found(format!("`{}`, {} span", span.name, span.kind.name()))
            .hint("add the span to the trace's shape, write `open-children: true` for its parent, or stop making it");
        self.push(finding);
    }

    /// Judges the spans that a shape leaves open.
    fn open_subtree(&mut self, top: usize) {
        let mut stack = vec![top];
        while let Some(position) = stack.pop() {
            self.free_span(position);
            stack.extend(self.trace.children(position));
        }
    }

    /// Children of one span that do not start in the order written.
    fn order(&mut self, matching: &Matching<'_, 'a, '_>, slot: usize) {
        let (node, Some(above)) = (matching.node(slot), matching.slots[slot].span) else { return };
        if !node.node.ordered {
            return;
        }
        let parent = self.trace.span(above);
        let placed: Vec<(usize, usize)> = self
            .trace
            .children(above)
            .filter_map(|child| {
                let place = matching.slots[matching.slot_of[child]?];
                // A span outside its parent is in the wrong order for a reason of its own.
                let counts = place.parent == Some(slot) && starts_inside(self.trace.span(child), parent);
                counts.then_some((place.node, child))
            })
            .collect();
        let out = placed
            .windows(2)
            .find(|pair| pair[1].0 < pair[0].0 && self.trace.span(pair[1].1).start > self.trace.span(pair[0].1).start);
        let Some([(_, before), (late, after)]) = out else { return };
        let node = &matching.shape.nodes[*late];
        let written: Vec<String> =
            matching.node(slot).node.children.iter().map(|node| format!("`{}`", node.span)).collect();
        let started: Vec<String> =
            placed.iter().map(|(_, child)| format!("`{}`", self.trace.span(*child).name)).collect();
        let finding = self
            .about(
                "span.order",
                &node.path,
                *after,
                format!("the span `{}` starts after `{}`", self.trace.span(*after).name, self.trace.span(*before).name),
            )
            .wanted(written.join(", "))
            .found(started.join(", "))
            .hint("the steps run in another order than the contract says; if they may, leave out `ordered`");
        self.push(finding);
    }
}
