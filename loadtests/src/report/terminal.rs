//! The outcome for a person at a terminal: what each arm cost, why the verdict, and the one line last.

use std::io::{self, Write};

use otelgate_harness::report::Palette;
use otelgate_harness::report::text::wrap;

use super::table::Table;
use super::{clean, facts, figures, lane, latency, one_line, tables, validity};
use crate::overhead::outcome::{Outcome, OverheadVerdict};

/// Columns of the labels before sentences.
const LABEL: usize = 15;

/// How to write the terminal summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TerminalOptions {
    /// Whether to write ANSI colours. Off by default; whoever owns the terminal decides.
    pub colour: bool,
    /// Columns at which sentences break; 100 by default. Tables and the last line are as long as they are.
    pub width: usize,
}

impl Default for TerminalOptions {
    fn default() -> Self {
        Self { colour: false, width: 100 }
    }
}

/// Writes `outcome` for a person. The last line is [`one_line`].
///
/// # Errors
/// Those of `out`.
pub fn terminal(outcome: &Outcome, options: TerminalOptions, out: &mut dyn Write) -> io::Result<()> {
    let outcome = &clean::outcome(outcome);
    let palette = Palette::new(options.colour);
    let mut page = Page { palette, width: options.width.max(40), out };
    page.heading(&facts::heading(outcome))?;
    page.text(&facts::machine(outcome), 0)?;
    page.text(&facts::protocol(outcome), 0)?;
    page.blank()?;
    arms(outcome, &mut page)?;
    latencies(outcome, &mut page)?;
    if let Some(figures) = lane::figures(outcome) {
        page.heading("Deterministic lane")?;
        page.table(&figures)?;
        page.blank()?;
        page.list("What it says", palette.heading, &lane::said(outcome))?;
    }
    let failed: Vec<String> = validity::failed(outcome).into_iter().map(validity::sentence).collect();
    page.list("What makes it prove nothing", palette.bad, &failed)?;
    page.list("Why", palette.heading, &outcome.reasons)?;
    page.list("What would help", palette.heading, &outcome.help)?;
    let style = match outcome.verdict {
        OverheadVerdict::Pass => palette.good,
        OverheadVerdict::Fail | OverheadVerdict::Invalid => palette.bad,
        OverheadVerdict::Inconclusive => palette.warn,
    };
    writeln!(page.out, "{style}{}{style:#}", one_line(outcome))
}

fn arms(outcome: &Outcome, page: &mut Page<'_>) -> io::Result<()> {
    if outcome.arms.is_empty() {
        page.text(&format!("CPU a request: {}", figures::NOT_MEASURED), 2)?;
    } else {
        page.table(&tables::arms(outcome))?;
    }
    page.blank()?;
    page.labelled("A/A", &facts::same(outcome))?;
    if let Some(cross_check) = facts::cross_check(outcome) {
        page.labelled("cross-check", &cross_check)?;
    }
    for (who, spent) in facts::others(outcome) {
        page.labelled(who, &spent)?;
    }
    page.blank()
}

fn latencies(outcome: &Outcome, page: &mut Page<'_>) -> io::Result<()> {
    if outcome.latency.is_empty() {
        return Ok(());
    }
    for measured in &outcome.latency {
        page.heading(&format!("Latency, {}", latency::heading(measured)))?;
        page.table(&latency::quantiles(outcome, measured))?;
        page.blank()?;
    }
    page.heading(&format!("Both meanings of \"it costs {}\"", figures::budget(outcome.protocol.budget)))?;
    page.table(&latency::meanings(outcome))?;
    page.blank()
}

struct Page<'w> {
    palette: Palette,
    width: usize,
    out: &'w mut dyn Write,
}

impl Page<'_> {
    fn blank(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    fn heading(&mut self, text: &str) -> io::Result<()> {
        let style = self.palette.heading;
        wrap(text, self.width).iter().try_for_each(|line| writeln!(self.out, "{style}{line}{style:#}"))
    }

    fn text(&mut self, text: &str, indent: usize) -> io::Result<()> {
        wrap(text, self.width - indent).iter().try_for_each(|line| writeln!(self.out, "{:indent$}{line}", ""))
    }

    fn table(&mut self, table: &Table) -> io::Result<()> {
        let dim = self.palette.dim;
        for (at, line) in table.lines().iter().enumerate() {
            if at == 0 {
                writeln!(self.out, "  {dim}{line}{dim:#}")?;
            } else {
                writeln!(self.out, "  {line}")?;
            }
        }
        Ok(())
    }

    fn labelled(&mut self, label: &str, text: &str) -> io::Result<()> {
        let dim = self.palette.dim;
        let mut label = label;
        for line in wrap(text, self.width.saturating_sub(LABEL + 2)) {
            writeln!(self.out, "  {dim}{label:LABEL$}{dim:#}{line}")?;
            label = "";
        }
        Ok(())
    }

    /// Nothing for an empty list.
    fn list(&mut self, title: &str, style: anstyle::Style, sentences: &[String]) -> io::Result<()> {
        if sentences.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "{style}{title}{style:#}")?;
        for sentence in sentences {
            self.text(sentence, 2)?;
        }
        self.blank()
    }
}
