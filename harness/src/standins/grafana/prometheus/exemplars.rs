//! The one frame of all exemplars, thinned out.

use std::collections::{BTreeMap, BTreeSet};

use super::convert::{Example, meta};
use super::expression::Ready;
use crate::standins::grafana::frame::{Field, Frame, Values};

/// Makes the frame; none without exemplars.
pub(super) fn frame(ready: &Ready, examples: &[Example]) -> Option<Frame> {
    let last = examples.last()?;
    let names: BTreeSet<&String> =
        examples.iter().flat_map(|example| example.series.keys().chain(example.labels.keys())).collect();
    let kept = thinned(ready, examples);
    let column = |name: &String| {
        let value =
            |example: &&Example| example.labels.get(name).or(example.series.get(name)).cloned().unwrap_or_default();
        Field::new(name, Values::Text(kept.iter().map(value).collect()))
    };
    let mut fields = vec![
        Field::new("Time", Values::Time(kept.iter().map(|example| example.time).collect())),
        Field::new("Value", Values::Float(kept.iter().map(|example| example.value).collect())),
    ];
    fields.extend(names.into_iter().map(column));

    let mut meta = meta("", [0, 0], "exemplar");
    meta.kind = None;
    // Grafana keeps what the frame of the last series said, and only that of the first names the query.
    if last.series == examples[0].series {
        meta.executed_query = Some(ready.executed());
        meta.custom
            .insert("calculatedMinStep".to_owned(), ready.step.as_millis().try_into().unwrap_or(u64::MAX).into());
    }
    Some(Frame { name: "exemplar".to_owned(), meta: Some(meta), fields })
}

/// Of each step the largest, and of the others those that are two standard deviations below the one kept before.
fn thinned<'e>(ready: &Ready, examples: &'e [Example]) -> Vec<&'e Example> {
    let distance = 2.0 * standard_deviation(examples);
    let step = i64::try_from(ready.step.as_nanos()).unwrap_or(i64::MAX).max(1);
    let mut steps: BTreeMap<i64, Vec<&Example>> = BTreeMap::new();
    for example in examples {
        steps.entry(example.time.div_euclid(step)).or_default().push(example);
    }
    let mut kept = Vec::new();
    for mut step in steps.into_values() {
        step.sort_by(|left, right| right.value.total_cmp(&left.value));
        let mut previous: Option<f64> = None;
        for example in step {
            if previous.is_none_or(|previous| distance > 0.0 && previous - example.value > distance) {
                previous = Some(example.value);
                kept.push(example);
            }
        }
    }
    kept.sort_by_key(|example| example.time);
    kept
}

/// Of the sample; 0 for fewer than two. By Welford's method, which keeps its precision.
fn standard_deviation(examples: &[Example]) -> f64 {
    let (mut count, mut mean, mut squares) = (0.0, 0.0, 0.0);
    for example in examples {
        count += 1.0;
        let distance = example.value - mean;
        mean += distance / count;
        squares += distance * (example.value - mean);
    }
    if count < 2.0 { 0.0 } else { (squares / (count - 1.0)).sqrt() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::standins::grafana::query::Query;
    use crate::standins::grafana::time_range::TimeRange;

    fn example(second: i64, value: f64, trace: &str) -> Example {
        let labels = |name: &str, value: &str| [(name.to_owned(), value.to_owned())].into();
        Example { time: second * 1_000_000_000, value, labels: labels("trace_id", trace), series: labels("le", "1") }
    }

    #[test]
    fn of_many_exemplars_in_a_step_the_telling_ones_are_kept() {
        let ready = Ready::new(&Query::new(json!({"expr": "h"}), TimeRange { from: 0, to: 1 }), "15s").unwrap();
        let mut examples: Vec<Example> = (0..10).map(|index| example(index, 1.0, "usual")).collect();
        examples.push(example(14, 9.0, "slow"));
        examples.push(example(15, 1.0, "next step"));

        let frame = frame(&ready, &examples).unwrap().to_json("A");

        assert_eq!(frame["schema"]["name"], "exemplar");
        assert_eq!(frame["data"]["values"][1], json!([1, 9, 1]));
        assert_eq!(frame["data"]["values"][3], json!(["usual", "slow", "next step"]));
    }

    #[test]
    fn without_exemplars_there_is_no_frame() {
        let ready = Ready::new(&Query::new(json!({"expr": "h"}), TimeRange { from: 0, to: 1 }), "15s").unwrap();

        assert!(frame(&ready, &[]).is_none());
    }
}
