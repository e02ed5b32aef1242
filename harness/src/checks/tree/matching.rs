//! Pairs the nodes of a shape with the spans of a trace that does not fit it.
//!
//! Spans are paired where they stand as far as names allow. What is then left on both sides is explained in the order
//! of the least claim: a span loose for a reason of its own (orphan, second root, cycle) fills the place it belongs
//! to; so does a span of the right name under another parent; then a span of another name in the right place is taken
//! for renamed; only then is a node missing, and its children are looked for in turn.

use super::super::survey::{Survey, is_entry, survey};
use super::super::{Parent, Trace};
use super::assign::cheapest;
use super::compile::{Shape, ShapeNode};
use super::fits::bears_name;
use crate::capture::Span;

/// More siblings than this are paired in the order they come: the best pairing would take too long.
const MOST_PAIRED: usize = 64;

/// What it costs to leave a span without a node.
const UNPAIRED: i64 = 1 << 30;

/// What pairing a span and a node that have nothing in common costs: more than any pairing that leaves both alone.
const IMPOSSIBLE: i64 = 1 << 40;

/// What filling a place that must be filled saves.
const REQUIRED: i64 = 1 << 25;

/// What one difference costs; a different order costs less.
const DIFFERENCE: i64 = 1 << 12;

/// How a place of the shape was filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// By the span that stands there.
    InPlace,
    /// By a span that is an orphan, a second root or part of a cycle.
    Loose,
    /// By a span under another parent.
    Moved,
    /// By a span of another name.
    Renamed,
    /// By none.
    Missing,
}

/// A place of the shape.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    /// Position of the node in the shape.
    pub(super) node: usize,
    /// Position of the slot it hangs under.
    pub(super) parent: Option<usize>,
    /// The span there.
    pub(super) span: Option<usize>,
    pub(super) how: How,
}

/// A place that is still empty.
#[derive(Clone, Copy)]
struct Want {
    node: usize,
    parent: usize,
    /// Whether the shape demands it; else it may attract a span and is forgotten.
    required: bool,
}

/// The pairing.
pub(super) struct Matching<'m, 'a, 't> {
    pub(super) trace: Trace<'t>,
    pub(super) shape: &'m Shape<'a>,
    /// Places, parents before their children.
    pub(super) slots: Vec<Slot>,
    /// For each span, its slot.
    pub(super) slot_of: Vec<Option<usize>>,
    pub(super) survey: Survey,
    /// For each span, whether it hangs under nothing.
    pub(super) loose: Vec<bool>,
    wants: Vec<Want>,
}

impl<'m, 'a, 't> Matching<'m, 'a, 't> {
    pub(super) fn new(trace: Trace<'t>, shape: &'m Shape<'a>) -> Self {
        let survey = survey(trace);
        let mut loose = vec![false; trace.len()];
        for position in survey.roots.iter().chain(&survey.orphans).chain(survey.cycles.iter().flatten()) {
            loose[*position] = true;
        }
        let slot_of = vec![None; trace.len()];
        let mut matching = Self { trace, shape, slots: Vec::new(), slot_of, survey, loose, wants: Vec::new() };
        matching.place_root();
        matching.fill_wants();
        matching
    }

    /// Orphans that hang under a missing span, and those that share their lost parent.
    pub(super) fn explained_orphans(&self) -> Vec<usize> {
        let orphans = &self.survey.orphans;
        let under_missing = |position: &usize| {
            self.slot_of[*position]
                .and_then(|slot| self.slots[slot].parent)
                .is_some_and(|parent| self.slots[parent].how == How::Missing)
        };
        let lost: Vec<_> =
            orphans.iter().filter(|at| under_missing(at)).map(|at| self.trace.span(*at).parent).collect();
        orphans.iter().copied().filter(|at| lost.contains(&self.trace.span(*at).parent)).collect()
    }

    /// The node of a slot.
    pub(super) fn node(&self, slot: usize) -> &'m ShapeNode<'a> {
        &self.shape.nodes[self.slots[slot].node]
    }

    /// Whether no place has been found for the span, and it is not merely sent twice.
    pub(super) fn is_free(&self, position: usize) -> bool {
        self.slot_of[position].is_none() && !self.survey.copies.contains(&position)
    }

    /// How many spans stand at `node` under a slot.
    pub(super) fn count(&self, parent: usize, node: usize) -> u64 {
        let here = self.slots.iter().filter(|slot| slot.parent == Some(parent) && slot.node == node);
        here.filter(|slot| slot.span.is_some()).count() as u64
    }

    fn place_root(&mut self) {
        let root = &self.shape.nodes[0];
        let (trace, survey) = (self.trace, &self.survey);
        let is_root = |at: &usize| could_bear_name(root, trace.span(*at));
        let by_parent = |at: &usize| (trace.parent(*at) != Parent::Driver, !is_entry(trace.span(*at)));
        let named = survey.roots.iter().copied().filter(is_root).min_by_key(by_parent);
        // A root whose caller is unknown is an orphan to look at, and still begins the trace.
        let found = named
            .or_else(|| survey.orphans.iter().copied().find(is_root))
            .or_else(|| survey.roots.iter().copied().filter(|at| !self.is_below_root(*at)).min_by_key(by_parent));
        match found {
            Some(position) => {
                self.loose[position] = false;
                let how = if could_bear_name(root, self.trace.span(position)) { How::InPlace } else { How::Renamed };
                self.put(0, None, position, how);
            }
            None => self.miss(0, None),
        }
    }

    /// Whether a span bears the name of something further down: then it is not the root under another name.
    fn is_below_root(&self, position: usize) -> bool {
        self.is_named_in_shape(self.trace.span(position))
    }

    pub(super) fn is_named_in_shape(&self, span: &Span) -> bool {
        self.shape.nodes.iter().any(|node| node.node.span.says_something() && bears_name(node, span))
    }

    /// Puts a span into a place, and those under it into theirs.
    pub(super) fn put(&mut self, node: usize, parent: Option<usize>, position: usize, how: How) {
        let mut queue = vec![(node, parent, position, how)];
        while let Some((node, parent, position, how)) = queue.pop() {
            let slot = self.slots.len();
            self.slots.push(Slot { node, parent, span: Some(position), how });
            self.slot_of[position] = Some(slot);
            let children: Vec<usize> = self.trace.children(position).filter(|child| self.is_free(*child)).collect();
            let nodes = self.shape.nodes[node].children.clone();
            let paired = pair(&self.shape.nodes[nodes.clone()], self.trace, &children);
            for (child, sibling) in children.iter().zip(&paired).rev() {
                if let Some(sibling) = sibling {
                    queue.push((nodes.start + sibling, Some(slot), *child, How::InPlace));
                }
            }
            for (at, sibling) in nodes.clone().enumerate() {
                let there = paired.iter().filter(|paired| **paired == Some(at)).count();
                let wanted = usize::try_from(self.shape.nodes[sibling].node.count.min).unwrap_or(usize::MAX);
                let lacking = wanted.saturating_sub(there).min(self.trace.len() + 1);
                let want = Want { node: sibling, parent: slot, required: true };
                self.wants.extend(std::iter::repeat_n(want, lacking));
            }
        }
    }

    /// Leaves a place empty, and looks for what should hang there.
    fn miss(&mut self, node: usize, parent: Option<usize>) {
        let slot = self.slots.len();
        self.slots.push(Slot { node, parent, span: None, how: How::Missing });
        for child in self.shape.nodes[node].children.clone() {
            let most = usize::try_from(self.shape.nodes[child].max()).unwrap_or(usize::MAX).min(self.trace.len());
            let want = Want { node: child, parent: slot, required: false };
            self.wants.extend(std::iter::repeat_n(want, most));
        }
    }

    fn fill_wants(&mut self) {
        loop {
            let found = (0..self.wants.len()).find_map(|at| {
                let want = self.wants[at];
                self.loose_for(want).or_else(|| self.moved_for(want)).map(|(position, how)| (at, position, how))
            });
            let found = found.or_else(|| {
                let renamed =
                    |at: usize| Some((at, self.renamed(self.wants[at].node, self.wants[at].parent)?, How::Renamed));
                (0..self.wants.len()).find_map(renamed)
            });
            if let Some((at, position, how)) = found {
                let want = self.wants.remove(at);
                self.put(want.node, Some(want.parent), position, how);
            } else if let Some(at) = self.wants.iter().position(|want| want.required) {
                let want = self.wants.remove(at);
                self.miss(want.node, Some(want.parent));
            } else if !self.fill_optional() {
                return;
            }
        }
    }

    fn loose_for(&self, want: Want) -> Option<(usize, How)> {
        self.best(want.node, |at| self.loose[at]).map(|position| (position, How::Loose))
    }

    fn moved_for(&self, want: Want) -> Option<(usize, How)> {
        self.best(want.node, |at| !self.loose[at]).map(|position| (position, How::Moved))
    }

    /// The free span most like a node that bears its name.
    fn best(&self, node: usize, eligible: impl Fn(usize) -> bool) -> Option<usize> {
        let node = &self.shape.nodes[node];
        if !node.node.span.says_something() {
            return None;
        }
        (0..self.trace.len())
            .filter(|at| self.is_free(*at) && eligible(*at) && bears_name(node, self.trace.span(*at)))
            .min_by_key(|at| differences(node, self.trace.span(*at)))
    }

    /// Gives spans without a place one that may be filled and need not.
    fn fill_optional(&mut self) -> bool {
        for position in (0..self.trace.len()).filter(|at| self.is_free(*at) && !self.loose[*at]) {
            let span = self.trace.span(position);
            let above = match self.trace.parent(position) {
                Parent::At(parent) => self.slot_of[parent],
                Parent::None | Parent::Driver | Parent::Missing => None,
            };
            let Some(above) = above else { continue };
            let at_home = self.node(above).children.clone().any(|node| bears_name(&self.shape.nodes[node], span));
            if at_home || self.node(above).node.open_children {
                continue;
            }
            let place = (0..self.slots.len()).filter(|slot| self.slots[*slot].span.is_some()).find_map(|slot| {
                let node = self.node(slot).children.clone().find(|node| {
                    let shape = &self.shape.nodes[*node];
                    shape.node.span.says_something() && bears_name(shape, span) && self.count(slot, *node) < shape.max()
                })?;
                Some((slot, node))
            });
            if let Some((slot, node)) = place {
                self.put(node, Some(slot), position, How::Moved);
                return true;
            }
        }
        false
    }
}

/// For each of `children`, the sibling it stands for.
fn pair(siblings: &[ShapeNode<'_>], trace: Trace<'_>, children: &[usize]) -> Vec<Option<usize>> {
    if siblings.is_empty() || children.is_empty() {
        return vec![None; children.len()];
    }
    if children.len() > MOST_PAIRED {
        return pair_in_order(siblings, trace, children);
    }
    // A column for every span that may stand at a sibling, and one for every span that finds no sibling.
    let mut columns: Vec<(usize, bool)> = Vec::new();
    for (at, sibling) in siblings.iter().enumerate() {
        let most = sibling.max().min(children.len() as u64);
        columns.extend((0..most).map(|nth| (at, nth < sibling.node.count.min)));
    }
    let places = columns.len();
    let cost = |row: usize, column: usize| {
        let Some((sibling, required)) = columns.get(column) else { return UNPAIRED };
        let node = &siblings[*sibling];
        let span = trace.span(children[row]);
        if !could_bear_name(node, span) {
            return IMPOSSIBLE;
        }
        let differences = i64::try_from(differences(node, span)).unwrap_or(i64::MAX);
        let order = i64::try_from(row.abs_diff(column)).unwrap_or(i64::MAX);
        differences * DIFFERENCE + order - if *required { REQUIRED } else { 0 }
    };
    let paired = cheapest(children.len(), places + children.len(), cost);
    paired
        .into_iter()
        .enumerate()
        .map(|(row, column)| (column < places && cost(row, column) < UNPAIRED).then(|| columns[column].0))
        .collect()
}

fn pair_in_order(siblings: &[ShapeNode<'_>], trace: Trace<'_>, children: &[usize]) -> Vec<Option<usize>> {
    let mut counts = vec![0; siblings.len()];
    children
        .iter()
        .map(|child| {
            let span = trace.span(*child);
            let sibling = (0..siblings.len())
                .filter(|at| counts[*at] < siblings[*at].max() && could_bear_name(&siblings[*at], span))
                .min_by_key(|at| differences(&siblings[*at], span))?;
            counts[sibling] += 1;
            Some(sibling)
        })
        .collect()
}

/// Whether a span bears the node's name, or would if an attribute the name is made of were right: then that
/// attribute is what is wrong, and not the name.
pub(super) fn could_bear_name(node: &ShapeNode<'_>, span: &Span) -> bool {
    bears_name(node, span)
        || node.literal.is_none()
            && node.node.span.could_match(&span.name)
            && node.node.span.keys().any(|key| {
                let found = span.attributes.get(key);
                let expected = node.attributes.iter().find(|(wanted, _)| *wanted == key);
                found.is_none() || expected.is_some_and(|(_, expect)| expect.mismatch(found).is_some())
            })
}

/// In how many ways a span differs from what a node says.
pub(super) fn differences(node: &ShapeNode<'_>, span: &Span) -> usize {
    let kind = node.kind.is_some_and(|kind| kind != span.kind);
    let status = node.status.is_some_and(|status| status != span.status.code);
    let name = !bears_name(node, span);
    let attributes = node.attributes.iter().filter(|(key, expect)| expect.mismatch(span.attributes.get(key)).is_some());
    attributes.count() + usize::from(kind) + usize::from(status) + usize::from(name)
}
