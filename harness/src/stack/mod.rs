//! The dependencies of one run, and their end.
//!
//! [`Stack`] hands out addresses and sources; nothing else asks which [kind](StackKind) it is. The service always talks to
//! the same stand-ins in this process, which show faults and note what they were asked. In an embedded stack they answer
//! by themselves; else they are in front of real servers: in containers of the run, or such as somebody else runs.

mod back_ends;
pub mod containers;
mod error;
mod external;
mod fronts;
mod kind;
mod order;
mod probe;
mod scraped;
#[expect(clippy::module_inception, reason = "it is named for what it holds")]
mod stack;

pub use back_ends::{BackEnd, BackEnds, Image, Login, Origin};
pub use error::{StackError, State, Trouble, What};
pub use kind::{Server, StackKind};
pub use order::Order;
pub use stack::{Down, Stack};
