//! `otelgate overhead`, on the specimen: real experiments, short ones, and every way in which one proves nothing.

mod against;
mod bad_input;
mod calibration;
mod experiment;
mod in_verify;
mod interrupted;
mod invalid;
mod project;
