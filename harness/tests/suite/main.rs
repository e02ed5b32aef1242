//! One test binary for the crate: each more would link everything again.

mod capture_arbitrary;
mod capture_collector_files;
mod capture_exposition;
mod capture_folder;
mod capture_otlp;
mod capture_stdout;
mod collector_bad_input;
mod collector_exporters;
mod collector_faults;
