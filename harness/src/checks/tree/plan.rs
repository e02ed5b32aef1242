//! Everything expected of the spans of one name at one place.

use rustc_hash::FxHashMap;

use super::attributes::Layout;
use super::compile::{ShapeNode, Shapes, kind, status};
use crate::capture::{Span, SpanKind, StatusCode};
use crate::contract::Expect;

/// What is expected of a span, from its node and from the rules of its name.
pub(super) struct Plan<'a> {
    /// The kinds wanted; all must hold, though only a contract at odds with itself wants two.
    pub(super) kinds: Vec<SpanKind>,
    /// The status codes wanted.
    pub(super) statuses: Vec<StatusCode>,
    /// Attributes. A key may be there several times, once a rule.
    pub(super) attributes: Vec<(&'a str, &'a Expect)>,
    /// Whether no other attribute may be there, but for `welcome` and those the conventions know.
    pub(super) closed: bool,
    /// Keys that some shape names, for spans that stand in none.
    pub(super) welcome: Vec<&'a str>,
    /// Whether the contract has convention packs.
    pub(super) conventions: bool,
    /// Orders of attributes seen so far, so that a span like an earlier one is compared by addresses.
    pub(super) layouts: Vec<Layout>,
}

/// Rules that speak of a name.
struct Named {
    /// Positions of the rules that hold for all spans of the name.
    sure: Vec<usize>,
    /// Positions of the rules whose placeholders must still be compared with the span's attributes.
    maybe: Vec<usize>,
    /// The set to use if all of `maybe` hold.
    all: usize,
}

/// Hands out plans, each made once. One a thread.
pub(super) struct Plans<'s, 'a> {
    pub(super) shapes: &'s Shapes<'a>,
    /// By address and length: names of one capture are shared.
    names: FxHashMap<(usize, usize), Named>,
    /// Sets of rules, as sorted positions.
    sets: Vec<Vec<usize>>,
    /// By node (0 for none) and set of rules.
    by_place: FxHashMap<(usize, usize), usize>,
    made: Vec<Plan<'a>>,
    /// Which rules have held for some span.
    pub(super) used: Vec<bool>,
}

impl<'s, 'a> Plans<'s, 'a> {
    pub(super) fn new(shapes: &'s Shapes<'a>) -> Self {
        Self {
            shapes,
            names: FxHashMap::default(),
            sets: Vec::new(),
            by_place: FxHashMap::default(),
            made: Vec::new(),
            used: vec![false; shapes.rules.len()],
        }
    }

    /// The plan for `span`, standing at `node`.
    pub(super) fn of_span(&mut self, span: &Span, node: Option<&ShapeNode<'a>>) -> &mut Plan<'a> {
        let set = self.set_of(span);
        self.of_set(set, node)
    }

    /// The plan for a span that stands at `node` under another name.
    pub(super) fn of_node(&mut self, node: &ShapeNode<'a>) -> &mut Plan<'a> {
        let name = node.literal.unwrap_or_default();
        let set = self.rules_where(|rule| rule.name.literal().is_some_and(|literal| literal == name));
        let set = self.set(set);
        self.of_set(set, Some(node))
    }

    /// Counts the rules of a node that was looked for as used: that its span is not there is a finding already.
    pub(super) fn use_rules_of(&mut self, node: &ShapeNode<'a>) {
        for (rule, used) in self.shapes.rules.iter().zip(&mut self.used) {
            let named = match (rule.name.literal(), node.literal) {
                (_, Some(name)) => rule.name.could_match(name),
                (Some(name), None) => node.node.span.could_match(name),
                (None, None) => *rule.name == node.node.span,
            };
            *used |= named;
        }
    }

    fn of_set(&mut self, set: usize, node: Option<&ShapeNode<'a>>) -> &mut Plan<'a> {
        let key = (node.map_or(0, |node| node.id), set);
        let position = if let Some(known) = self.by_place.get(&key) {
            *known
        } else {
            let plan = self.make(set, node);
            self.made.push(plan);
            self.by_place.insert(key, self.made.len() - 1);
            self.made.len() - 1
        };
        &mut self.made[position]
    }

    fn set_of(&mut self, span: &Span) -> usize {
        if self.shapes.rules.is_empty() {
            return self.set(Vec::new());
        }
        let key = (span.name.as_ptr().addr(), span.name.len());
        if !self.names.contains_key(&key) {
            let sure = self.rules_where(|rule| rule.by_name_alone && rule.name.matches(&span.name, &span.attributes));
            let maybe = self.rules_where(|rule| !rule.by_name_alone && rule.name.could_match(&span.name));
            for rule in &sure {
                self.used[*rule] = true;
            }
            let mut all = [sure.as_slice(), maybe.as_slice()].concat();
            all.sort_unstable();
            let all = self.set(all);
            self.names.insert(key, Named { sure, maybe, all });
        }
        let Some(named) = self.names.get(&key) else { return 0 };
        let rules = &self.shapes.rules;
        let holds = |rule: &usize| rules[*rule].name.matches(&span.name, &span.attributes);
        if named.maybe.iter().all(holds) {
            for rule in &named.maybe {
                self.used[*rule] = true;
            }
            return named.all;
        }
        let mut some = named.sure.clone();
        some.extend(named.maybe.iter().copied().filter(holds));
        some.sort_unstable();
        for rule in &some {
            self.used[*rule] = true;
        }
        self.set(some)
    }

    fn rules_where(&self, holds: impl Fn(&super::compile::Rule<'a>) -> bool) -> Vec<usize> {
        let rules = self.shapes.rules.iter().enumerate();
        rules.filter(|(_, rule)| holds(rule)).map(|(position, _)| position).collect()
    }

    fn set(&mut self, rules: Vec<usize>) -> usize {
        if let Some(known) = self.sets.iter().position(|set| *set == rules) {
            return known;
        }
        self.sets.push(rules);
        self.sets.len() - 1
    }

    fn make(&self, set: usize, node: Option<&ShapeNode<'a>>) -> Plan<'a> {
        let rules: Vec<_> = self.sets[set].iter().map(|rule| self.shapes.rules[*rule].holds).collect();
        let mut plan = Plan {
            kinds: node.and_then(|node| node.kind).into_iter().collect(),
            statuses: node.and_then(|node| node.status).into_iter().collect(),
            attributes: node.map(|node| node.attributes.clone()).unwrap_or_default(),
            closed: (node.is_some() || !rules.is_empty()) && !rules.iter().any(|rule| rule.open),
            welcome: Vec::new(),
            conventions: !self.shapes.contract.conventions.is_empty(),
            layouts: Vec::new(),
        };
        // What the tree says of a span wins over the rules of its name.
        let own = plan.attributes.len();
        for rule in &rules {
            if node.is_none_or(|node| node.kind.is_none()) {
                plan.kinds.extend(rule.kind.map(kind));
            }
            if node.is_none_or(|node| node.status.is_none()) {
                plan.statuses.extend(rule.status.map(status));
            }
            for (key, expect) in &rule.attributes {
                if !plan.attributes[..own].iter().any(|(known, _)| known == key) {
                    plan.attributes.push((key, expect));
                }
            }
        }
        if node.is_none() && plan.closed {
            let nodes = self.shapes.all.iter().flat_map(|shape| &shape.nodes);
            plan.welcome = nodes.flat_map(|node| node.attributes.iter().map(|(key, _)| *key)).collect();
        }
        plan.kinds.dedup();
        plan.statuses.dedup();
        plan
    }
}
