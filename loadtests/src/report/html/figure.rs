//! A picture in both of its sizes, in the colours of the page.

use std::io;

use plotters::coord::Shift;
use plotters::prelude::*;

/// What pictures are drawn on.
pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Why a picture cannot be drawn.
pub(super) type DrawError = DrawingAreaErrorKind<io::Error>;

/// Stand-ins of the drawing library's for variables of the style sheet: a colour each that nothing else has.
const VARIABLES: [(RGBColor, &str); 8] = [
    (INK, "var(--ink)"),
    (MUTED, "var(--muted)"),
    (GRID, "var(--grid)"),
    (ON, "var(--on)"),
    (OFF, "var(--off)"),
    (SAME, "var(--same)"),
    (BUDGET, "var(--budget)"),
    (BAND, "var(--band)"),
];
pub(super) const INK: RGBColor = RGBColor(1, 0, 1);
pub(super) const MUTED: RGBColor = RGBColor(2, 0, 2);
pub(super) const GRID: RGBColor = RGBColor(3, 0, 3);
pub(super) const ON: RGBColor = RGBColor(4, 0, 4);
pub(super) const OFF: RGBColor = RGBColor(5, 0, 5);
pub(super) const SAME: RGBColor = RGBColor(6, 0, 6);
pub(super) const BUDGET: RGBColor = RGBColor(7, 0, 7);
pub(super) const BAND: RGBColor = RGBColor(8, 0, 8);

/// Size of the text of a picture. The SVG backend writes `font-size` as this over 1.24.
pub(super) const TEXT: u32 = 16;

/// A picture, its legend, and what it shows in words.
pub(super) struct Figure {
    /// For those who cannot see it.
    pub(super) label: String,
    /// `<svg>` for wide screens, then for narrow ones.
    pub(super) svgs: [String; 2],
    /// What its marks mean: a class of the style sheet and words.
    pub(super) legend: Vec<(&'static str, String)>,
}

/// For which screen a picture is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Screen {
    Wide,
    Narrow,
}

impl Screen {
    pub(super) fn width(self) -> u32 {
        match self {
            Self::Wide => 900,
            Self::Narrow => 380,
        }
    }

    /// `wide` or `narrow`.
    pub(super) fn pick<T>(self, wide: T, narrow: T) -> T {
        match self {
            Self::Wide => wide,
            Self::Narrow => narrow,
        }
    }
}

/// Draws a picture of so many pixels' height for both screens.
pub(super) fn figure(
    label: String,
    legend: Vec<(&'static str, String)>,
    height: u32,
    draw: impl Fn(&Area<'_>, Screen) -> Result<(), DrawError>,
) -> Result<Figure, DrawError> {
    let svg = |screen: Screen| {
        let mut svg = String::new();
        let area = SVGBackend::with_string(&mut svg, (screen.width(), height)).into_drawing_area();
        draw(&area, screen)?;
        area.present()?;
        drop(area);
        Ok(themed(&svg, screen, height))
    };
    Ok(Figure { label, legend, svgs: [svg(Screen::Wide)?, svg(Screen::Narrow)?] })
}

/// `svg` in the colours of the page, without a size of its own, and without the name space that HTML does not need.
fn themed(svg: &str, screen: Screen, height: u32) -> String {
    let body = svg.split_once('>').map_or("", |(_, body)| body);
    let class = screen.pick("wide", "narrow");
    let mut themed =
        format!("<svg class=\"{class}\" viewBox=\"0 0 {} {height}\" aria-hidden=\"true\">{body}", screen.width());
    for (RGBColor(red, green, blue), variable) in VARIABLES {
        // Quotes in text are escaped, so this finds attributes only.
        themed = themed.replace(&format!("\"#{red:02X}{green:02X}{blue:02X}\""), &format!("\"{variable}\""));
    }
    themed
}
