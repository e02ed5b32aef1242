//! The file callgrind writes: how many instructions were run.

/// A file of callgrind that does not say how many instructions were run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallgrindError {
    /// It is of something else.
    #[error("it has no line `events:`, so it is not what callgrind writes")]
    NotCallgrind,
    /// Instructions were not counted.
    #[error("it counts `{events}`, and not `Ir`, which are instructions")]
    NoInstructions {
        /// What was counted.
        events: String,
    },
    /// It ends before its end.
    #[error("it has no line `totals:`, which is its last: it was cut off")]
    CutOff,
    /// A total is no number.
    #[error("`{line}` has no number of instructions")]
    BadTotal {
        /// The line.
        line: String,
    },
}

/// The instructions of a whole run, from the text of callgrind's file. All threads are in it.
///
/// The format is described in valgrind's manual, "Callgrind Format Specification": `events:` names the columns, `totals:`
/// ends the file with their sums.
///
/// # Errors
/// If the file is of something else, damaged or not of instructions.
pub fn instructions(file: &str) -> Result<u64, CallgrindError> {
    let line = |key: &str| file.lines().rev().find_map(|line| line.strip_prefix(key));
    let events = line("events:").ok_or(CallgrindError::NotCallgrind)?;
    let column = events.split_whitespace().position(|event| event == "Ir");
    let column = column.ok_or_else(|| CallgrindError::NoInstructions { events: events.trim().to_owned() })?;
    let totals = line("totals:").ok_or(CallgrindError::CutOff)?;
    let total = totals.split_whitespace().nth(column).and_then(|total| total.parse().ok());
    total.ok_or_else(|| CallgrindError::BadTotal { line: format!("totals:{totals}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The head and the end of a file of valgrind 3.19, of `true`.
    const REAL: &str = include_str!("true.callgrind.out");

    #[test]
    fn the_total_of_a_real_file_is_read() {
        assert_eq!(instructions(REAL), Ok(128_797));
    }

    #[test]
    fn instructions_are_found_in_any_column() {
        assert_eq!(instructions("events: Dr Ir Dw\nsummary: 1 2 3\ntotals: 10 20 30\n"), Ok(20));
    }

    #[test]
    fn a_file_that_was_cut_off_has_no_total() {
        let cut = REAL.split_once("totals:").unwrap().0;

        assert_eq!(instructions(cut), Err(CallgrindError::CutOff));
    }

    #[test]
    fn a_total_that_is_cut_short_or_no_number_is_no_total() {
        for line in ["totals:", "totals: many", "totals: -4"] {
            let error = instructions(&format!("events: Ir\n{line}\n")).unwrap_err();

            assert_eq!(error, CallgrindError::BadTotal { line: line.to_owned() });
        }
    }

    #[test]
    fn a_file_of_something_else_is_told_apart() {
        assert_eq!(instructions(""), Err(CallgrindError::NotCallgrind));
        assert_eq!(instructions("totals: 7\n"), Err(CallgrindError::NotCallgrind));
        assert_eq!(
            instructions("events: Bc Bcm\ntotals: 7 8\n"),
            Err(CallgrindError::NoInstructions { events: "Bc Bcm".to_owned() })
        );
    }
}
