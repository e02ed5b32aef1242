//! Whether each trace is one tree: what holds on every trace, contract or not.

use super::index::sent_ids;
use super::parallel::over_traces;
use super::subject;
use super::survey::{Survey, is_entry, is_sound, survey};
use super::tree::{Explained, Shapes};
use super::{Check, Index, Parent, Trace, promises_spans};
use crate::capture::{SpanId, SpanKind};
use crate::contract::Contract;
use crate::finding::{Finding, Signal};

pub(super) const CHECK: Check = Check {
    name: "structure",
    about: "every trace is one tree: one root, no orphan, no cycle",
    unit: "traces",
    wanted: promises_spans,
    run,
};

fn run(index: &Index<'_>, contract: &Contract, findings: &mut Vec<Finding>) -> u64 {
    let shapes = Shapes::new(contract);
    over_traces(
        index,
        findings,
        || (),
        |(), trace, findings| {
            if !is_sound(trace) {
                Report { index, trace, findings }.ids_and_parents(&shapes);
            }
            if let Some(root) = trace.roots().next() {
                Report { index, trace, findings }.root(root, &shapes);
            }
        },
    );
    index.trace_count() as u64
}

struct Report<'r, 't> {
    index: &'r Index<'r>,
    trace: Trace<'t>,
    findings: &'r mut Vec<Finding>,
}

impl Report<'_, '_> {
    fn ids_and_parents(&mut self, shapes: &Shapes<'_>) {
        let survey = survey(self.trace);
        for position in &survey.zero_ids {
            self.zero_id(*position);
        }
        for position in &survey.duplicates {
            self.duplicate(*position);
        }
        for cycle in &survey.cycles {
            self.cycle(cycle);
        }
        if survey.roots.len() > 1 {
            self.many_roots(&survey);
        }
        // Spans that share one lost parent under a missing root are taken for the root's children.
        let mut explained = shapes.explained(self.trace).unwrap_or_else(|| Explained { orphans: Vec::new() });
        explained.orphans.extend(children_of_lost_root(self.trace, &survey));
        let entry_orphan = survey.orphans.iter().any(|orphan| is_entry(self.trace.span(*orphan)));
        if survey.roots.is_empty() && survey.cycles.is_empty() && !entry_orphan && !self.trace.id().is_zero() {
            self.no_root(&survey);
        }
        for position in survey.orphans.iter().filter(|orphan| !explained.orphans.contains(orphan)) {
            self.orphan(*position);
        }
    }

    /// Judges the span that begins the trace.
    fn root(&mut self, root: usize, shapes: &Shapes<'_>) {
        let span = self.trace.span(root);
        let sent = self.trace.exchange().and_then(sent_ids);
        if let Some((_, parent)) = sent
            && !self.trace.roots().any(|root| self.trace.parent(root) == Parent::Driver)
        {
            self.lost_parent(root, parent);
        }
        // Where the contract says the root's kind, `tree` judges it.
        let outgoing = matches!(span.kind, SpanKind::Client | SpanKind::Producer);
        if outgoing && !shapes.say_root_kind(self.trace) {
            self.push(
                "trace.root-kind",
                root,
                format!("the trace begins with a {} span", span.kind.name()),
                "a server, consumer or internal span",
                &format!("`{}`, a {} span", span.name, span.kind.name()),
                "a call out is made on behalf of something: start a span for that, and the call's span in its context",
            );
        }
    }

    fn push(&mut self, id: &'static str, at: usize, message: String, wanted: &str, found: &str, hint: &str) {
        self.findings.push(
            Finding::violation(id, Signal::Trace, subject::span(self.index, self.trace, at), message)
                .at(subject::place(self.trace, at, ""))
                .wanted(wanted)
                .found(found)
                .hint(hint),
        );
    }

    fn zero_id(&mut self, at: usize) {
        let which = if self.trace.id().is_zero() { "trace" } else { "span" };
        self.push(
            "span.invalid-id",
            at,
            format!("the span's {which} id is all zeros, which W3C Trace Context calls invalid"),
            "an id with at least one bit set",
            "zeros",
            "look at the id generator, and for spans built from an empty context",
        );
    }

    fn duplicate(&mut self, at: usize) {
        let trace = self.trace;
        let span = trace.span(at);
        let first = trace.spans().position(|other| other.span_id == span.span_id).unwrap_or(at);
        self.push(
            "span.duplicate-id",
            at,
            format!("two spans of the trace have the id {}", span.span_id),
            "one span an id",
            &format!("`{}` and `{}`", trace.span(first).name, span.name),
            "a span was exported twice (two processors, or a retry after success), or ids are not random",
        );
    }

    fn cycle(&mut self, members: &[usize]) {
        let trace = self.trace;
        let mut names: Vec<&str> = members.iter().map(|member| &*trace.span(*member).name).collect();
        names.extend(names.first().copied());
        let Some(first) = members.first() else { return };
        self.findings.push(
            Finding::violation(
                "trace.cycle",
                Signal::Trace,
                format!("{} / {}", subject::trace(self.index, trace), trace.span(*first).name),
                "spans are each other's parents, so none of them hangs under the root",
            )
            .at(subject::place(trace, *first, ""))
            .wanted("parents that lead to the root")
            .found(names.join(" > "))
            .hint("look for a span that was started in the context of its own child"),
        );
    }

    fn many_roots(&mut self, survey: &Survey) {
        let trace = self.trace;
        let best = survey
            .roots
            .iter()
            .copied()
            .min_by_key(|root| (trace.parent(*root) != Parent::Driver, !is_entry(trace.span(*root)), *root));
        let Some(extra) = survey.roots.iter().copied().find(|root| Some(*root) != best) else { return };
        let names: Vec<String> = survey.roots.iter().map(|root| format!("`{}`", trace.span(*root).name)).collect();
        self.push(
            "trace.many-roots",
            extra,
            format!("the trace has {} roots", survey.roots.len()),
            "one root",
            &names.join(", "),
            "the span was started without its parent's context: pass the context into the task, thread or callback that starts it",
        );
    }

    fn no_root(&mut self, survey: &Survey) {
        let trace = self.trace;
        let names: Vec<String> = survey.orphans.iter().map(|at| format!("`{}`", trace.span(*at).name)).collect();
        self.findings.push(
            Finding::violation(
                "trace.no-root",
                Signal::Trace,
                subject::trace(self.index, trace),
                "the trace has no root: the span that began it was never exported",
            )
            .at(subject::trace_place(trace))
            .wanted("one span that begins the trace")
            .found(format!("{} spans, the topmost {}", trace.len(), names.join(", ")))
            .hint("end the root before the process stops, and flush; a span that is never ended is never exported"),
        );
    }

    fn lost_parent(&mut self, root: usize, sent: SpanId) {
        self.push(
            "trace.not-continued",
            root,
            "the service took the request's trace id and dropped its parent".to_owned(),
            &format!("the parent {sent}, which the request's `traceparent` named"),
            "no parent",
            "start the root in the extracted context instead of only copying its trace id",
        );
    }

    fn orphan(&mut self, at: usize) {
        let parent = self.trace.span(at).parent.unwrap_or_default();
        self.push(
            "span.orphan",
            at,
            "the span's parent is nowhere in the capture".to_owned(),
            &format!("a span with the id {parent}, its parent"),
            "none in the trace",
            "the parent was dropped, is still open, or belongs to a process whose telemetry is not captured",
        );
    }
}

/// Orphans with the parent of the earliest one, if the trace has no root and no span that may be one.
fn children_of_lost_root(trace: Trace<'_>, survey: &Survey) -> Vec<usize> {
    let Some(first) = survey.orphans.first() else { return Vec::new() };
    let rootless = survey.roots.is_empty() && survey.cycles.is_empty();
    if !rootless || survey.orphans.iter().any(|orphan| is_entry(trace.span(*orphan))) {
        return Vec::new();
    }
    let lost = trace.span(*first).parent;
    survey.orphans.iter().copied().filter(|orphan| trace.span(*orphan).parent == lost).collect()
}
