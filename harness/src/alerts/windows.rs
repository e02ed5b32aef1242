//! How long an alert may take to fire, and how long it must be silent to count as silent.

use std::time::Duration;

use promql_parser::parser::Expr;
use promql_parser::util::visitor::{ExprVisitor, walk_expr};

/// The windows of one alert, as the store evaluates it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// The shortest range of its expression; zero if it has none.
    pub range: Duration,
    /// How long its condition must hold.
    pub hold: Duration,
}

impl Windows {
    /// The windows of an alert with this expression and hold.
    ///
    /// # Errors
    /// If the expression does not parse.
    pub fn of(expr: &str, hold: Duration) -> Result<Self, String> {
        let expr = promql_parser::parser::parse(expr).map_err(|error| format!("`{expr}` does not parse: {error}"))?;
        let mut ranges = Ranges(None);
        let Ok(_) = walk_expr(&mut ranges, &expr);
        Ok(Self { range: ranges.0.unwrap_or_default(), hold })
    }

    /// How long it may take to fire once its fault is there: its shortest range must fill and its hold pass. Twice that,
    /// and ten seconds for scrapes and evaluations on a busy machine.
    #[must_use]
    pub fn patience(self) -> Duration {
        2 * (self.range + self.hold) + Duration::from_secs(10)
    }

    /// How long it must not fire to count as silent: its shortest range has filled and its hold passed, and two seconds.
    #[must_use]
    pub fn silence(self) -> Duration {
        self.range + self.hold + Duration::from_secs(2)
    }
}

/// The shortest range of an expression.
struct Ranges(Option<Duration>);

impl ExprVisitor for Ranges {
    type Error = std::convert::Infallible;

    fn pre_visit(&mut self, expr: &Expr) -> Result<bool, Self::Error> {
        let range = match expr {
            Expr::MatrixSelector(matrix) => matrix.range,
            Expr::Subquery(subquery) => subquery.range,
            _ => return Ok(true),
        };
        self.0 = Some(self.0.map_or(range, |shortest| shortest.min(range)));
        Ok(true)
    }
}
