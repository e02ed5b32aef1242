//! Counts spans in an encoded message without decoding it: decoding would cost more than what is measured.

use bytes::Buf as _;
use prost::{
    DecodeError,
    encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field},
};

/// `ExportTraceServiceRequest.resource_spans`.
const RESOURCE_SPANS: u32 = 1;
/// `ResourceSpans.scope_spans`.
const SCOPE_SPANS: u32 = 2;
/// `ScopeSpans.spans`.
const SPANS: u32 = 2;

/// How many spans are in an `ExportTraceServiceRequest`.
pub(crate) fn spans_in(request: &[u8]) -> Result<u64, DecodeError> {
    let mut spans = 0;
    each(request, RESOURCE_SPANS, &mut |resource| {
        each(resource, SCOPE_SPANS, &mut |scope| {
            each(scope, SPANS, &mut |_| {
                spans += 1;
                Ok(())
            })
        })
    })?;
    Ok(spans)
}

/// Hands every message of field `wanted` to `found`.
fn each(
    mut message: &[u8],
    wanted: u32,
    found: &mut dyn FnMut(&[u8]) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    while message.has_remaining() {
        let (field, wire) = decode_key(&mut message)?;
        if field != wanted || wire != WireType::LengthDelimited {
            skip_field(wire, field, &mut message, DecodeContext::default())?;
            continue;
        }
        let length = usize::try_from(decode_varint(&mut message)?).unwrap_or(usize::MAX);
        let Some((inner, rest)) = message.split_at_checked(length) else {
            // Fails with prost's own error of a message that is cut off.
            return skip_field(WireType::LengthDelimited, field, &mut &[1_u8][..], DecodeContext::default());
        };
        found(inner)?;
        message = rest;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::{
        collector::trace::v1::ExportTraceServiceRequest,
        resource::v1::Resource,
        trace::v1::{ResourceSpans, ScopeSpans, Span},
    };
    use prost::Message as _;

    use super::*;

    fn request(scopes: &[&[usize]]) -> Vec<u8> {
        let scope = |spans: &usize| ScopeSpans {
            spans: vec![Span { name: "chat".to_owned(), trace_id: vec![7; 16], ..Span::default() }; *spans],
            schema_url: "https://opentelemetry.io/schemas/1.40.0".to_owned(),
            ..ScopeSpans::default()
        };
        let resource = |scopes: &&[usize]| ResourceSpans {
            resource: Some(Resource { dropped_attributes_count: 3, ..Resource::default() }),
            scope_spans: scopes.iter().map(scope).collect(),
            ..ResourceSpans::default()
        };
        ExportTraceServiceRequest { resource_spans: scopes.iter().map(resource).collect() }.encode_to_vec()
    }

    #[test]
    fn spans_of_all_scopes_and_resources_are_counted() {
        assert_eq!(spans_in(&request(&[&[3, 0, 200], &[], &[1]])), Ok(204));
        assert_eq!(spans_in(&[]), Ok(0));
    }

    #[test]
    fn a_message_that_is_cut_off_is_an_error() {
        let mut request = request(&[&[2]]);
        request.pop();

        assert!(spans_in(&request).is_err());
    }
}
