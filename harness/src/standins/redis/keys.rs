//! Commands on keys, whatever their values.

#![expect(clippy::unnecessary_wraps, reason = "one signature for all commands of the table")]

use bytes::Bytes;

use super::command::{Context, integer};
use super::glob;
use super::reply::Reply;

/// DEL key [key …], and UNLINK
pub(super) fn del(context: &mut Context<'_>, arguments: &[Bytes]) -> Result<Reply, Reply> {
    Ok(Reply::count(arguments.iter().filter(|key| context.keyspace.remove(key, context.now)).count()))
}

/// EXISTS key [key …]
pub(super) fn exists(context: &mut Context<'_>, arguments: &[Bytes]) -> Result<Reply, Reply> {
    Ok(Reply::count(arguments.iter().filter(|key| context.keyspace.get(key, context.now).is_some()).count()))
}

/// EXPIRE key seconds
pub(super) fn expire(context: &mut Context<'_>, arguments: &[Bytes]) -> Result<Reply, Reply> {
    expire_in(context, arguments, 1000, "expire")
}

/// PEXPIRE key milliseconds
pub(super) fn pexpire(context: &mut Context<'_>, arguments: &[Bytes]) -> Result<Reply, Reply> {
    expire_in(context, arguments, 1, "pexpire")
}

/// PERSIST key
pub(super) fn persist(context: &mut Context<'_>, arguments: &[Bytes]) -> Result<Reply, Reply> {
    let key = &arguments[0];
    let expires = context.keyspace.get(key, context.now).is_some_and(|entry| entry.expires.is_some());
    Ok(Reply::count(usize::from(expires && context.keyspace.expire(key, None, context.now))))
}

/// TTL key, rounded to the nearest second as Redis does
pub(super) fn ttl(context: &mut Context<'_>, arguments: &[Bytes]) -> Result<Reply, Reply> {
    Ok(Reply::Integer(match left(context, &arguments[0]) {
        millis @ ..0 => millis,
        millis => (millis + 500) / 1000,
    }))
}

/// PTTL key
pub(super) fn pttl(context: &mut Context<'_>, arguments: &[Bytes]) -> Result<Reply, Reply> {
    Ok(Reply::Integer(left(context, &arguments[0])))
}

/// TYPE key
pub(super) fn kind(context: &mut Context<'_>, arguments: &[Bytes]) -> Result<Reply, Reply> {
    let there = context.keyspace.get(&arguments[0], context.now).is_some();
    Ok(Reply::Simple(if there { "string" } else { "none" }))
}

/// KEYS pattern
pub(super) fn keys(context: &mut Context<'_>, arguments: &[Bytes]) -> Result<Reply, Reply> {
    Ok(matching(context, &arguments[0]))
}

/// SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]
///
/// Everything comes in one page: COUNT is a hint, and a page may be of any size.
pub(super) fn scan(context: &mut Context<'_>, arguments: &[Bytes]) -> Result<Reply, Reply> {
    if integer(&arguments[0]).map_err(|_| Reply::error("invalid cursor"))? < 0 {
        return Err(Reply::error("invalid cursor"));
    }
    let syntax = || Reply::error("syntax error");
    let mut pattern = Bytes::from_static(b"*");
    let mut strings = true;
    let (options, rest) = arguments[1..].as_chunks::<2>();
    if !rest.is_empty() {
        return Err(syntax());
    }
    for [option, value] in options {
        match option.to_ascii_uppercase().as_slice() {
            b"MATCH" => pattern = value.clone(),
            b"COUNT" if integer(value)? < 1 => return Err(syntax()),
            b"COUNT" => {}
            b"TYPE" => strings = value.eq_ignore_ascii_case(b"string"),
            _ => return Err(syntax()),
        }
    }
    let page = if strings { matching(context, &pattern) } else { Reply::Array(Vec::new()) };
    Ok(Reply::Array(vec![Reply::bulk("0"), page]))
}

/// DBSIZE
pub(super) fn dbsize(context: &mut Context<'_>, _: &[Bytes]) -> Result<Reply, Reply> {
    Ok(Reply::count(context.keyspace.keys(context.now).len()))
}

/// FLUSHDB and FLUSHALL [ASYNC | SYNC]
pub(super) fn flush(context: &mut Context<'_>, arguments: &[Bytes]) -> Result<Reply, Reply> {
    let known = |mode: &Bytes| mode.eq_ignore_ascii_case(b"async") || mode.eq_ignore_ascii_case(b"sync");
    if arguments.len() > 1 || !arguments.iter().all(known) {
        return Err(Reply::error("syntax error"));
    }
    context.keyspace.clear();
    Ok(Reply::OK)
}

fn matching(context: &mut Context<'_>, pattern: &[u8]) -> Reply {
    let keys = context.keyspace.keys(context.now).filter(|key| glob::matches(pattern, key));
    Reply::Array(keys.cloned().map(Reply::Bulk).collect())
}

/// Milliseconds a key has left; -1: it stays, -2: there is none.
fn left(context: &Context<'_>, key: &[u8]) -> i64 {
    context.keyspace.get(key, context.now).map_or(-2, |entry| entry.expires.map_or(-1, |at| at - context.now))
}

fn expire_in(context: &mut Context<'_>, arguments: &[Bytes], unit_millis: i64, command: &str) -> Result<Reply, Reply> {
    let at = integer(&arguments[1])?
        .checked_mul(unit_millis)
        .and_then(|millis| millis.checked_add(context.now))
        .ok_or_else(|| Reply::error(format_args!("invalid expire time in '{command}' command")))?;
    Ok(Reply::count(usize::from(context.keyspace.expire(&arguments[0], Some(at), context.now))))
}
