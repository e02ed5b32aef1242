//! A table that is drawn in a terminal, in Markdown and in HTML alike.

use otelgate_harness::report::escape::markdown;
use otelgate_harness::report::text::width;

/// Rows of text under headings.
pub(super) struct Table {
    pub(super) columns: Vec<Column>,
    /// As many cells in each as there are columns.
    pub(super) rows: Vec<Vec<String>>,
}

/// A column of a [`Table`].
pub(super) struct Column {
    pub(super) title: String,
    /// Whether its cells end at one line: figures.
    pub(super) right: bool,
}

impl Table {
    /// A table without rows. A title that begins with `>` makes a column of figures.
    pub(super) fn new<const N: usize>(titles: [&str; N]) -> Self {
        let column =
            |title: &str| Column { title: title.trim_start_matches('>').to_owned(), right: title.starts_with('>') };
        Self { columns: titles.into_iter().map(column).collect(), rows: Vec::new() }
    }

    /// The heading and the rows, two spaces apart.
    pub(super) fn lines(&self) -> Vec<String> {
        let titles: Vec<&str> = self.columns.iter().map(|column| column.title.as_str()).collect();
        let rows: Vec<Vec<&str>> = std::iter::once(titles)
            .chain(self.rows.iter().map(|row| row.iter().map(String::as_str).collect()))
            .collect();
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|at| rows.iter().map(|row| row.get(at).map_or(0, |cell| width(cell))).max().unwrap_or(0))
            .collect();
        let line = |row: &Vec<&str>| {
            let cells = self.columns.iter().zip(&widths).zip(row).map(|((column, width), cell)| {
                if column.right { format!("{cell:>width$}") } else { format!("{cell:width$}") }
            });
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        rows.iter().map(line).collect()
    }

    /// The table in Markdown, every cell escaped.
    pub(super) fn markdown(&self) -> Vec<String> {
        let line = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
        let mut lines = vec![
            line(self.columns.iter().map(|column| markdown(&column.title)).collect()),
            line(self.columns.iter().map(|column| if column.right { "---:" } else { "---" }.to_owned()).collect()),
        ];
        lines.extend(self.rows.iter().map(|row| line(row.iter().map(|cell| markdown(cell)).collect())));
        lines
    }
}
