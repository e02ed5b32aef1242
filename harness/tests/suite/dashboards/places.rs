//! A finding names file, panel, query, and marks the place in the expression.

use super::{assert_one, judged_expr};

#[test]
fn the_place_is_marked_in_the_expression() {
    let finding = assert_one(&judged_expr("sum by (stage) (\n  rate(errors[5m])\n)"), "panel.metric-missing", &[]);

    assert_eq!(
        finding.place.path,
        "0.json › P (panel 1) › A\nsum by (stage) ( rate(errors[5m]) )\n                      ^^^^^^"
    );
}
