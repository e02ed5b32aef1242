//! Colours of the terminal report.

use anstyle::{AnsiColor, Style};

/// Styles by meaning; all plain where colour is off.
#[derive(Clone, Copy, Debug, Default)]
pub struct Palette {
    /// A violation, a FAIL.
    pub bad: Style,
    /// What holds.
    pub good: Style,
    /// Heads a section.
    pub heading: Style,
    /// Labels and asides.
    pub dim: Style,
    /// Neither good nor bad: waived, not proven.
    pub warn: Style,
}

impl Palette {
    /// The styles, all plain unless `colour`.
    #[must_use]
    pub fn new(colour: bool) -> Self {
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
