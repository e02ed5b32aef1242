//! Families and points from lines.

use rustc_hash::FxHashMap;

use super::draft::{Draft, Misfit};
use super::kind::{Declared, Part, SUFFIXES};
use super::line::{Line, Sample};
use super::number;
use crate::capture::{Family, Interner};

/// What the lines so far amount to.
pub(super) struct Assembly {
    openmetrics: bool,
    families: Vec<Draft>,
    by_name: FxHashMap<String, usize>,
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

fn once<T>(place: &mut Option<T>, value: T, what: &str) -> Result<(), String> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(format!("a second {what} for its metric")),
    }
}
