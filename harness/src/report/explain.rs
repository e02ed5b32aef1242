//! The catalogue of finding ids, for reading.

use super::text::wrap;
use crate::finding::{CATALOG, Entry, GROUPS, entry};

/// Columns of the text for a terminal.
const WIDTH: usize = 100;

/// Most candidates offered for an id that does not exist.
const CANDIDATES: usize = 3;

/// Likeness (0..=1, Jaro-Winkler) below which an id is no candidate.
const ALIKE: f64 = 0.7;

/// A finding id that the catalogue does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no finding `{id}`{}", nearest_text(.nearest))]
pub struct UnknownFinding {
    /// The id asked for.
    pub id: String,
    /// Ids like it, most alike first.
    pub nearest: Vec<&'static str>,
}

/// What `id` means, with an example and what to do, for a terminal.
/// For the first part of ids (`span`), the list of ids that begin with it.
///
/// # Errors
/// If there is no such id; names the nearest.
pub fn explain(id: &str) -> Result<String, UnknownFinding> {
    if let Some(entry) = entry(id) {
        return Ok(explain_entry(entry));
    }
    let family: Vec<&Entry> = CATALOG.iter().filter(|entry| entry.id.split('.').next() == Some(id)).collect();
    if !family.is_empty() {
        let column = family.iter().map(|entry| entry.id.len()).max().unwrap_or(0);
        let lines = family.iter().map(|entry| format!("{:column$}  {}", entry.id, entry.title));
        return Ok(lines.collect::<Vec<_>>().join("\n") + "\n");
    }
    let mut alike: Vec<(f64, &'static str)> = CATALOG
        .iter()
        .map(|entry| (strsim::jaro_winkler(id, entry.id), entry.id))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .collect();
    alike.sort_by(|left, right| right.0.total_cmp(&left.0));
    Err(UnknownFinding { id: id.to_owned(), nearest: alike.into_iter().take(CANDIDATES).map(|(_, id)| id).collect() })
}

/// `docs/FINDINGS.md`: the whole catalogue as Markdown.
#[must_use]
pub fn catalog_markdown() -> String {
    let mut lines = vec![INTRODUCTION.trim_end().to_owned(), String::new()];
    for group in GROUPS {
        lines.push(format!("- {}: {}", group.title, list(group.entries)));
    }
    for group in GROUPS {
        lines.extend([String::new(), format!("## {}", group.title)]);
        for Entry { id, title, meaning, example, remedy } in group.entries {
            lines.extend([
                String::new(),
                format!("### `{id}`"),
                String::new(),
                format!("**{}.** {meaning}", sentence(title)),
                String::new(),
                format!("```text\n{example}\n```"),
                String::new(),
                format!("What to do: {remedy}"),
            ]);
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

const INTRODUCTION: &str = "\
<!-- Made from the catalogue in harness/src/finding/catalog/: change it there, then renew this file with
     SNAPSHOTS=overwrite cargo test -p otelgate-harness --test suite the_findings_document_is_the_catalogue -->

# Findings

Everything `otelgate` can say about a service's telemetry. `otelgate explain ID` prints the same text.

A report tells findings in this order: causes before their consequences, so the first one is the one to look at first.
Each has a subject that stays the same from run to run. A waiver in a contract accepts a finding by id and subject:

```yaml
waivers:
- finding: span.outside-parent
  subject: streamed query / rag.llm_generation
  reason: the stream is handed to the client after rag.query has ended
```

A waiver that matches nothing any more is a violation itself (`waiver.stale`).
";

fn explain_entry(entry: &Entry) -> String {
    let mut lines = vec![format!("{}: {}", entry.id, entry.title), String::new()];
    lines.extend(wrap(entry.meaning, WIDTH));
    lines.extend([String::new(), "Example".to_owned()]);
    lines.extend(entry.example.lines().map(|line| format!("  {line}")));
    lines.extend([String::new(), "What to do".to_owned()]);
    lines.extend(wrap(entry.remedy, WIDTH - 2).into_iter().map(|line| format!("  {line}")));
    lines.push(String::new());
    lines.join("\n")
}

fn list(entries: &[Entry]) -> String {
    let links = entries.iter().map(|entry| format!("[`{0}`](#{1})", entry.id, entry.id.replace('.', "")));
    links.collect::<Vec<_>>().join(", ")
}

fn sentence(phrase: &str) -> String {
    let mut chars = phrase.chars();
    // `error.type` is a name: it stays as it is.
    match chars.next() {
        Some(first) if !phrase.starts_with("error.type") => first.to_uppercase().chain(chars).collect(),
        _ => phrase.to_owned(),
    }
}

fn nearest_text(nearest: &[&'static str]) -> String {
    if nearest.is_empty() {
        return "; `docs/FINDINGS.md` lists all".to_owned();
    }
    format!("; nearest: {}", nearest.join(", "))
}
