//! Families and points from lines.

use std::collections::HashMap;

use rustc_hash::FxHashMap;

use super::line::{Label, Line, Sample, WrittenExemplar};
use super::number;
use crate::capture::{
    Attributes, Exemplar, Family, HistogramPoint, Interner, MetricKind, Point, PointValue, SpanId, TraceId, Value,
    unit_of_suffix,
};

/// A number of the line, and what is wrong with it.
type Misfit = (usize, String);

/// What the lines so far amount to.
pub(super) struct Assembly {
    openmetrics: bool,
    families: Vec<Draft>,
    by_name: FxHashMap<String, usize>,
}

/// The types that exposition text knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Declared {
    Untyped,
    Counter,
    Gauge,
    Histogram,
    GaugeHistogram,
    Summary,
    Info,
}

/// What a sample is to its family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Value,
    Bucket,
    Quantile,
    Sum,
    Count,
    Created,
}

/// A family under construction.
struct Draft {
    name: String,
    help: Option<String>,
    unit: Option<String>,
    declared: Option<Declared>,
    points: Vec<DraftPoint>,
    /// Points of histograms and summaries by their labels: several lines make one.
    by_labels: HashMap<Vec<(String, String)>, usize>,
}

/// A point under construction.
#[derive(Default)]
struct DraftPoint {
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

impl Assembly {
    pub(super) fn new(openmetrics: bool) -> Self {
        Self { openmetrics, families: Vec::new(), by_name: FxHashMap::default() }
    }

    pub(super) fn add(&mut self, number: usize, line: Line<'_>) -> Result<(), String> {
        match line {
            Line::Blank | Line::End => Ok(()),
            Line::Help { name, text } => once(&mut self.draft(&name).help, text.into_owned(), "HELP"),
            Line::Unit { name, unit } => once(&mut self.draft(&name).unit, unit.to_owned(), "UNIT"),
            Line::Type { name, kind } => {
                let declared = Declared::read(kind)?;
                let draft = self.draft(&name);
                if !draft.points.is_empty() {
                    return Err("a TYPE after samples of its metric".to_owned());
                }
                once(&mut draft.declared, declared, "TYPE")
            }
            Line::Sample(sample) => self.sample(number, sample),
        }
    }

    fn draft(&mut self, name: &str) -> &mut Draft {
        let index = self.by_name.get(name).copied().unwrap_or_else(|| {
            self.families.push(Draft::new(name));
            self.by_name.insert(name.to_owned(), self.families.len() - 1);
            self.families.len() - 1
        });
        &mut self.families[index]
    }

    fn sample(&mut self, line: usize, sample: Sample<'_>) -> Result<(), String> {
        let time = match sample.time {
            None => 0,
            Some(text) if self.openmetrics => number::seconds(text)?,
            Some(text) => number::millis(text)?,
        };
        let (family, part) = self.place(&sample.name);
        let draft = self.draft(&family);
        if draft.declared == Some(Declared::Counter) && part == Part::Value {
            // OpenMetrics declares `requests` and samples `requests_total`: the latter is the name in queries.
            draft.name = sample.name.into_owned();
        }
        draft.add(line, part, time, sample.value, sample.labels, sample.exemplar)
    }

    /// The family that a sample of that name belongs to, and what it is to it.
    fn place(&self, name: &str) -> (String, Part) {
        let declared = |family: &str| self.by_name.get(family).and_then(|index| self.families[*index].declared);
        for (suffix, part) in SUFFIXES {
            if let Some(family) = name.strip_suffix(suffix)
                && declared(family).is_some_and(|kind| kind.has(suffix))
            {
                return (family.to_owned(), *part);
            }
        }
        let part = if declared(name) == Some(Declared::Summary) { Part::Quantile } else { Part::Value };
        (name.to_owned(), part)
    }

    pub(super) fn finish(self, strings: &mut Interner) -> Result<Vec<Family>, Misfit> {
        let openmetrics = self.openmetrics;
        self.families.into_iter().map(|draft| draft.finish(openmetrics, strings)).collect()
    }
}

const SUFFIXES: &[(&str, Part)] = &[
    ("_total", Part::Value),
    ("_info", Part::Value),
    ("_bucket", Part::Bucket),
    ("_sum", Part::Sum),
    ("_gsum", Part::Sum),
    ("_count", Part::Count),
    ("_gcount", Part::Count),
    ("_created", Part::Created),
];

impl Declared {
    fn read(kind: &str) -> Result<Self, String> {
        Ok(match kind {
            "counter" => Self::Counter,
            "gauge" | "stateset" => Self::Gauge,
            "histogram" => Self::Histogram,
            "gaugehistogram" => Self::GaugeHistogram,
            "summary" => Self::Summary,
            "info" => Self::Info,
            "untyped" | "unknown" => Self::Untyped,
            other => return Err(format!("{other:?} is not a metric type")),
        })
    }

    /// Whether samples of this type have that suffix.
    fn has(self, suffix: &str) -> bool {
        match self {
            Self::Counter => matches!(suffix, "_total" | "_created"),
            Self::Histogram => matches!(suffix, "_bucket" | "_sum" | "_count" | "_created"),
            Self::GaugeHistogram => matches!(suffix, "_bucket" | "_gsum" | "_gcount"),
            Self::Summary => matches!(suffix, "_sum" | "_count" | "_created"),
            Self::Info => suffix == "_info",
            Self::Untyped | Self::Gauge => false,
        }
    }
}

fn once<T>(place: &mut Option<T>, value: T, what: &str) -> Result<(), String> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(format!("a second {what} for its metric")),
    }
}

impl Draft {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            help: None,
            unit: None,
            declared: None,
            points: Vec::new(),
            by_labels: HashMap::new(),
        }
    }

    fn add(
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

    fn finish(self, openmetrics: bool, strings: &mut Interner) -> Result<Family, Misfit> {
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
