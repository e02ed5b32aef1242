//! Data frames: tables of columns, in the JSON of Grafana's plug-in SDK.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

use super::QueryAnswer;
use crate::capture::arrived::AnsweredSeries;

#[derive(Deserialize)]
struct Result {
    #[serde(default)]
    frames: Vec<Frame>,
    #[serde(default)]
    error: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Frame {
    schema: Schema,
    data: Data,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Schema {
    name: Option<String>,
    fields: Vec<Field>,
    meta: Option<Meta>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Field {
    name: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    labels: Option<BTreeMap<String, String>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Meta {
    notices: Option<Vec<Notice>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Notice {
    text: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Data {
    values: Vec<Vec<Json>>,
    /// What JSON has no word for, by column.
    entities: Option<Vec<Option<Entities>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entities {
    #[serde(rename = "NaN")]
    nan: Vec<usize>,
    #[serde(rename = "Inf")]
    inf: Vec<usize>,
    #[serde(rename = "NegInf")]
    neg_inf: Vec<usize>,
}

/// The answer in one entry of `results`.
pub(super) fn decode(json: &Json) -> QueryAnswer {
    let result = match Result::deserialize(json) {
        Ok(result) => result,
        Err(error) => {
            return QueryAnswer {
                error: Some(format!("the answer cannot be read: {error}")),
                ..QueryAnswer::default()
            };
        }
    };
    let mut answer = QueryAnswer { error: result.error.filter(|error| !error.is_empty()), ..QueryAnswer::default() };
    for frame in result.frames {
        let notices = frame.schema.meta.into_iter().filter_map(|meta| meta.notices).flatten();
        answer.notices.extend(notices.map(|notice| notice.text).filter(|text| !text.is_empty()));
        let names: Vec<&Field> = frame.schema.fields.iter().filter(|field| field.kind == "string").collect();
        let mut numbers = false;
        for (column, field) in frame.schema.fields.iter().enumerate().filter(|(_, field)| field.kind == "number") {
            numbers = true;
            let cells = frame.data.values.get(column).map_or(&[][..], Vec::as_slice);
            let lost = frame.data.entities.as_ref().and_then(|all| all.get(column)?.as_ref());
            let name = frame.schema.name.clone().or_else(|| field.name.clone()).unwrap_or_default();
            if names.is_empty() {
                let labels = field.labels.clone().unwrap_or_default();
                if !cells.is_empty() {
                    answer.series.push(AnsweredSeries::of(name, labels, points(cells, lost)));
                }
                continue;
            }
            // A table: each row is a series of one point, its labels in columns of text.
            for (row, number) in points(cells, lost).enumerate() {
                let labels = frame.schema.fields.iter().enumerate().filter(|(_, field)| field.kind == "string");
                let labels = labels.filter_map(|(at, field)| {
                    let value = frame.data.values.get(at)?.get(row)?.as_str()?;
                    Some((field.name.clone()?, value.to_owned()))
                });
                answer.series.push(AnsweredSeries::of(name.clone(), labels.collect(), [number]));
            }
        }
        if !numbers {
            answer.rows += frame.data.values.first().map_or(0, |column| column.len() as u64);
        }
    }
    answer
}

/// The numbers of a column. A cell without a number is no point, unless it is one that JSON has no word for.
fn points<'c>(cells: &'c [Json], lost: Option<&'c Entities>) -> impl Iterator<Item = f64> + 'c {
    cells.iter().enumerate().filter_map(move |(row, cell)| match cell {
        Json::Number(number) => number.as_f64(),
        Json::String(text) => text.parse().ok(),
        Json::Null => lost.and_then(|lost| {
            [(&lost.nan, f64::NAN), (&lost.inf, f64::INFINITY), (&lost.neg_inf, f64::NEG_INFINITY)]
                .into_iter()
                .find(|(rows, _)| rows.contains(&row))
                .map(|(_, number)| number)
        }),
        _ => None,
    })
}
