//! The outcome for GitHub Actions: a step summary and annotations.

use otelgate_harness::report::escape::{command, markdown, property};

use super::table::Table;
use super::{clean, facts, figures, lane, latency, one_line, tables, validity};
use crate::overhead::outcome::{Outcome, OverheadVerdict};

/// GitHub shows this many error annotations of a step and silently drops the rest.
const ANNOTATIONS: usize = 10;

/// Markdown for `$GITHUB_STEP_SUMMARY`.
#[must_use]
pub fn github_summary(outcome: &Outcome) -> String {
    let outcome = &clean::outcome(outcome);
    let mut page = Markdown(Vec::new());
    page.paragraph(&format!("## {} {}", outcome.verdict, markdown(&outcome.service)));
    page.paragraph(&markdown(&one_line(outcome)));
    if outcome.arms.is_empty() {
        page.paragraph(&format!("CPU a request: {}.", figures::NOT_MEASURED));
    } else {
        page.table(&tables::arms(outcome));
    }
    let mut own = vec![format!("A/A: {}", facts::same(outcome))];
    own.extend(facts::others(outcome).map(|(who, spent)| format!("{who}: {spent}")));
    page.list("", &own);
    if !outcome.latency.is_empty() {
        let limit = figures::budget(outcome.protocol.budget);
        page.paragraph(&format!("### Both meanings of \"it costs {limit}\""));
        page.table(&latency::meanings(outcome));
    }
    if let Some(figures) = lane::figures(outcome) {
        page.paragraph("### Deterministic lane");
        page.table(&figures);
    }
    let failed: Vec<String> = validity::failed(outcome).into_iter().map(validity::sentence).collect();
    page.list("### What makes it prove nothing", &failed);
    page.list("### Why", &outcome.reasons);
    page.list("### What would help", &outcome.help);
    let protocol = format!("{}. {}.", facts::machine(outcome), facts::protocol(outcome));
    page.paragraph(&markdown(&protocol));
    page.0.join("\n")
}

/// Workflow commands that make GitHub show why it is not PASS, one a line; empty for PASS.
#[must_use]
pub fn github_annotations(outcome: &Outcome) -> String {
    let outcome = &clean::outcome(outcome);
    if outcome.verdict == OverheadVerdict::Pass {
        return String::new();
    }
    let title = format!("OpenTelemetry overhead {}", outcome.verdict);
    let mut messages = vec![(title, one_line(outcome))];
    let failed = validity::failed(outcome);
    messages
        .extend(failed.iter().map(|invalid| (validity::name(invalid.rule).to_owned(), validity::sentence(invalid))));
    let hidden = messages.len().saturating_sub(ANNOTATIONS);
    if hidden > 0 {
        messages.truncate(ANNOTATIONS - 1);
        messages.push(("otelgate".to_owned(), format!("{} more: see the step summary", hidden + 1)));
    }
    let line =
        |(title, message): &(String, String)| format!("::error title={}::{}\n", property(title), command(message));
    messages.iter().map(line).collect()
}

struct Markdown(Vec<String>);

impl Markdown {
    /// `text` as it is, and a blank line.
    fn paragraph(&mut self, text: &str) {
        self.0.extend([text.to_owned(), String::new()]);
    }

    fn table(&mut self, table: &Table) {
        self.0.extend(table.markdown());
        self.0.push(String::new());
    }

    /// Nothing for an empty list.
    fn list(&mut self, title: &str, sentences: &[String]) {
        if sentences.is_empty() {
            return;
        }
        if !title.is_empty() {
            self.paragraph(title);
        }
        self.0.extend(sentences.iter().map(|sentence| format!("- {}", markdown(sentence))));
        self.0.push(String::new());
    }
}
