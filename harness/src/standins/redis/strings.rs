//! Commands on values.

#![expect(clippy::unnecessary_wraps, reason = "one signature for all commands of the table")]

use bytes::Bytes;

use super::command::{Context, integer, wrong_number};
use super::reply::Reply;

/// GET key
pub(super) fn get(context: &mut Context<'_>, arguments: &[Bytes]) -> Result<Reply, Reply> {
    Ok(value(context, &arguments[0]))
}

/// MGET key [key …]
pub(super) fn mget(context: &mut Context<'_>, arguments: &[Bytes]) -> Result<Reply, Reply> {
    Ok(Reply::Array(arguments.iter().map(|key| value(context, key)).collect()))
}

/// MSET key value [key value …]
pub(super) fn mset(context: &mut Context<'_>, arguments: &[Bytes]) -> Result<Reply, Reply> {
    let (pairs, rest) = arguments.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(wrong_number("mset"));
    }
    for [key, value] in pairs {
        context.keyspace.set(key, value, None, context.now);
    }
    Ok(Reply::OK)
}

/// SET key value [NX | XX] [GET] [EX seconds | PX milliseconds | EXAT seconds | PXAT milliseconds | KEEPTTL]
pub(super) fn set(context: &mut Context<'_>, arguments: &[Bytes]) -> Result<Reply, Reply> {
    let (key, new) = (&arguments[0], &arguments[1]);
    let options = SetOptions::read(&arguments[2..], context.now)?;
    let old = context.keyspace.get(key, context.now).cloned();

    let wanted = match options.only_if {
        None => true,
        Some(OnlyIf::Missing) => old.is_none(),
        Some(OnlyIf::Present) => old.is_some(),
    };
    if wanted {
        let expires = match options.expires {
            Expires::Never => None,
            Expires::At(at) => Some(at),
            Expires::AsBefore => old.as_ref().and_then(|entry| entry.expires),
        };
        context.keyspace.set(key, new, expires, context.now);
    }
    Ok(match (options.get, wanted) {
        (true, _) => old.map_or(Reply::Null, |entry| Reply::Bulk(entry.value)),
        (false, true) => Reply::OK,
        (false, false) => Reply::Null,
    })
}

/// SETEX key seconds value
pub(super) fn setex(context: &mut Context<'_>, arguments: &[Bytes]) -> Result<Reply, Reply> {
    set_for(context, arguments, 1000, "setex")
}

/// PSETEX key milliseconds value
pub(super) fn psetex(context: &mut Context<'_>, arguments: &[Bytes]) -> Result<Reply, Reply> {
    set_for(context, arguments, 1, "psetex")
}

/// INCR key
pub(super) fn incr(context: &mut Context<'_>, arguments: &[Bytes]) -> Result<Reply, Reply> {
    add(context, &arguments[0], 1)
}

/// INCRBY key increment
pub(super) fn incrby(context: &mut Context<'_>, arguments: &[Bytes]) -> Result<Reply, Reply> {
    add(context, &arguments[0], integer(&arguments[1])?)
}

/// DECR key
pub(super) fn decr(context: &mut Context<'_>, arguments: &[Bytes]) -> Result<Reply, Reply> {
    add(context, &arguments[0], -1)
}

/// DECRBY key decrement
pub(super) fn decrby(context: &mut Context<'_>, arguments: &[Bytes]) -> Result<Reply, Reply> {
    let by = integer(&arguments[1])?.checked_neg().ok_or_else(|| Reply::error("decrement would overflow"))?;
    add(context, &arguments[0], by)
}

fn value(context: &Context<'_>, key: &[u8]) -> Reply {
    context.keyspace.get(key, context.now).map_or(Reply::Null, |entry| Reply::Bulk(entry.value.clone()))
}

fn set_for(context: &mut Context<'_>, arguments: &[Bytes], unit_millis: i64, command: &str) -> Result<Reply, Reply> {
    let at = expiry(&arguments[1], unit_millis, context.now, command)?;
    context.keyspace.set(&arguments[0], &arguments[2], Some(at), context.now);
    Ok(Reply::OK)
}

/// Adds to the number at `key`, which stays as long as it was to stay.
fn add(context: &mut Context<'_>, key: &[u8], by: i64) -> Result<Reply, Reply> {
    let (old, expires) = match context.keyspace.get(key, context.now) {
        Some(entry) => (integer(&entry.value)?, entry.expires),
        None => (0, None),
    };
    let new = old.checked_add(by).ok_or_else(|| Reply::error("increment or decrement would overflow"))?;
    context.keyspace.set(key, new.to_string().as_bytes(), expires, context.now);
    Ok(Reply::Integer(new))
}

#[derive(Clone, Copy)]
enum OnlyIf {
    Missing,
    Present,
}

enum Expires {
    Never,
    At(i64),
    AsBefore,
}

struct SetOptions {
    only_if: Option<OnlyIf>,
    get: bool,
    expires: Expires,
}

impl SetOptions {
    fn read(arguments: &[Bytes], now: i64) -> Result<Self, Reply> {
        let syntax = || Reply::error("syntax error");
        let mut only_if = None;
        let mut get = false;
        let mut expires = None;
        let mut arguments = arguments.iter();
        while let Some(option) = arguments.next() {
            let mut at = |unit_millis, from| expiry(arguments.next().ok_or_else(syntax)?, unit_millis, from, "set");
            let (condition, expiry) = match option.to_ascii_uppercase().as_slice() {
                b"NX" => (Some(OnlyIf::Missing), None),
                b"XX" => (Some(OnlyIf::Present), None),
                b"EX" => (None, Some(Expires::At(at(1000, now)?))),
                b"PX" => (None, Some(Expires::At(at(1, now)?))),
                b"EXAT" => (None, Some(Expires::At(at(1000, 0)?))),
                b"PXAT" => (None, Some(Expires::At(at(1, 0)?))),
                b"KEEPTTL" => (None, Some(Expires::AsBefore)),
                b"GET" => {
                    get = true;
                    (None, None)
                }
                _ => return Err(syntax()),
            };
            // A second condition, or a second expiry, contradicts the first.
            if (condition.is_some() && only_if.is_some()) || (expiry.is_some() && expires.is_some()) {
                return Err(syntax());
            }
            only_if = only_if.or(condition);
            expires = expires.or(expiry);
        }
        Ok(Self { only_if, get, expires: expires.unwrap_or(Expires::Never) })
    }
}

/// The time that lies `argument` units after `from`.
fn expiry(argument: &[u8], unit_millis: i64, from: i64, command: &str) -> Result<i64, Reply> {
    let units = integer(argument)?;
    let at = units.checked_mul(unit_millis).and_then(|millis| millis.checked_add(from));
    at.filter(|_| units > 0).ok_or_else(|| Reply::error(format_args!("invalid expire time in '{command}' command")))
}
