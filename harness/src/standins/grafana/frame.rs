//! Data frames, and their JSON as Grafana's plug-in SDK writes it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::number;

/// Names and values of labels.
pub(super) type Labels = BTreeMap<String, String>;

/// A table of columns of equal length.
#[derive(Clone, Debug, Default)]
pub(super) struct Frame {
    pub(super) name: String,
    pub(super) meta: Option<Meta>,
    pub(super) fields: Vec<Field>,
}

/// What a frame says of itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Meta {
    /// `timeseries-multi`, for example.
    pub(super) kind: Option<&'static str>,
    pub(super) type_version: [u8; 2],
    pub(super) custom: Map<String, Value>,
    /// Severity and text.
    pub(super) notices: Vec<(&'static str, String)>,
    /// How it wants to be shown: `trace`, `table`.
    pub(super) visualisation: Option<&'static str>,
    pub(super) executed_query: Option<String>,
}

/// A column.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) labels: Option<Labels>,
    pub(super) config: Map<String, Value>,
    pub(super) values: Values,
}

/// The values of a column.
#[derive(Clone, Debug)]
pub(super) enum Values {
    /// Nanoseconds since the Unix epoch.
    Time(Vec<i64>),
    Float(Vec<f64>),
    Int64(Vec<i64>),
    Int8(Vec<i8>),
    Text(Vec<String>),
    OptionalText(Vec<Option<String>>),
    Json(Vec<Value>),
}

impl Field {
    pub(super) fn new(name: &str, values: Values) -> Self {
        Self { name: name.to_owned(), labels: None, config: Map::new(), values }
    }

    pub(super) fn with_config(mut self, config: Value) -> Self {
        if let Value::Object(config) = config {
            self.config = config;
        }
        self
    }

    fn schema(&self) -> Value {
        let mut schema = Map::new();
        if !self.name.is_empty() {
            schema.insert("name".to_owned(), json!(self.name));
        }
        let (kind, go, nullable) = self.values.kind();
        schema.insert("type".to_owned(), json!(kind));
        let info = if nullable { json!({"frame": go, "nullable": true}) } else { json!({"frame": go}) };
        schema.insert("typeInfo".to_owned(), info);
        if let Some(labels) = &self.labels {
            schema.insert("labels".to_owned(), json!(labels));
        }
        if !self.config.is_empty() {
            schema.insert("config".to_owned(), Value::Object(self.config.clone()));
        }
        Value::Object(schema)
    }
}

impl Values {
    /// The type for browsers, the type in Go, and whether values may be missing.
    fn kind(&self) -> (&'static str, &'static str, bool) {
        match self {
            Self::Time(_) => ("time", "time.Time", false),
            Self::Float(_) => ("number", "float64", false),
            Self::Int64(_) => ("number", "int64", false),
            Self::Int8(_) => ("number", "int8", false),
            Self::Text(_) => ("string", "string", false),
            Self::OptionalText(_) => ("string", "string", true),
            Self::Json(_) => ("other", "json.RawMessage", false),
        }
    }

    fn to_json(&self) -> Value {
        match self {
            Self::Time(nanos) => nanos.iter().map(|nanos| nanos.div_euclid(1_000_000)).collect(),
            Self::Float(values) => values.iter().map(|value| number::json(*value)).collect(),
            Self::Int64(values) => values.iter().copied().collect(),
            Self::Int8(values) => values.iter().copied().collect(),
            Self::Text(values) => values.iter().map(String::as_str).collect(),
            Self::OptionalText(values) => json!(values),
            Self::Json(values) => values.iter().cloned().collect(),
        }
    }

    /// Where the numbers are that JSON has no word for; null if nowhere.
    fn entities(&self) -> Value {
        let Self::Float(values) = self else { return Value::Null };
        let mut entities = Map::new();
        for (name, is) in [
            ("NaN", (|value| value.is_nan()) as fn(f64) -> bool),
            ("Inf", |value| value == f64::INFINITY),
            ("NegInf", |value| value == f64::NEG_INFINITY),
        ] {
            let at: Vec<usize> = (0..values.len()).filter(|index| is(values[*index])).collect();
            if !at.is_empty() {
                entities.insert(name.to_owned(), json!(at));
            }
        }
        if entities.is_empty() { Value::Null } else { Value::Object(entities) }
    }

    /// What times have beyond whole milliseconds; null if nothing.
    fn nanos(&self) -> Value {
        match self {
            Self::Time(nanos) if nanos.iter().any(|nanos| nanos.rem_euclid(1_000_000) != 0) => {
                nanos.iter().map(|nanos| nanos.rem_euclid(1_000_000)).collect()
            }
            _ => Value::Null,
        }
    }
}

impl Meta {
    fn to_json(&self) -> Value {
        let mut meta = Map::new();
        let mut set = |name: &str, value: Value| meta.insert(name.to_owned(), value);
        if let Some(kind) = self.kind {
            set("type", json!(kind));
        }
        set("typeVersion", json!(self.type_version));
        if !self.custom.is_empty() {
            set("custom", Value::Object(self.custom.clone()));
        }
        if !self.notices.is_empty() {
            let notices = self.notices.iter().map(|(severity, text)| json!({"severity": severity, "text": text}));
            set("notices", notices.collect());
        }
        if let Some(visualisation) = self.visualisation {
            set("preferredVisualisationType", json!(visualisation));
        }
        if let Some(query) = &self.executed_query {
            set("executedQueryString", json!(query));
        }
        Value::Object(meta)
    }
}

impl Frame {
    /// The frame as part of the answer to the query `ref_id`.
    pub(super) fn to_json(&self, ref_id: &str) -> Value {
        let mut schema = Map::new();
        if !self.name.is_empty() {
            schema.insert("name".to_owned(), json!(self.name));
        }
        if !ref_id.is_empty() {
            schema.insert("refId".to_owned(), json!(ref_id));
        }
        if let Some(meta) = &self.meta {
            schema.insert("meta".to_owned(), meta.to_json());
        }
        schema.insert("fields".to_owned(), self.fields.iter().map(Field::schema).collect());

        let mut data = Map::new();
        data.insert("values".to_owned(), self.fields.iter().map(|field| field.values.to_json()).collect());
        for (name, of) in [("entities", Values::entities as fn(&Values) -> Value), ("nanos", Values::nanos)] {
            let columns: Vec<Value> = self.fields.iter().map(|field| of(&field.values)).collect();
            if columns.iter().any(|column| !column.is_null()) {
                data.insert(name.to_owned(), Value::Array(columns));
            }
        }
        json!({"schema": schema, "data": data})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_without_a_word_in_json_are_listed_apart() {
        let values = vec![1.0, f64::NAN, f64::INFINITY, 2.5, f64::NEG_INFINITY, f64::NAN];
        let frame = Frame { fields: vec![Field::new("Value", Values::Float(values))], ..Frame::default() };

        let json = frame.to_json("A");

        assert_eq!(json["data"]["values"], json!([[1, null, null, 2.5, null, null]]));
        assert_eq!(json["data"]["entities"], json!([{"NaN": [1, 5], "Inf": [2], "NegInf": [4]}]));
        assert_eq!(json["data"].get("nanos"), None);
    }

    #[test]
    fn times_keep_what_they_have_beyond_milliseconds() {
        let times = Field::new("startTime", Values::Time(vec![1_605_873_894_680_409_000, 1_000_000]));
        let names = Field::new("name", Values::Text(vec!["a".to_owned(), "b".to_owned()]));
        let frame = Frame { fields: vec![names, times], ..Frame::default() };

        let json = frame.to_json("");

        assert_eq!(json["data"]["values"][1], json!([1_605_873_894_680_i64, 1]));
        assert_eq!(json["data"]["nanos"], json!([null, [409_000, 0]]));
        assert_eq!(json["schema"].get("refId"), None);
    }

    /// The columns of the types made here, from `data/testdata/all_types.golden.json` of grafana-plugin-sdk-go v0.298.0
    /// (Apache-2.0): what the SDK writes for its own frame must be what is written here.
    #[test]
    fn every_type_is_written_as_the_plug_in_sdk_writes_it() {
        let text = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
        let mut strings = Field::new("string_values", Values::Text(text(&["Go Min", "0 / nil / misc"])));
        strings.labels = Some(Labels::from([("aLabelKey".to_owned(), "aLabelValue".to_owned())]));
        let optional = Values::OptionalText(vec![Some("Grafana".to_owned()), None]);
        let frame = Frame {
            name: "many_types".to_owned(),
            meta: Some(Meta {
                custom: Map::from_iter([("Hi".to_owned(), json!("there"))]),
                executed_query: Some("SELECT * FROM table".to_owned()),
                ..Meta::default()
            }),
            fields: vec![
                strings,
                Field::new("nullable_string_values", optional).with_config(json!({"filterable": false})),
                Field::new("int8_values", Values::Int8(vec![-128, 0])).with_config(json!({"min": 0, "max": 1})),
                Field::new("int64_values", Values::Int64(vec![i64::MIN, i64::MAX])),
                Field::new("float64_values", Values::Float(vec![5e-324, -9_007_199_254_740_991.0])),
                Field::new("float64_nans", Values::Float(vec![f64::NEG_INFINITY, f64::NAN])),
                Field::new("timestamps", Values::Time(vec![0, 9_007_199_254_740_991]))
                    .with_config(json!({"interval": 1000})),
                Field::new("json", Values::Json(vec![json!({"a": 1}), json!([1, 2, 3])])),
            ],
        };

        let golden = json!({
            "schema": {
                "name": "many_types",
                "refId": "A",
                "meta": {
                    "typeVersion": [0, 0],
                    "custom": {"Hi": "there"},
                    "executedQueryString": "SELECT * FROM table",
                },
                "fields": [
                    {"name": "string_values", "type": "string", "typeInfo": {"frame": "string"},
                        "labels": {"aLabelKey": "aLabelValue"}},
                    {"name": "nullable_string_values", "type": "string",
                        "typeInfo": {"frame": "string", "nullable": true}, "config": {"filterable": false}},
                    {"name": "int8_values", "type": "number", "typeInfo": {"frame": "int8"},
                        "config": {"min": 0, "max": 1}},
                    {"name": "int64_values", "type": "number", "typeInfo": {"frame": "int64"}},
                    {"name": "float64_values", "type": "number", "typeInfo": {"frame": "float64"}},
                    {"name": "float64_nans", "type": "number", "typeInfo": {"frame": "float64"}},
                    {"name": "timestamps", "type": "time", "typeInfo": {"frame": "time.Time"},
                        "config": {"interval": 1000}},
                    {"name": "json", "type": "other", "typeInfo": {"frame": "json.RawMessage"}},
                ],
            },
            "data": {
                "values": [
                    ["Go Min", "0 / nil / misc"],
                    ["Grafana", null],
                    [-128, 0],
                    [i64::MIN, i64::MAX],
                    [5e-324, -9_007_199_254_740_991_i64],
                    [null, null],
                    [0, 9_007_199_254_i64],
                    [{"a": 1}, [1, 2, 3]],
                ],
                "entities": [null, null, null, null, null, {"NaN": [1], "NegInf": [0]}, null, null],
                "nanos": [null, null, null, null, null, null, [0, 740_991], null],
            },
        });
        assert_eq!(frame.to_json("A"), golden);
    }
}
