//! Rules with shorter windows, files of proofs, and what a trial's outcome is worth.

mod judged;
mod proofs;
mod windows;
