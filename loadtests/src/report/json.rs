//! The outcome for a program.

use serde::Serialize;

use crate::overhead::outcome::Outcome;

/// Value of the document's `format`.
pub const FORMAT: &str = "otelgate-overhead";

/// Value of the document's `version`. Raised when a field is removed or changes its meaning; new fields may come without.
pub const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'o> {
    format: &'static str,
    version: u32,
    #[serde(flatten)]
    outcome: &'o Outcome,
}

/// `outcome` as one JSON document, indented, with a line break at its end: `format`, `version`, then the fields of
/// [`Outcome`]. Fractions are fractions (0.024 is 2.4 %), times say their unit in their names, and a figure that was not
/// measured is `null`.
///
/// # Errors
/// Those of the JSON writer.
pub fn json(outcome: &Outcome) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(&Document { format: FORMAT, version: VERSION, outcome })?;
    text.push('\n');
    Ok(text)
}
