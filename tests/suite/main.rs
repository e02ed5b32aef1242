//! The command line, as a user meets it. One binary, so that it links once.

mod bad_config;
mod bad_service;
mod explain;
mod interrupt;
mod support;
mod verify;
