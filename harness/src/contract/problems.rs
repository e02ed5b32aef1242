//! A contract that cannot be used.

use std::fmt;

use crate::yaml::Problem;

/// A contract that cannot be used. Holds all problems found, not the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractError {
    /// The problems, in the order of files and lines.
    pub problems: Vec<Problem>,
}

impl From<Problem> for ContractError {
    fn from(problem: Problem) -> Self {
        Self { problems: vec![problem] }
    }
}

impl std::error::Error for ContractError {}

/// One problem a line.
impl fmt::Display for ContractError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            write!(f, "{}{problem}", if index > 0 { "\n" } else { "" })?;
        }
        Ok(())
    }
}
