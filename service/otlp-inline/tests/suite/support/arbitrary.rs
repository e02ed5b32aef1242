//! Values that nobody would think of.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use opentelemetry::{
    Array, InstrumentationScope, KeyValue, SpanId, StringValue, TraceFlags, TraceId, Value,
    trace::{SpanContext, TraceState},
};
use opentelemetry_sdk::{Resource, trace::SpanLimits};
use proptest::{collection::vec, num, option, prelude::*};

/// Text of all alphabets, empty, and of lengths at which the length's own length changes.
pub(crate) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "\\PC{0,12}",
        2 => any::<String>(),
        1 => Just(String::new()),
        1 => (120_usize..140).prop_map(|length| "x".repeat(length)),
        1 => (16_370_usize..16_400).prop_map(|length| "ж".repeat(length / 2)),
    ]
}

fn string_value() -> impl Strategy<Value = StringValue> {
    prop_oneof![Just(StringValue::from("static")), text().prop_map(StringValue::from)]
}

pub(crate) fn integer() -> impl Strategy<Value = i64> {
    prop_oneof![any::<i64>(), -2_i64..200, Just(i64::MIN), Just(i64::MAX)]
}

/// Infinite ones, `NaN` and the negative zero too.
pub(crate) fn double() -> impl Strategy<Value = f64> {
    prop_oneof![num::f64::ANY, Just(0.0), Just(-0.0), Just(f64::NAN), Just(f64::NEG_INFINITY)]
}

/// Every type of value, arrays of none to a few.
pub(crate) fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::from),
        integer().prop_map(Value::from),
        double().prop_map(Value::from),
        string_value().prop_map(Value::from),
        vec(any::<bool>(), 0..4).prop_map(|items| Value::Array(Array::Bool(items))),
        vec(integer(), 0..20).prop_map(|items| Value::Array(Array::I64(items))),
        vec(double(), 0..20).prop_map(|items| Value::Array(Array::F64(items))),
        vec(string_value(), 0..4).prop_map(|items| Value::Array(Array::String(items))),
    ]
}

pub(crate) fn attribute() -> impl Strategy<Value = KeyValue> {
    let key = prop_oneof![3 => "[a-z]{1,3}", 1 => text()];
    (key, value()).prop_map(|(key, value)| KeyValue::new(key, value))
}

pub(crate) fn attributes() -> impl Strategy<Value = Vec<KeyValue>> {
    vec(attribute(), 0..6)
}

/// Around now, before 1970, and as far as the system's clock can say.
pub(crate) fn time() -> impl Strategy<Value = SystemTime> {
    const FARTHEST: u64 = i64::MAX.cast_unsigned();
    prop_oneof![
        (0_u64..2_000_000_000_000_000_000).prop_map(|nanos| UNIX_EPOCH + Duration::from_nanos(nanos)),
        any::<u64>().prop_map(|nanos| UNIX_EPOCH + Duration::from_nanos(nanos)),
        any::<u64>().prop_map(|nanos| UNIX_EPOCH - Duration::from_nanos(nanos)),
        Just(UNIX_EPOCH),
        Just(UNIX_EPOCH + Duration::new(FARTHEST, 999_999_999)),
        Just(UNIX_EPOCH - Duration::from_secs(FARTHEST)),
    ]
}

pub(crate) fn trace_state() -> impl Strategy<Value = TraceState> {
    let entry = ("[a-z][a-z0-9]{0,8}", "[!-+./0-9A-Za-z]{0,20}");
    vec(entry, 0..3).prop_map(|entries| TraceState::from_key_value(entries).unwrap_or_default())
}

/// Of any span: remote or not, with ids that are none as well, with flags of the future.
pub(crate) fn span_context() -> impl Strategy<Value = SpanContext> {
    let trace_id = prop_oneof![8 => any::<u128>(), 1 => Just(0)];
    let span_id = prop_oneof![8 => any::<u64>(), 1 => Just(0)];
    (trace_id, span_id, any::<u8>(), any::<bool>(), trace_state()).prop_map(|(trace, span, flags, remote, state)| {
        SpanContext::new(TraceId::from(trace), SpanId::from(span), TraceFlags::new(flags), remote, state)
    })
}

/// So small that some are exceeded.
pub(crate) fn limits() -> impl Strategy<Value = SpanLimits> {
    let few = || prop_oneof![1 => Just(0_u32), 4 => 1_u32..4, 2 => Just(128)];
    (few(), few(), few(), few(), few()).prop_map(|(attributes, events, links, of_events, of_links)| SpanLimits {
        max_attributes_per_span: attributes,
        max_events_per_span: events,
        max_links_per_span: links,
        max_attributes_per_event: of_events,
        max_attributes_per_link: of_links,
    })
}

pub(crate) fn scope() -> impl Strategy<Value = InstrumentationScope> {
    // Numbers that are none are not equal to themselves, and so neither is a scope that has one.
    let attributes = vec(attribute().prop_filter("equal to itself", |pair| *pair == pair.clone()), 0..3);
    (text(), option::of(text()), option::of(text()), attributes).prop_map(|(name, version, schema_url, attributes)| {
        let mut scope = InstrumentationScope::builder(name).with_attributes(attributes);
        if let Some(version) = version {
            scope = scope.with_version(version);
        }
        if let Some(schema_url) = schema_url {
            scope = scope.with_schema_url(schema_url);
        }
        scope.build()
    })
}

pub(crate) fn resource() -> impl Strategy<Value = Resource> {
    (attributes(), option::of(text())).prop_map(|(attributes, schema_url)| match schema_url {
        None => Resource::builder_empty().with_attributes(attributes).build(),
        Some(schema_url) => Resource::builder_empty().with_schema_url(attributes, schema_url).build(),
    })
}
