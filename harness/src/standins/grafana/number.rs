//! Numbers as Prometheus writes and Go reads them.

use serde_json::{Number, Value};

/// The largest whole number up to which every whole number is a double.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A number as Go writes it: whole ones without a point. What JSON cannot say (NaN and the infinities) is null.
pub(super) fn json(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < EXACT {
        Value::from(whole(value))
    } else {
        Number::from_f64(value).map_or(Value::Null, Value::Number)
    }
}

/// Rounds towards zero; the ends of the range for what lies beyond it, 0 for NaN.
#[expect(clippy::cast_possible_truncation, reason = "`as` saturates, which is what is wanted")]
pub(super) fn whole(value: f64) -> i64 {
    value as i64
}

/// The nearest double; exact for milliseconds of any date.
#[expect(clippy::cast_precision_loss, reason = "a double is what Go and JSON have for it")]
pub(super) fn float(value: i64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_have_no_point_and_the_rest_is_what_json_can_say() {
        for (value, text) in [(1.0, "1"), (-3.0, "-3"), (0.5, "0.5"), (f64::NAN, "null"), (f64::INFINITY, "null")] {
            assert_eq!(json(value).to_string(), text);
        }
        assert_eq!(json(1e300).as_f64(), Some(1e300));
    }
}
