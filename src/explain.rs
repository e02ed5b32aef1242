//! `otelgate explain`

use otelgate_harness::finding::Verdict;
use otelgate_harness::report;

use crate::cli::{Explain, Output};
use crate::exit::Failure;
use crate::output;

/// Explains one finding, or lists all.
pub(crate) fn run(options: &Explain, output: &Output) -> Result<Option<Verdict>, Failure> {
    let text = match &options.id {
        Some(id) => report::explain(id).map_err(Failure::Usage)?,
        None => report::catalog_list(),
    };
    output::write(output, |out| write!(out, "{text}"))?;
    Ok(None)
}
