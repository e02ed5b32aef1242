//! Results of queries.

use serde::Deserialize;
use serde::de::{Deserializer, Error};

use super::{Labels, time};
use crate::capture::arrived::{StoredHistogram, StoredSample, StoredSeries};

/// The result of a query.
#[derive(Clone, Debug, PartialEq)]
pub enum QueryValue {
    /// One number.
    Scalar(StoredSample),
    /// A text.
    Text(String),
    /// Series with one sample each.
    Vector(Vec<StoredSeries>),
    /// Series with samples over time.
    Matrix(Vec<StoredSeries>),
}

impl QueryValue {
    /// The series of a vector or matrix; none of anything else.
    #[must_use]
    pub fn into_series(self) -> Vec<StoredSeries> {
        match self {
            Self::Vector(series) | Self::Matrix(series) => series,
            Self::Scalar(_) | Self::Text(_) => Vec::new(),
        }
    }
}

#[derive(Deserialize)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
enum Wire {
    Scalar(Sample),
    String((f64, String)),
    Vector(Vec<Instant>),
    Matrix(Vec<Range>),
}

/// A result as it is written; members it does not know (`stats`) are ignored.
pub(super) struct Read(pub(super) QueryValue);

impl<'de> Deserialize<'de> for Read {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self(match Wire::deserialize(from)? {
            Wire::Scalar(sample) => QueryValue::Scalar(sample.0),
            Wire::String((_, text)) => QueryValue::Text(text),
            Wire::Vector(series) => QueryValue::Vector(series.into_iter().map(Instant::stored).collect()),
            Wire::Matrix(series) => QueryValue::Matrix(series.into_iter().map(Range::stored).collect()),
        }))
    }
}

#[derive(Deserialize)]
struct Instant {
    metric: Labels,
    value: Option<Sample>,
    histogram: Option<Histogram>,
}

impl Instant {
    fn stored(self) -> StoredSeries {
        StoredSeries {
            labels: self.metric,
            samples: self.value.into_iter().map(|sample| sample.0).collect(),
            histograms: self.histogram.into_iter().map(|histogram| histogram.0).collect(),
        }
    }
}

#[derive(Deserialize)]
struct Range {
    metric: Labels,
    #[serde(default)]
    values: Vec<Sample>,
    #[serde(default)]
    histograms: Vec<Histogram>,
}

impl Range {
    fn stored(self) -> StoredSeries {
        StoredSeries {
            labels: self.metric,
            samples: self.values.into_iter().map(|sample| sample.0).collect(),
            histograms: self.histograms.into_iter().map(|histogram| histogram.0).collect(),
        }
    }
}

/// `[1750000000.123, "42"]`
struct Sample(StoredSample);

impl<'de> Deserialize<'de> for Sample {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let (seconds, value) = <(f64, String)>::deserialize(from)?;
        Ok(Self(StoredSample { time: time::nanos(seconds), value: number(&value)? }))
    }
}

/// `[1750000000.123, {"count": "42", "sum": "1.5", "buckets": [[0, "0", "1", "42"]]}]`
struct Histogram(StoredHistogram);

impl<'de> Deserialize<'de> for Histogram {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Body {
            count: String,
            sum: String,
        }
        let (seconds, body) = <(f64, Body)>::deserialize(from)?;
        let (count, sum) = (number(&body.count)?, number(&body.sum)?);
        Ok(Self(StoredHistogram { time: time::nanos(seconds), count, sum }))
    }
}

/// A number written as text, `NaN`, `+Inf` and `-Inf` among them.
pub(super) fn number<E: Error>(text: &str) -> Result<f64, E> {
    text.parse().map_err(|_| E::custom(format!("{text:?} is no number")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> QueryValue {
        serde_json::from_str::<Read>(json).expect("a result").0
    }

    #[test]
    fn numbers_that_json_does_not_have_are_read() {
        let value = read(
            r#"{"resultType":"vector","result":[
                {"metric":{"__name__":"a"},"value":[1750000000.5,"NaN"]},
                {"metric":{},"value":[1750000000.5,"+Inf"]},
                {"metric":{},"value":[1750000000.5,"-Inf"]}]}"#,
        );

        let numbers: Vec<f64> = value.into_series().iter().map(|series| series.samples[0].value).collect();
        assert!(numbers[0].is_nan());
        assert_eq!(numbers[1..], [f64::INFINITY, f64::NEG_INFINITY]);
    }

    #[test]
    fn a_matrix_keeps_every_sample_and_its_millisecond() {
        let json = r#"{"resultType":"matrix","result":[{"metric":{"__name__":"a"},"values":[[1750000000.001,"1"],[1750000001.002,"2.5"]]}]}"#;

        let QueryValue::Matrix(series) = read(json) else { panic!("not a matrix") };

        let samples = [(1_750_000_000_001_000_000, 1.0), (1_750_000_001_002_000_000, 2.5)];
        assert_eq!(series[0].samples, samples.map(|(time, value)| StoredSample { time, value }));
    }

    #[test]
    fn native_histograms_are_tolerated() {
        let json = r#"{"resultType":"matrix","result":[{"metric":{"__name__":"a"},
            "histograms":[[1750000000,{"count":"3","sum":"0.5","buckets":[[0,"0.1","0.2","3"]]}]]}]}"#;

        let QueryValue::Matrix(series) = read(json) else { panic!("not a matrix") };

        assert!(series[0].samples.is_empty());
        assert_eq!((series[0].histograms[0].count, series[0].histograms[0].sum), (3.0, 0.5));
    }

    #[test]
    fn scalars_and_texts_are_read() {
        let scalar = r#"{"resultType":"scalar","result":[1750000000,"1"],"stats":{}}"#;
        let text = r#"{"resultType":"string","result":[1750000000,"a"]}"#;

        assert!(matches!(read(scalar), QueryValue::Scalar(sample) if (sample.value - 1.0).abs() < f64::EPSILON));
        assert_eq!(read(text), QueryValue::Text("a".to_owned()));
    }
}
