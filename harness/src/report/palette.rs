//! Colours of the terminal report.

use anstyle::{AnsiColor, Style};

/// Styles by meaning; all plain where colour is off.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Palette {
    pub(super) bad: Style,
    pub(super) good: Style,
    pub(super) heading: Style,
    pub(super) dim: Style,
    pub(super) warn: Style,
}

impl Palette {
    pub(super) fn new(colour: bool) -> Self {
        if !colour {
            return Self::default();
        }
        Self {
            bad: AnsiColor::Red.on_default().bold(),
            good: AnsiColor::Green.on_default().bold(),
            heading: Style::new().bold(),
            dim: Style::new().dimmed(),
            warn: AnsiColor::Yellow.on_default(),
        }
    }
}
