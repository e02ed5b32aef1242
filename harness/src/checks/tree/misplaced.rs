//! Why a span is under another parent, and whether another one was renamed.

use super::super::Parent;
use super::matching::{How, Matching, differences};

/// With children left open, a span must be called nearly so (of 1) to be taken for renamed and not for one more.
const NEARLY: f64 = 0.85;

impl Matching<'_, '_, '_> {
    /// The span in the place of `want`, if one is there under a name that the shape knows nowhere.
    pub(super) fn renamed(&self, node: usize, parent: usize) -> Option<usize> {
        let above = self.slots[parent].span?;
        let wanted = &self.shape.nodes[node];
        let open = self.node(parent).node.open_children;
        self.trace
            .children(above)
            .filter(|at| self.is_free(*at) && !self.loose[*at])
            .filter(|at| {
                let span = self.trace.span(*at);
                wanted.kind.is_none_or(|kind| kind == span.kind)
                    && !self.is_named_in_shape(span)
                    && self.is_alike_below(node, *at)
                    && (!open || strsim::jaro_winkler(wanted.node.span.as_str(), &span.name) >= NEARLY)
            })
            .min_by_key(|at| differences(wanted, self.trace.span(*at)))
    }

    /// Whether the spans under `position` are like those the node wants: none on one side, or one name in common.
    fn is_alike_below(&self, node: usize, position: usize) -> bool {
        let wanted = self.shape.nodes[node].children.clone();
        let mut found = self.trace.children(position).peekable();
        if wanted.is_empty() || found.peek().is_none() {
            return true;
        }
        found.any(|child| {
            let span = self.trace.span(child);
            wanted.clone().any(|node| super::fits::bears_name(&self.shape.nodes[node], span))
        })
    }

    /// For a span that fills a place from elsewhere: the parent it was found under, unless something else that is
    /// wrong explains why it is there.
    pub(super) fn wrong_parent(&self, slot: usize) -> Option<usize> {
        let place = self.slots[slot];
        let (Some(position), Some(above)) = (place.span, place.parent) else { return None };
        let Parent::At(found) = self.trace.parent(position) else { return None };
        let mut wanted = above;
        while self.slots[wanted].how == How::Missing {
            wanted = self.slots[wanted].parent?;
        }
        let wanted = self.slots[wanted].span?;
        // The span it should hang under is missing, and it hangs under that one's parent.
        if found == wanted && self.slots[above].how == How::Missing {
            return None;
        }
        // Two spans share an id, so its children may be the other's.
        if self.trace.span(found).span_id == self.trace.span(wanted).span_id {
            return None;
        }
        // A span that should not be there came between it and its parent.
        if self.is_free(found) && self.trace.parent(found) == Parent::At(wanted) {
            return None;
        }
        Some(found)
    }
}
