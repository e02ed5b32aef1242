//! A family and its points while their lines come in.

use std::collections::HashMap;

use super::kind::{Declared, Part};
use super::line::{Label, WrittenExemplar};
use super::number;
use crate::capture::{
    Attributes, Exemplar, Family, HistogramPoint, Interner, MetricKind, Point, PointValue, SpanId, TraceId, Value,
    unit_of_suffix,
};

/// A number of the line, and what is wrong with it.
pub(super) type Misfit = (usize, String);

/// A family under construction.
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) help: Option<String>,
    pub(super) unit: Option<String>,
    pub(super) declared: Option<Declared>,
    pub(super) points: Vec<DraftPoint>,
    /// Points of histograms and summaries by their labels: several lines make one.
    by_labels: HashMap<Vec<(String, String)>, usize>,
}

/// A point under construction.
#[derive(Default)]
pub(super) struct DraftPoint {
    /// The line that began it.
    line: usize,
    labels: Vec<(String, String)>,
    value: Option<f64>,
    /// Bound or quantile, and value.
    steps: Vec<(f64, f64)>,
    sum: Option<f64>,
    count: Option<f64>,
    start: u64,
    time: u64,
    exemplars: Vec<Exemplar>,
}

impl Draft {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            help: None,
            unit: None,
            declared: None,
            points: Vec::new(),
            by_labels: HashMap::new(),
        }
    }

    pub(super) fn add(
        &mut self,
        line: usize,
        part: Part,
        time: u64,
        value: f64,
        labels: Vec<Label<'_>>,
        exemplar: Option<WrittenExemplar<'_>>,
    ) -> Result<(), String> {
        let own_label = match part {
            Part::Bucket => Some("le"),
            Part::Quantile => Some("quantile"),
            _ => None,
        };
        let mut step = None;
        let mut kept = Vec::with_capacity(labels.len());
        for (label, text) in labels {
            if Some(&*label) == own_label {
                step = Some(number::value(&text)?);
                if step.is_some_and(f64::is_nan) {
                    return Err(format!("{label} is not a number"));
                }
            } else {
                kept.push((label.into_owned(), text.into_owned()));
            }
        }
        let point = self.point(line, part, kept);
        if time != 0 {
            point.time = time;
        }
        point.exemplars.extend(exemplar.map(exemplar_of));
        match (part, step) {
            (Part::Value, _) => point.value = Some(value),
            (Part::Bucket | Part::Quantile, Some(step)) => {
                if point.steps.iter().any(|(other, _)| other.total_cmp(&step).is_eq()) {
                    return Err(format!("{} {step} twice", own_label.unwrap_or_default()));
                }
                point.steps.push((step, value));
            }
            (Part::Bucket | Part::Quantile, None) => {
                return Err(format!("no label {}", own_label.unwrap_or_default()));
            }
            (Part::Sum, _) => point.sum = Some(value),
            (Part::Count, _) => point.count = Some(value),
            (Part::Created, _) => point.start = number::seconds(&value.to_string())?,
        }
        Ok(())
    }

    /// The point that the sample is part of. A plain value that comes twice makes two points: that is for a check to see.
    fn point(&mut self, line: usize, part: Part, labels: Vec<(String, String)>) -> &mut DraftPoint {
        let mut key = labels.clone();
        key.sort_unstable();
        let known = self.by_labels.get(&key).copied();
        let open = known.filter(|index| part != Part::Value || self.points[*index].value.is_none());
        let index = open.unwrap_or_else(|| {
            self.points.push(DraftPoint { line, labels, ..DraftPoint::default() });
            self.points.len() - 1
        });
        self.by_labels.insert(key, index);
        &mut self.points[index]
    }

    pub(super) fn finish(self, openmetrics: bool, strings: &mut Interner) -> Result<Family, Misfit> {
        let declared = self.declared.unwrap_or(Declared::Untyped);
        let kind = match declared {
            Declared::Untyped => MetricKind::Unknown,
            Declared::Counter => MetricKind::Counter,
            Declared::Gauge | Declared::Info => MetricKind::Gauge,
            Declared::Histogram | Declared::GaugeHistogram => MetricKind::Histogram,
            Declared::Summary => MetricKind::Summary,
        };
        let mut name = self.name;
        let suffix = match declared {
            Declared::Counter => "_total",
            Declared::Info => "_info",
            _ => "",
        };
        if openmetrics && !name.ends_with(suffix) {
            name.push_str(suffix);
        }
        let unit = match self.unit.as_deref() {
            None | Some("") => unit_of_suffix(&name),
            Some(said) => Some(unit_of_suffix(said)).filter(|unit| !unit.is_empty()).unwrap_or(said),
        };
        Ok(Family {
            unit: strings.intern(unit),
            name: strings.intern(&name),
            help: strings.intern(self.help.as_deref().unwrap_or_default()),
            kind,
            points: self.points.into_iter().map(|point| point.finish(kind, strings)).collect::<Result<_, _>>()?,
            ..Family::default()
        })
    }
}

impl DraftPoint {
    fn finish(self, kind: MetricKind, strings: &mut Interner) -> Result<Point, Misfit> {
        let line = self.line;
        let value = match kind {
            MetricKind::Histogram => self.histogram().map_err(|reason| (line, reason))?,
            MetricKind::Summary => PointValue::Summary {
                count: number::count(self.count.unwrap_or(0.0)).map_err(|reason| (line, reason))?,
                sum: self.sum.unwrap_or(f64::NAN),
                quantiles: self.steps,
            },
            _ => PointValue::Number(self.value.ok_or_else(|| (line, "a `_created` without its sample".to_owned()))?),
        };
        let labels: Attributes =
            self.labels.iter().map(|(label, text)| (strings.intern(label), Value::Str(strings.intern(text)))).collect();
        Ok(Point { labels, value, start: self.start, time: self.time, exemplars: self.exemplars })
    }

    /// The buckets, no longer cumulative. Without a `+Inf` bucket, `_count` stands for it.
    fn histogram(&self) -> Result<PointValue, String> {
        let mut steps = self.steps.clone();
        steps.sort_by(|(left, _), (right, _)| left.total_cmp(right));
        let infinite = match steps.last() {
            Some(&(bound, observations)) if bound == f64::INFINITY => {
                steps.pop();
                observations
            }
            Some(_) | None => self.count.ok_or("a histogram with neither a `+Inf` bucket nor a `_count`")?,
        };
        let mut bounds = Vec::with_capacity(steps.len());
        let mut counts = Vec::with_capacity(steps.len() + 1);
        let mut below = 0;
        for (bound, cumulative) in steps.into_iter().chain([(f64::INFINITY, infinite)]) {
            let cumulative = number::count(cumulative)?;
            let inside = cumulative.checked_sub(below).ok_or_else(|| {
                format!("the bucket up to {bound} holds {cumulative} observations, fewer than the {below} below it")
            })?;
            counts.push(inside);
            if bound != f64::INFINITY {
                bounds.push(bound);
            }
            below = cumulative;
        }
        Ok(PointValue::Histogram(HistogramPoint {
            count: self.count.map_or(Ok(below), number::count)?,
            sum: self.sum,
            bounds,
            counts,
            ..HistogramPoint::default()
        }))
    }
}

fn exemplar_of(written: WrittenExemplar<'_>) -> Exemplar {
    let mut exemplar = Exemplar {
        value: written.value,
        time: written.time,
        trace_id: None,
        span_id: None,
        labels: Attributes::default(),
    };
    for (label, text) in written.labels {
        match &*label {
            "trace_id" | "traceID" | "traceId" if exemplar.trace_id.is_none() => {
                exemplar.trace_id = TraceId::from_hex(&text);
                if exemplar.trace_id.is_some() {
                    continue;
                }
            }
            "span_id" | "spanID" | "spanId" if exemplar.span_id.is_none() => {
                exemplar.span_id = SpanId::from_hex(&text);
                if exemplar.span_id.is_some() {
                    continue;
                }
            }
            _ => {}
        }
        exemplar.labels.push(label.into(), Value::from(&*text));
    }
    exemplar
}
