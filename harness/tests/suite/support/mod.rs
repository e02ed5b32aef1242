//! What tests share.

pub(crate) mod rag;
