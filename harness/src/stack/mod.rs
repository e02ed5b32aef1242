//! The dependencies of one run, and their end.
//!
//! [`Stack`] hands out addresses and sources; nothing else asks which kind it
//! is. There is one kind so far, `embedded`: stand-ins in this process.
//! Containers and external URLs will be further files of this folder.

mod embedded;

pub use embedded::Stack;
