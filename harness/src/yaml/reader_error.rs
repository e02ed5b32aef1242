//! Turns the YAML reader's errors into problems that say the next step.

use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::{Error, Location, MessageFormatter, UserMessageFormatter};

use super::document::DEEPEST;
use super::positions::Node;
use super::problem::{Position, Problem, did_you_mean};

/// The problem behind `error`, which came up in `file`.
pub(super) fn problem(error: &Error, file: &str, root: Option<&Node>) -> Problem {
    let error = error.without_snippet();
    if let Error::AliasError { error: inner, locations, .. } = error {
        // The place of use is what the author of the line looks at.
        let at = position(locations.reference_location);
        return Problem { at, ..problem(inner, file, root) };
    }
    let at = error.location().and_then(position);
    Problem { file: file.to_owned(), at, message: message(error, at, root) }
}

fn message(error: &Error, at: Option<Position>, root: Option<&Node>) -> String {
    match error {
        Error::SerdeUnknownField { field, expected, .. } if expected.is_empty() => format!("unknown key `{field}`"),
        Error::SerdeUnknownField { field, expected, .. } => {
            format!(
                "unknown key `{field}`{}\nknown here: {}",
                did_you_mean(field, expected.iter().copied()),
                expected.join(", ")
            )
        }
        Error::SerdeUnknownVariant { variant, expected, .. } => {
            format!(
                "`{variant}` is not known here{}\nknown: {}",
                did_you_mean(variant, expected.iter().copied()),
                expected.join(", ")
            )
        }
        Error::SerdeMissingField { field, .. } => format!("the key `{field}` is missing; add it"),
        Error::DuplicateMappingKey { key, .. } => {
            let key = key.as_deref().unwrap_or("?");
            let first = at.and_then(|at| root?.first_of_duplicate(key, at));
            let first = first.map(|first| format!(", first at {first}")).unwrap_or_default();
            format!("`{key}` is written twice{first}; keep one")
        }
        Error::SerdeInvalidType { unexpected, expected, .. } => {
            format!("wrong type: this is {}, and it must be {expected}", plain(unexpected))
        }
        Error::SerdeInvalidValue { unexpected, expected, .. } => {
            format!("wrong value: this is {unexpected}, and it must be {expected}")
        }
        Error::Unexpected { expected, .. } => format!("wrong type: here must be {}", plain(expected)),
        Error::InvalidScalar { ty, .. } => format!("wrong type: this does not read as {}", plain(ty)),
        Error::InvalidBooleanStrict { .. } => "wrong type: write true or false".to_owned(),
        Error::NullIntoString { .. } => "nothing is written here, and it must be text".to_owned(),
        Error::MultipleDocuments { .. } => {
            "a second YAML document begins, and a file is one document; give each a file of its own and name them all"
                .to_owned()
        }
        Error::Budget { breach: BudgetBreach::Depth { .. }, .. } => {
            format!("lists and maps are nested more than {DEEPEST} deep; flatten or split what is here")
        }
        Error::Budget { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => {
            "too large once its aliases are followed; write it out, or split it into files".to_owned()
        }
        Error::UnknownAnchor { .. } => "this refers to an anchor that is not set before; set it with `&`".to_owned(),
        Error::ExternalMessage { msg, .. } => format!("not YAML: {msg}; mend the syntax here or above"),
        Error::Message { msg, .. } => msg.clone(),
        other => UserMessageFormatter.format_message(other).into_owned(),
    }
}

/// The reader's words for kinds of nodes, in the words of somebody who writes YAML.
fn plain(term: &str) -> &str {
    match term {
        "mapping start" | "map" => "a map (`key: value`)",
        "sequence start" | "sequence" => "a list (`- item`)",
        "string scalar" => "text",
        "floating point" => "a number",
        other => other,
    }
}

fn position(location: Location) -> Option<Position> {
    let line = usize::try_from(location.line()).ok()?;
    let column = usize::try_from(location.column()).ok()?;
    // The reader knows no place for some errors and says 0.
    (line > 0).then_some(Position { line, column })
}
