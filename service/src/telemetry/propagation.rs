//! How a context crosses the process boundary.

use std::{cell::RefCell, str::FromStr as _, sync::Arc};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::{Context, SpanId, TraceFlags, TraceId, propagation::TextMapPropagator as _, trace::TraceState};
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use opentelemetry_sdk::propagation::BaggagePropagator;

use super::current::{Current, Ids, More};
use crate::config::Propagator;

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
const BAGGAGE: HeaderName = HeaderName::from_static("baggage");

/// To look for them without making a name each time.
static NAMES: Names = Names { traceparent: TRACEPARENT, tracestate: TRACESTATE, baggage: BAGGAGE };

struct Names {
    traceparent: HeaderName,
    tracestate: HeaderName,
    baggage: HeaderName,
}

/// Length of a `traceparent`: version, trace id, parent id, flags.
const TRACEPARENT_LENGTH: usize = 2 + 1 + 32 + 1 + 16 + 1 + 2;

/// What is read from and written to headers.
///
/// W3C Trace Context is ours. The SDK's propagator (0.33.1) continues a trace whose ids are too short: the caller's
/// trace and ours then carry different ids, and our first span has a parent nobody exported. And it formats and copies
/// a header three times, in every call the service makes.
#[derive(Debug, Default)]
pub(super) struct Propagation {
    trace_context: bool,
    baggage: Option<BaggagePropagator>,
}

impl Propagation {
    pub(super) fn new(chosen: &[Propagator]) -> Self {
        Self {
            trace_context: chosen.contains(&Propagator::TraceContext),
            baggage: chosen.contains(&Propagator::Baggage).then(BaggagePropagator::new),
        }
    }

    /// The context a request came with.
    #[inline(never)]
    pub(super) fn extract(&self, headers: &HeaderMap) -> Current {
        let traceparent = if self.trace_context { headers.get(&NAMES.traceparent) } else { None };
        let parent = traceparent.and_then(|value| read_traceparent(value.as_bytes()));
        let ids = parent.map_or(Ids::NONE, |(trace_id, span_id, flags)| Ids {
            trace_id,
            span_id,
            flags: flags & TraceFlags::SAMPLED,
            is_remote: true,
        });
        let state = parent.and_then(|_| headers.get(&NAMES.tracestate));
        let baggage = self.baggage.as_ref().filter(|_| headers.get(&NAMES.baggage).is_some());
        let more = if state.is_some() || baggage.is_some() { more(state, baggage, headers) } else { None };
        Current::new(ids, more)
    }

    /// Puts a context into the headers of a request we send, which has none of them yet.
    #[inline(never)]
    pub(super) fn inject(&self, current: &Current, headers: &mut HeaderMap) {
        let ids = current.ids();
        if self.trace_context && ids.is_valid() {
            set(headers, TRACEPARENT, &traceparent(&ids));
        }
        if let Some(more) = current.more() {
            self.inject_more(ids.is_valid(), more, headers);
        }
    }

    #[cold]
    fn inject_more(&self, has_span: bool, more: &More, headers: &mut HeaderMap) {
        // An empty state says nothing and is left out.
        let state = more.trace_state.header();
        if self.trace_context && has_span && !state.is_empty() {
            set(headers, TRACESTATE, state.as_bytes());
        }
        if let (Some(baggage), Some(context)) = (&self.baggage, &more.baggage) {
            let mut written = HeaderMap::new();
            baggage.inject_context(context, &mut HeaderInjector(&mut written));
            if let Some(value) = written.get(BAGGAGE) {
                set(headers, BAGGAGE, value.as_bytes());
            }
        }
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &[u8]) {
    // Digits, dashes, and a state that was read from a header: nothing that a header cannot hold.
    if let Ok(mut value) = HeaderValue::from_maybe_shared(in_block(value)) {
        // To HPACK it says: not to be remembered. It never comes again, and would put something out that does.
        value.set_sensitive(true);
        debug_assert!(!headers.contains_key(&name), "{name} twice in one request");
        // Headers are appended all the time, so that this code is at hand; to insert one is other code.
        headers.append(name, value);
    }
}

/// The block that this thread's next values are written to.
const BLOCK: usize = 4 << 10;

thread_local!(static VALUES: RefCell<BytesMut> = RefCell::new(BytesMut::with_capacity(BLOCK)));

/// A copy in a block that it shares with others. By itself each would be an allocation, and clients that copy a request's
/// headers would make it two.
fn in_block(value: &[u8]) -> Bytes {
    let share = |block: &RefCell<BytesMut>| {
        let mut block = block.borrow_mut();
        block.extend_from_slice(value);
        block.split().freeze()
    };
    // A thread that is ending has none any more.
    VALUES.try_with(share).unwrap_or_else(|_| Bytes::copy_from_slice(value))
}

/// A state that cannot be read is dropped, the parent is not.
#[cold]
fn more(state: Option<&HeaderValue>, baggage: Option<&BaggagePropagator>, headers: &HeaderMap) -> Option<Arc<More>> {
    let state = state.and_then(|state| state.to_str().ok()).and_then(|state| TraceState::from_str(state).ok());
    let trace_state = state.unwrap_or_default();
    let baggage = baggage.map(|baggage| baggage.extract_with_context(&Context::new(), &HeaderExtractor(headers)));
    (trace_state != TraceState::NONE || baggage.is_some()).then(|| Arc::new(More { trace_state, baggage }))
}

/// `00-<trace id>-<parent id>-<flags>`, of the flags only whether the trace is sampled.
fn traceparent(ids: &Ids) -> [u8; TRACEPARENT_LENGTH] {
    let mut header = [b'-'; TRACEPARENT_LENGTH];
    header[0..2].copy_from_slice(b"00");
    hex(&mut header[3..35], &ids.trace_id.to_bytes());
    hex(&mut header[36..52], &ids.span_id.to_bytes());
    header[53..].copy_from_slice(if ids.is_sampled() { b"01" } else { b"00" });
    header
}

/// Writes bytes as lower-case hexadecimal digits, two each. `out` is twice as long as `bytes`, which are a multiple of 4.
pub(super) fn hex(out: &mut [u8], bytes: &[u8]) {
    let (digits, _) = out.as_chunks_mut::<8>();
    let (fours, _) = bytes.as_chunks::<4>();
    for (digits, four) in digits.iter_mut().zip(fours) {
        *digits = eight_digits(*four);
    }
}

/// Each digit in a byte of one number. Short, without a table, and not laid out eight times side by side: it is fetched anew
/// each time it runs, in the middle of a request.
#[inline(never)]
fn eight_digits(bytes: [u8; 4]) -> [u8; 8] {
    /// A number in each byte.
    const EACH: u64 = 0x0101_0101_0101_0101;
    let mut spread = u64::from(u32::from_be_bytes(bytes));
    spread = (spread << 16 | spread) & 0x0000_ffff_0000_ffff;
    spread = (spread << 8 | spread) & 0x00ff_00ff_00ff_00ff;
    spread = (spread << 4 | spread) & 0x0f0f_0f0f_0f0f_0f0f;
    // 1 in the bytes of what is above 9: those are letters.
    let letters = ((spread + 6 * EACH) >> 4) & EACH;
    (spread + u64::from(b'0') * EACH + letters * u64::from(b'a' - b'0' - 10)).to_be_bytes()
}

/// Reads `version-traceid-parentid-flags`: lower-case hexadecimal fields of 2, 32, 16 and 2 digits, ids other than zero,
/// and nothing behind it in version 00 (<https://www.w3.org/TR/trace-context/#traceparent-header>).
fn read_traceparent(header: &[u8]) -> Option<(TraceId, SpanId, TraceFlags)> {
    let (known, more) = header.split_at_checked(TRACEPARENT_LENGTH)?;
    let (version, trace_id) = (number(&known[0..2])?, number(&known[3..35])?);
    let (parent_id, flags) = (number(&known[36..52])?, number(&known[53..55])?);
    let is_divided = [2, 35, 52].iter().all(|position| known[*position] == b'-');
    let ends = if version == 0 { more.is_empty() } else { more.first().is_none_or(|next| *next == b'-') };
    if !is_divided || !ends || version == 0xff {
        return None;
    }
    let trace_id = TraceId::from(trace_id);
    let parent_id = SpanId::from(u64::try_from(parent_id).ok()?);
    let flags = TraceFlags::new(u8::try_from(flags).ok()?);
    (trace_id != TraceId::INVALID && parent_id != SpanId::INVALID).then_some((trace_id, parent_id, flags))
}

/// Of lower-case hexadecimal digits, 32 at most.
#[inline(never)]
fn number(digits: &[u8]) -> Option<u128> {
    let mut number = 0;
    for digit in digits {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        number = (number << 4) | u128::from(value);
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use opentelemetry::{baggage::BaggageExt as _, trace::SpanContext};

    use super::*;

    #[test]
    fn a_traceparent_is_taken_only_as_the_specification_writes_it() {
        let trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
        let parent_id = "00f067aa0ba902b7";

        for good in [
            format!("00-{trace_id}-{parent_id}-01"),
            format!("00-{trace_id}-{parent_id}-00"),
            format!("01-{trace_id}-{parent_id}-01-what-a-later-version-adds"),
        ] {
            assert!(read_traceparent(good.as_bytes()).is_some(), "{good}");
        }
        for bad in [
            String::new(),
            format!("00-{}-{parent_id}-01", &trace_id[1..]),
            format!("00-{trace_id}-{}-01", &parent_id[1..]),
            format!("00-{trace_id}-{parent_id}"),
            format!("00-{trace_id}-{parent_id}-1"),
            format!("00-{trace_id}-{parent_id}-01-more"),
            format!("01-{trace_id}-{parent_id}-01more"),
            format!("00-{trace_id}_{parent_id}-01"),
            format!("ff-{trace_id}-{parent_id}-01"),
            format!("00-{}-{parent_id}-01", trace_id.to_uppercase()),
            format!("00-{}-{parent_id}-01", "0".repeat(32)),
            format!("00-{trace_id}-{}-01", "0".repeat(16)),
        ] {
            assert!(read_traceparent(bad.as_bytes()).is_none(), "{bad}");
        }
    }

    #[test]
    fn every_digit_is_written_as_it_is_read() {
        let bytes: Vec<u8> = (0..=u8::MAX).collect();
        let mut digits = vec![0; 2 * bytes.len()];
        hex(&mut digits, &bytes);

        for (digits, byte) in digits.chunks(2).zip(bytes) {
            assert_eq!(digits, format!("{byte:02x}").as_bytes());
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let ids = SpanContext::new(
            TraceId::from(0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736),
            SpanId::from(0x00f0_67aa_0ba9_02b7),
            TraceFlags::SAMPLED,
            false,
            TraceState::from_key_value([("vendor", "value")]).unwrap(),
        );
        let current = Current::of(&ids, None);
        let propagation = Propagation::new(&[Propagator::TraceContext, Propagator::Baggage]);
        let mut headers = HeaderMap::new();

        propagation.inject(&current, &mut headers);
        let extracted = propagation.extract(&headers);

        assert_eq!(headers["traceparent"], "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        assert_eq!(headers["tracestate"], "vendor=value");
        assert!(headers["traceparent"].is_sensitive(), "HPACK would remember it");
        assert_eq!(headers.len(), 2);
        let read = extracted.ids().to_api(extracted.more());
        assert!(read.is_remote());
        assert_eq!(
            (read.trace_id(), read.span_id(), read.trace_flags(), read.trace_state()),
            (ids.trace_id(), ids.span_id(), ids.trace_flags(), ids.trace_state())
        );
    }

    #[test]
    fn baggage_goes_both_ways() {
        let propagation = Propagation::new(&[Propagator::Baggage]);
        let baggage = Context::new().with_baggage([opentelemetry::KeyValue::new("tenant", "a b")]);
        let current = Current::of(&SpanContext::NONE, Some(baggage));
        let mut headers = HeaderMap::new();

        propagation.inject(&current, &mut headers);

        assert_eq!(headers["baggage"], "tenant=a%20b");
        let read = propagation.extract(&headers).to_api();
        assert_eq!(read.baggage().get("tenant").map(ToString::to_string), Some("a b".to_owned()));
    }
}
