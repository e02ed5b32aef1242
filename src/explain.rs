//! `otelgate explain`

use otelgate_harness::finding::{CATALOG, Verdict};
use otelgate_harness::report;

use crate::cli::Explain;
use crate::exit::Failure;
use crate::output;

/// Explains one finding, or lists all.
pub(crate) fn run(options: &Explain) -> Result<Option<Verdict>, Failure> {
    if let Some(id) = &options.id {
        let text = report::explain(id).map_err(|unknown| Failure::Usage(unknown.to_string()))?;
        output::write(|out| write!(out, "{text}"))?;
    } else {
        let longest = CATALOG.iter().map(|entry| entry.id.len()).max().unwrap_or(0);
        output::write(|out| {
            CATALOG.iter().try_for_each(|entry| writeln!(out, "{:longest$}  {}", entry.id, entry.title))
        })?;
    }
    Ok(None)
}
