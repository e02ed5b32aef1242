//! What the tests share.

pub(crate) mod arbitrary;
pub(crate) mod ids;
pub(crate) mod receiver;
pub(crate) mod sink;
pub(crate) mod wait;
