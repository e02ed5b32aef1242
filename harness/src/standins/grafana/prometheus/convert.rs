//! Answers of Prometheus as data frames.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::standins::grafana::frame::{Field, Frame, Labels, Meta, Values};
use crate::standins::grafana::number;

/// An answer of Prometheus' API.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Answer {
    pub(super) status: String,
    pub(super) error: String,
    pub(super) error_type: String,
    data: Value,
    warnings: Vec<String>,
    infos: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    result_type: String,
    result: Value,
}

/// A point: seconds since the epoch, and the number as text.
type Point = (f64, String);

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Series {
    metric: Labels,
    value: Option<Point>,
    values: Vec<Point>,
    histogram: Option<(f64, Histogram)>,
    histograms: Vec<(f64, Histogram)>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Histogram {
    buckets: Vec<(i8, String, String, String)>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Exemplars {
    series_labels: Labels,
    exemplars: Vec<Exemplar>,
}

#[derive(Debug, Deserialize)]
struct Exemplar {
    labels: Labels,
    value: String,
    timestamp: f64,
}

/// Where an exemplar lies, and of what it is one.
#[derive(Clone, Debug)]
pub(super) struct Example {
    /// Nanoseconds since the epoch.
    pub(super) time: i64,
    pub(super) value: f64,
    pub(super) labels: Labels,
    pub(super) series: Labels,
}

/// The frames of the answer to a query, not yet named.
///
/// # Errors
/// If it is not what Prometheus answers.
pub(super) fn frames(answer: Answer) -> Result<Vec<Frame>, String> {
    let data: Data = serde_json::from_value(answer.data).map_err(|error| error.to_string())?;
    let mut frames = match data.result_type.as_str() {
        kind @ ("matrix" | "vector") => {
            let series: Vec<Series> = serde_json::from_value(data.result).map_err(|error| error.to_string())?;
            series.into_iter().map(|series| self::series(series, kind == "vector", kind)).collect::<Result<_, _>>()?
        }
        "scalar" => {
            let point: Point = serde_json::from_value(data.result).map_err(|error| error.to_string())?;
            vec![series(Series { value: Some(point), ..Series::default() }, true, "scalar")?]
        }
        "string" => {
            let (time, text): Point = serde_json::from_value(data.result).map_err(|error| error.to_string())?;
            let fields = vec![Field::new("Time", times(&[time])), labelled(Values::Text(vec![text]), Labels::new())];
            vec![Frame { meta: Some(meta("timeseries-multi", [0, 0], "string")), fields, ..Frame::default() }]
        }
        other => return Err(format!("unknown result type: {other}")),
    };
    let notices: Vec<_> = [("warning", answer.warnings), ("info", answer.infos)]
        .into_iter()
        .flat_map(|(severity, texts)| texts.into_iter().map(move |text| (severity, text)))
        .collect();
    if !notices.is_empty() {
        if frames.is_empty() {
            frames.push(Frame { name: "Warnings".to_owned(), ..Frame::default() });
        }
        for frame in &mut frames {
            frame.meta.get_or_insert_default().notices.clone_from(&notices);
        }
    }
    Ok(frames)
}

/// The exemplars of an answer.
pub(super) fn examples(answer: Answer) -> Result<Vec<Example>, String> {
    let series: Vec<Exemplars> = serde_json::from_value(answer.data).map_err(|error| error.to_string())?;
    let mut examples = Vec::new();
    for Exemplars { series_labels, exemplars } in series {
        for Exemplar { labels, value, timestamp } in exemplars {
            examples.push(Example {
                time: nanos(timestamp),
                value: parse(&value)?,
                labels,
                series: series_labels.clone(),
            });
        }
    }
    Ok(examples)
}

fn series(series: Series, numeric: bool, result_type: &str) -> Result<Frame, String> {
    let histograms: Vec<_> = series.histogram.into_iter().chain(series.histograms).collect();
    if !histograms.is_empty() {
        return heatmap(histograms, series.metric);
    }
    let points: Vec<Point> = series.value.into_iter().chain(series.values).collect();
    let values = points.iter().map(|(_, value)| parse(value)).collect::<Result<_, _>>()?;
    let seconds: Vec<f64> = points.iter().map(|(time, _)| *time).collect();
    let kind = if numeric { "numeric-multi" } else { "timeseries-multi" };
    Ok(Frame {
        meta: Some(meta(kind, [0, 1], result_type)),
        fields: vec![Field::new("Time", times(&seconds)), labelled(Values::Float(values), series.metric)],
        ..Frame::default()
    })
}

/// A native histogram: a row for each bucket.
fn heatmap(histograms: Vec<(f64, Histogram)>, labels: Labels) -> Result<Frame, String> {
    let (mut at, mut low, mut high, mut count, mut layout) = (vec![], vec![], vec![], vec![], vec![]);
    for (time, histogram) in histograms {
        for (kind, least, most, number) in histogram.buckets {
            at.push(time);
            low.push(parse(&least)?);
            high.push(parse(&most)?);
            count.push(parse(&number)?);
            layout.push(kind);
        }
    }
    let mut low = Field::new("yMin", Values::Float(low));
    low.labels = Some(labels);
    Ok(Frame {
        meta: Some(Meta { kind: Some("heatmap-cells"), ..Meta::default() }),
        fields: vec![
            Field::new("xMax", times(&at)),
            low,
            Field::new("yMax", Values::Float(high)),
            Field::new("count", Values::Float(count)),
            Field::new("yLayout", Values::Int8(layout)),
        ],
        ..Frame::default()
    })
}

/// What a frame made from `result_type` says of itself.
pub(super) fn meta(kind: &'static str, type_version: [u8; 2], result_type: &str) -> Meta {
    let custom = Map::from_iter([("resultType".to_owned(), json!(result_type))]);
    Meta { kind: Some(kind), type_version, custom, ..Meta::default() }
}

fn labelled(values: Values, labels: Labels) -> Field {
    Field { labels: Some(labels), ..Field::new("Value", values) }
}

fn times(seconds: &[f64]) -> Values {
    Values::Time(seconds.iter().map(|seconds| nanos(*seconds)).collect())
}

/// Nanoseconds, of whole milliseconds: Prometheus knows no finer times.
fn nanos(seconds: f64) -> i64 {
    number::whole((seconds * 1000.0).round()).saturating_mul(1_000_000)
}

/// Reads a number as Prometheus writes it: also `NaN`, `+Inf` and `-Inf`.
fn parse(number: &str) -> Result<f64, String> {
    number.parse().map_err(|_| format!("strconv.ParseFloat: parsing {number:?}: invalid syntax"))
}
