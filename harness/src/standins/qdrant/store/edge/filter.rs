//! Filters as the engine has them. What the stand-in does not support was refused when the request was read.

use qdrant_client::qdrant;
use qdrant_client::qdrant::condition::ConditionOneOf;
use qdrant_client::qdrant::r#match::MatchValue;
use qdrant_client::qdrant::point_id::PointIdOptions;
use qdrant_client::qdrant::{FieldCondition, PointId, Range, ValuesCount};
use serde_json::{Map, Value, json};

use super::super::Error;
use super::super::filter::Filter;

/// The engine's filter; none lets everything pass.
pub(super) fn read(filter: &Filter) -> Result<Option<qdrant_edge::Filter>, Error> {
    let read = |asked| {
        serde_json::from_value(whole(asked))
            .map_err(|error| Error::Internal(format!("the engine does not read the filter: {error}")))
    };
    filter.asked.as_ref().map(read).transpose()
}

/// A filter in the JSON of Qdrant's REST API, which the engine reads.
fn whole(filter: &qdrant::Filter) -> Value {
    let all = |conditions: &[qdrant::Condition]| conditions.iter().filter_map(condition).collect::<Vec<_>>();
    let mut json = json!({"must": all(&filter.must), "must_not": all(&filter.must_not)});
    // An empty list of alternatives would let nothing pass.
    if !filter.should.is_empty() {
        json["should"] = all(&filter.should).into();
    }
    if let Some(least) = &filter.min_should {
        json["min_should"] = json!({"conditions": all(&least.conditions), "min_count": least.min_count});
    }
    json
}

fn condition(condition: &qdrant::Condition) -> Option<Value> {
    Some(match condition.condition_one_of.as_ref()? {
        ConditionOneOf::Field(condition) => field(condition),
        ConditionOneOf::IsEmpty(empty) => json!({"is_empty": {"key": empty.key}}),
        ConditionOneOf::IsNull(nothing) => json!({"is_null": {"key": nothing.key}}),
        ConditionOneOf::HasId(ids) => json!({"has_id": ids.has_id.iter().filter_map(id).collect::<Vec<_>>()}),
        ConditionOneOf::Nested(nested) => {
            json!({"nested": {"key": nested.key, "filter": whole(nested.filter.as_ref()?)}})
        }
        ConditionOneOf::Filter(filter) => whole(filter),
        ConditionOneOf::HasVector(_) | ConditionOneOf::Slice(_) => return None,
    })
}

fn id(id: &PointId) -> Option<Value> {
    Some(match id.point_id_options.as_ref()? {
        PointIdOptions::Num(number) => json!(number),
        PointIdOptions::Uuid(text) => json!(text),
    })
}

fn field(field: &FieldCondition) -> Value {
    let mut json = Map::from_iter([("key".to_owned(), json!(field.key))]);
    let tests = [
        ("match", field.r#match.as_ref().and_then(|matching| matching.match_value.as_ref()).and_then(matching)),
        ("range", field.range.as_ref().map(range)),
        ("values_count", field.values_count.as_ref().map(values_count)),
        ("is_empty", field.is_empty.map(Value::from)),
        ("is_null", field.is_null.map(Value::from)),
    ];
    json.extend(tests.into_iter().filter_map(|(name, test)| Some((name.to_owned(), test?))));
    Value::Object(json)
}

fn matching(value: &MatchValue) -> Option<Value> {
    Some(match value {
        MatchValue::Keyword(keyword) => json!({"value": keyword}),
        MatchValue::Integer(integer) => json!({"value": integer}),
        MatchValue::Boolean(truth) => json!({"value": truth}),
        MatchValue::Keywords(any) => json!({"any": any.strings}),
        MatchValue::Integers(any) => json!({"any": any.integers}),
        MatchValue::ExceptKeywords(except) => json!({"except": except.strings}),
        MatchValue::ExceptIntegers(except) => json!({"except": except.integers}),
        MatchValue::Text(_)
        | MatchValue::Phrase(_)
        | MatchValue::TextAny(_)
        | MatchValue::Prefix(_)
        | MatchValue::Substring(_) => return None,
    })
}

fn range(range: &Range) -> Value {
    json!({"gt": range.gt, "gte": range.gte, "lt": range.lt, "lte": range.lte})
}

fn values_count(bounds: &ValuesCount) -> Value {
    json!({"gt": bounds.gt, "gte": bounds.gte, "lt": bounds.lt, "lte": bounds.lte})
}
