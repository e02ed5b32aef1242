//! What tests share.

pub(crate) mod outcomes;
