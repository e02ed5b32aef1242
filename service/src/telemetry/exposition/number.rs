//! Numbers as OpenMetrics writes them.

use std::fmt;

/// A sample's value.
pub(super) struct Value(pub(super) f64);

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            value if value.is_nan() => f.write_str("NaN"),
            f64::INFINITY => f.write_str("+Inf"),
            f64::NEG_INFINITY => f.write_str("-Inf"),
            value => write!(f, "{value}"),
        }
    }
}

/// The `le` of a bucket in its canonical form, which is Go's `%g` with `.0` behind whole numbers: `1.0`, `0.25`,
/// `1.048576e+06`.
///
/// Prometheus 3 brings every `le` into this form; older ones take it as it stands, and the same bound written in two
/// ways would be two series.
pub(super) struct Bound(pub(super) f64);

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scientific = format!("{:e}", self.0);
        let Some((digits, exponent)) = scientific.split_once('e') else { return Value(self.0).fmt(f) };
        let exponent: i32 = exponent.parse().unwrap_or_default();
        if self.0 != 0.0 && !(-4..6).contains(&exponent) {
            let sign = if exponent < 0 { '-' } else { '+' };
            write!(f, "{digits}e{sign}{:02}", exponent.unsigned_abs())
        } else {
            write!(f, "{:?}", self.0)
        }
    }
}

/// Nanoseconds since 1970, written as seconds, to the microsecond.
pub(super) struct Timestamp(pub(super) u64);

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06}", self.0 / 1_000_000_000, self.0 / 1_000 % 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::{Bound, Timestamp, Value};

    #[test]
    fn values_are_what_prometheus_reads() {
        assert_eq!(Value(0.0).to_string(), "0");
        assert_eq!(Value(0.25).to_string(), "0.25");
        assert_eq!(Value(-1e-9).to_string(), "-0.000000001");
        assert_eq!(Value(f64::NAN).to_string(), "NaN");
        assert_eq!(Value(f64::INFINITY).to_string(), "+Inf");
        assert_eq!(Value(f64::NEG_INFINITY).to_string(), "-Inf");
    }

    #[test]
    fn bounds_are_canonical() {
        for (bound, text) in [
            (0.0, "0.0"),
            (0.005, "0.005"),
            (0.0001, "0.0001"),
            (0.000_01, "1e-05"),
            (1.0, "1.0"),
            (2.5, "2.5"),
            (100.0, "100.0"),
            (262_144.0, "262144.0"),
            (1_000_000.0, "1e+06"),
            (1_048_576.0, "1.048576e+06"),
            (67_108_864.0, "6.7108864e+07"),
            (1e100, "1e+100"),
            (-5.0, "-5.0"),
            (f64::INFINITY, "+Inf"),
        ] {
            assert_eq!(Bound(bound).to_string(), text);
        }
    }

    #[test]
    fn times_are_seconds() {
        assert_eq!(Timestamp(1_700_000_000_012_345_678).to_string(), "1700000000.012345");
    }
}
