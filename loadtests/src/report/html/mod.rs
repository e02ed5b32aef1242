//! The outcome for a person with a browser: one file that needs no other, no script and no network.
//!
//! Everything is in tables; pictures come on top. A picture is drawn twice, for wide and for narrow screens, because text in
//! an SVG that is scaled to fit a telephone cannot be read. Its colours are variables of the page's style sheet, so that
//! they follow the reader's choice of light or dark.

mod arms;
mod axis;
mod figure;
mod latencies;
mod launches;
mod page;
mod waterfalls;

pub use page::{HtmlError, Page, html};
