//! `otelgate check`

use std::time::Instant;

use otelgate_harness::checks::CHECKS;
use otelgate_harness::finding::Verdict;
use otelgate_harness::{capture, config};

use crate::cli::{Check, Output};
use crate::exit::Failure;
use crate::judge;

/// Judges a saved capture.
pub(crate) fn run(options: &Check, output: &Output) -> Result<Option<Verdict>, Failure> {
    let began = Instant::now();
    let contract = if options.contract.is_empty() {
        let config = config::read(&options.config).map_err(|error| Failure::Usage(error.to_string()))?;
        judge::read_promises(&config)?
    } else {
        judge::read_contracts(&options.contract)?
    };
    let capture = capture::load(&options.capture).map_err(|error| Failure::Usage(error.to_string()))?;
    judge::print(CHECKS, &capture, &contract, &options.capture.display().to_string(), began, output).map(Some)
}
