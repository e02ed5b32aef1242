//! The exemplars of all instruments, under the names and labels that Prometheus knows their series by.

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
    sync::Arc,
};

use opentelemetry::KeyValue;
use prometheus::proto::Metric;

use super::{Exemplar, Reservoir, reservoir::Buckets};

/// The labels of a series. Sorted, so that two ways to write the same series are equal.
type Labels = BTreeMap<String, String>;

/// The reservoirs by the name of the metric family that shows their instrument. Empty when none are kept.
#[derive(Default)]
pub(crate) struct Exemplars(BTreeMap<String, Arc<Reservoir>>);

/// What was kept at one moment.
pub(crate) struct Snapshot<'a>(BTreeMap<&'a str, HashMap<Labels, Buckets>>);

impl Exemplars {
    pub(crate) fn add(&mut self, family: String, reservoir: Arc<Reservoir>) {
        self.0.insert(family, reservoir);
    }

    /// Take it before the numbers are gathered: then every exemplar in it is counted in them.
    pub(crate) fn snapshot(&self) -> Snapshot<'_> {
        Snapshot(self.0.iter().map(|(family, reservoir)| (family.as_str(), by_labels(reservoir))).collect())
    }
}

impl Snapshot<'_> {
    /// The exemplars of a series, by bucket.
    pub(crate) fn of(&self, family: &str, series: &Metric) -> &[Option<Exemplar>] {
        let Some(all) = self.0.get(family).filter(|all| !all.is_empty()) else { return &[] };
        let pairs = series.get_label().iter();
        let labels: Labels = pairs.map(|pair| (pair.name().to_owned(), pair.value().to_owned())).collect();
        all.get(&labels).map_or(&[], |buckets| buckets)
    }
}

fn by_labels(reservoir: &Reservoir) -> HashMap<Labels, Buckets> {
    let mut all: HashMap<Labels, Buckets> = HashMap::new();
    for (attributes, buckets) in reservoir.copy() {
        match all.entry(labels(&attributes)) {
            Entry::Vacant(place) => {
                place.insert(buckets);
            }
            // The same attributes in another order.
            Entry::Occupied(mut known) => {
                for (known, other) in known.get_mut().iter_mut().zip(&buckets) {
                    if known.map(|exemplar| exemplar.source.time) < other.map(|exemplar| exemplar.source.time) {
                        *known = *other;
                    }
                }
            }
        }
    }
    all
}

/// As the exporter writes them: what is neither a letter, a digit nor `:` in a name becomes `_`.
fn labels(attributes: &[KeyValue]) -> Labels {
    let name = |character: char| if character.is_ascii_alphanumeric() || character == ':' { character } else { '_' };
    let pairs = attributes.iter();
    pairs.map(|pair| (pair.key.as_str().chars().map(name).collect(), pair.value.to_string())).collect()
}

#[cfg(test)]
mod tests {
    use opentelemetry::{KeyValue, SpanId, TraceId};

    use super::{Reservoir, by_labels, labels};
    use crate::telemetry::exemplars::Source;

    #[test]
    fn the_order_of_attributes_makes_no_other_series() {
        let reservoir = Reservoir::new(&[]);
        let (route, status) = (KeyValue::new("http.route", "/"), KeyValue::new("http.response.status_code", 200));
        for (id, attributes) in [(1, [route.clone(), status.clone()]), (2, [status, route])] {
            let source = Source { trace_id: TraceId::from(1), span_id: SpanId::from(id), time: 0 };
            reservoir.slot(&attributes).unwrap().offer(1.0, source);
        }

        let kept = by_labels(&reservoir);

        assert_eq!(kept.len(), 1);
        let buckets =
            &kept[&labels(&[KeyValue::new("http.route", "/"), KeyValue::new("http.response.status_code", 200)])];
        assert_eq!(buckets[0].unwrap().source.span_id, SpanId::from(2));
    }
}
