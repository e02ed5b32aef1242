//! What an expression measures, and in what: dimension analysis, as far as names and units tell.

use super::super::truth::Metric;
use super::super::truth::Part;
use crate::capture::MetricKind;

/// A kind of quantity, and how its values are scaled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Quantity {
    pub(super) what: What,
    /// Base units (seconds, bytes, one) in a value of 1: 0.001 for milliseconds, 0.01 for percent.
    pub(super) scale: f64,
    /// Whether it is that much each second.
    pub(super) per_second: bool,
}

/// Kinds of quantities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Time,
    /// Seconds since 1970.
    Moment,
    Bytes,
    Ratio,
    Count,
}

impl Quantity {
    pub(super) const fn new(what: What, scale: f64) -> Self {
        Self { what, scale, per_second: false }
    }

    /// What a metric's values are.
    pub(super) fn of(name: &str, metric: &Metric) -> Option<Self> {
        match metric.part {
            Part::Bucket | Part::Count => return Some(Self::new(What::Count, 1.0)),
            Part::Value | Part::Sum => {}
        }
        let stem = name.trim_end_matches("_total").trim_end_matches("_sum");
        if stem.ends_with("_timestamp_seconds")
            || stem.ends_with("start_time_seconds")
            || stem.ends_with("boot_time_seconds")
        {
            return Some(Self::new(What::Moment, 1.0));
        }
        // `node_time_seconds` is a moment, `response_time_seconds` is not.
        if stem.ends_with("_time_seconds") && metric.kind == MetricKind::Gauge {
            return None;
        }
        let of_unit = match metric.unit.as_str() {
            "s" => Some((What::Time, 1.0)),
            "ms" => Some((What::Time, 0.001)),
            "us" | "µs" => Some((What::Time, 1e-6)),
            "ns" => Some((What::Time, 1e-9)),
            "min" => Some((What::Time, 60.0)),
            "h" => Some((What::Time, 3_600.0)),
            "By" => Some((What::Bytes, 1.0)),
            "KiBy" | "KBy" | "kBy" => Some((What::Bytes, 1_000.0)),
            "MiBy" | "MBy" => Some((What::Bytes, 1e6)),
            "1" if stem.ends_with("_ratio") => Some((What::Ratio, 1.0)),
            "%" => Some((What::Ratio, 0.01)),
            _ => None,
        };
        let word = stem.rsplit('_').next().unwrap_or_default();
        let (what, scale) = of_unit
            .or(match word {
                "seconds" => Some((What::Time, 1.0)),
                "milliseconds" | "millis" | "ms" => Some((What::Time, 0.001)),
                "microseconds" => Some((What::Time, 1e-6)),
                "nanoseconds" | "nanos" => Some((What::Time, 1e-9)),
                "bytes" => Some((What::Bytes, 1.0)),
                "kilobytes" | "kibibytes" => Some((What::Bytes, 1_000.0)),
                "megabytes" | "mebibytes" => Some((What::Bytes, 1e6)),
                "ratio" => Some((What::Ratio, 1.0)),
                "percent" => Some((What::Ratio, 0.01)),
                _ => None,
            })
            .or_else(|| {
                // A counter that names no unit anywhere counts things.
                let silent = metric.kind == MetricKind::Counter
                    && !["bytes", "seconds", "time", "duration", "nanos", "millis"]
                        .iter()
                        .any(|unit| name.contains(unit));
                silent.then_some((What::Count, 1.0))
            })?;
        Some(Self::new(what, scale))
    }

    /// That much each second.
    pub(super) fn each_second(self) -> Self {
        Self { per_second: true, ..self }
    }

    /// Seconds each second are a ratio.
    fn settled(self) -> Self {
        if self.what == What::Time && self.per_second { Self::new(What::Ratio, self.scale) } else { self }
    }

    /// Its values times `factor`.
    pub(super) fn times(self, factor: f64) -> Option<Self> {
        let usual = [1.0, 8.0, 60.0, 100.0, 1_000.0, 1_024.0, 3_600.0, 1e6, 1_048_576.0, 1e9, 1_073_741_824.0];
        let known = usual.iter().any(|it| close(*it, factor) || close(1.0 / *it, factor));
        (known && factor > 0.0).then(|| Self { scale: self.scale / factor, ..self })
    }

    /// The one divided by the other.
    pub(super) fn over(self, other: Self) -> Option<Self> {
        if self.per_second != other.per_second {
            return None;
        }
        match (self.what, other.what) {
            (What::Moment, _) | (_, What::Moment) => None,
            (one, two) if one == two => close(self.scale, other.scale).then(|| Self::new(What::Ratio, 1.0)),
            (What::Time | What::Bytes, What::Count) => Some(Self::new(self.what, self.scale / other.scale)),
            _ => None,
        }
    }

    /// The one plus or minus the other.
    pub(super) fn plus(self, other: Self, minus: bool) -> Option<Self> {
        if self.what == What::Moment && other.what == What::Moment && minus {
            return Some(Self::new(What::Time, 1.0));
        }
        (self == other).then_some(self)
    }

    /// What values shown in this unit of Grafana's are taken for; `None` if the unit says nothing, or is not known here.
    pub(super) fn of_grafana(unit: &str) -> Option<Self> {
        let (what, scale) = match unit {
            "s" | "dtdurations" | "clocks" => (What::Time, 1.0),
            "ms" | "dtdurationms" | "clockms" => (What::Time, 0.001),
            "µs" | "us" => (What::Time, 1e-6),
            "ns" => (What::Time, 1e-9),
            "m" => (What::Time, 60.0),
            "h" => (What::Time, 3_600.0),
            "d" => (What::Time, 86_400.0),
            "bytes" | "decbytes" => (What::Bytes, 1.0),
            "kbytes" | "deckbytes" => (What::Bytes, 1_000.0),
            "mbytes" | "decmbytes" => (What::Bytes, 1e6),
            "gbytes" | "decgbytes" => (What::Bytes, 1e9),
            "bits" | "decbits" => (What::Bytes, 0.125),
            "percent" => (What::Ratio, 0.01),
            "percentunit" => (What::Ratio, 1.0),
            "Bps" | "binBps" => return Some(Self { what: What::Bytes, scale: 1.0, per_second: true }),
            "KBs" | "KiBs" => return Some(Self { what: What::Bytes, scale: 1_000.0, per_second: true }),
            "MBs" | "MiBs" => return Some(Self { what: What::Bytes, scale: 1e6, per_second: true }),
            "bps" | "binbps" => return Some(Self { what: What::Bytes, scale: 0.125, per_second: true }),
            _ => return None,
        };
        Some(Self::new(what, scale))
    }

    /// Whether a value of this, shown as `shown`, would be wrong for sure.
    pub(super) fn contradicts(self, shown: Self) -> bool {
        if self != self.settled() {
            return self.settled().contradicts(shown);
        }
        let other_scale = || {
            let factor = self.scale / shown.scale;
            // Thousand or 1024 is a matter of taste.
            !(0.5..=2.0).contains(&factor)
        };
        match (self.what, shown.what) {
            (What::Time, What::Time) | (What::Bytes, What::Bytes) | (What::Ratio, What::Ratio) => other_scale(),
            (What::Time, What::Bytes | What::Ratio) | (What::Bytes, What::Time | What::Ratio) => true,
            _ => false,
        }
    }

    /// For people: `seconds`, `a ratio (0 to 1)`.
    pub(super) fn text(self) -> String {
        let settled = self.settled();
        let name = match settled.what {
            What::Time if close(settled.scale, 1.0) => "seconds",
            What::Time if close(settled.scale, 0.001) => "milliseconds",
            What::Time if close(settled.scale, 1e-6) => "microseconds",
            What::Time if close(settled.scale, 1e-9) => "nanoseconds",
            What::Time if close(settled.scale, 60.0) => "minutes",
            What::Time if close(settled.scale, 3_600.0) => "hours",
            What::Time => "time",
            What::Moment => "seconds since 1970",
            What::Bytes if close(settled.scale, 1.0) => "bytes",
            What::Bytes if close(settled.scale, 0.125) => "bits",
            What::Bytes => "bytes, scaled",
            What::Ratio if close(settled.scale, 1.0) => "a ratio (1 is the whole)",
            What::Ratio if close(self.scale, 0.01) => "percent (100 is the whole)",
            What::Ratio => "a ratio, scaled",
            What::Count => "a count",
        };
        if settled.per_second { format!("{name} a second") } else { name.to_owned() }
    }

    /// The unit of Grafana's that would be right.
    pub(super) fn grafana(self) -> &'static str {
        let settled = self.settled();
        match settled.what {
            What::Time if close(settled.scale, 1.0) => "s",
            What::Time if close(settled.scale, 0.001) => "ms",
            What::Time if close(settled.scale, 1e-6) => "µs",
            What::Time if close(settled.scale, 1e-9) => "ns",
            What::Bytes if close(settled.scale, 1.0) && settled.per_second => "binBps",
            What::Bytes if close(settled.scale, 1.0) => "bytes",
            What::Ratio if close(settled.scale, 1.0) => "percentunit",
            What::Ratio if close(settled.scale, 0.01) => "percent",
            _ => "none",
        }
    }
}

fn close(left: f64, right: f64) -> bool {
    (left - right).abs() <= 1e-9 * left.abs().max(right.abs())
}
