//! `otelgate check`

use std::time::Instant;

use otelgate_harness::finding::Verdict;
use otelgate_harness::{capture, config};

use crate::cli::{Check, Output};
use crate::exit::Failure;
use crate::judge;

/// Judges a saved capture.
pub(crate) fn run(options: &Check, output: &Output) -> Result<Option<Verdict>, Failure> {
    let began = Instant::now();
    let contracts = if options.contract.is_empty() {
        config::read(&options.config).map_err(|error| Failure::Usage(error.to_string()))?.contracts
    } else {
        options.contract.clone()
    };
    let contract = judge::read_contracts(&contracts)?;
    let capture = capture::load(&options.capture).map_err(|error| Failure::Usage(error.to_string()))?;
    judge::print(&capture, &contract, &options.capture.display().to_string(), began, output).map(Some)
}
