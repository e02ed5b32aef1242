//! Sending on to a back end what was accepted.
//!
//! [`Sender`] takes requests without waiting; one task sends them, one after the other and again while the back end is
//! away ([`deliver`]); [`Onward`] is the account of it.

mod account;
mod deliver;
mod sender;

pub use account::{Account, Loss, Onward};
pub(super) use sender::{Route, Sender};
