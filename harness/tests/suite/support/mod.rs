//! What tests share.

pub(crate) mod bed;
pub(crate) mod gate;
pub(crate) mod http;
pub(crate) mod rag;
