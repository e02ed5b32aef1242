//! One connection's state, and the commands about it and the server.

#![expect(clippy::unnecessary_wraps, reason = "one signature for all commands of the table")]

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

use bytes::Bytes;

use super::Clock;
use super::command::{Context, TABLE, integer};
use super::keyspace::{Keyspace, MAX_MEMORY};
use super::reply::{Protocol, Reply};
use super::transaction::Transaction;
use crate::standins::record::Desk;

/// The version of Redis spoken.
const VERSION: &str = "7.4.0";

/// What all connections share.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) keyspace: Mutex<Keyspace>,
    pub(super) clock: Clock,
    pub(super) desk: Desk,
    password: Option<String>,
    last_id: AtomicI64,
}

impl Server {
    pub(super) fn new(clock: Clock, password: Option<String>, desk: Desk) -> Self {
        Self { keyspace: Mutex::default(), clock, desk, password, last_id: AtomicI64::new(0) }
    }

    /// The state of a new connection.
    pub(super) fn connect(&self) -> Session {
        let id = self.last_id.fetch_add(1, Ordering::Relaxed) + 1;
        Session { id, authenticated: self.password.is_none(), ..Session::default() }
    }
}

/// One connection's state.
#[derive(Debug, Default)]
pub(super) struct Session {
    pub(super) protocol: Protocol,
    pub(super) authenticated: bool,
    pub(super) transaction: Option<Transaction>,
    /// The client has said goodbye: close once it has been answered.
    pub(super) closing: bool,
    id: i64,
    name: Bytes,
}

/// HELLO [version [AUTH user password] [SETNAME name]]
pub(super) fn hello(context: &mut Context<'_>, arguments: &[Bytes]) -> Result<Reply, Reply> {
    let mut protocol = context.session.protocol;
    if let Some((version, mut options)) = arguments.split_first() {
        protocol =
            match integer(version).map_err(|_| Reply::error("Protocol version is not an integer or out of range"))? {
                2 => Protocol::Resp2,
                3 => Protocol::Resp3,
                _ => return Err(Reply::Error("NOPROTO unsupported protocol version".to_owned())),
            };
        let mut name = None;
        while let Some((option, rest)) = options.split_first() {
            options = match (option.to_ascii_uppercase().as_slice(), rest) {
                (b"AUTH", [user, password, rest @ ..]) => {
                    log_in(context, user, password)?;
                    rest
                }
                (b"SETNAME", [new, rest @ ..]) => {
                    name = Some(client_name(new)?);
                    rest
                }
                _ => {
                    let option = String::from_utf8_lossy(option).replace(['\r', '\n'], " ");
                    return Err(Reply::error(format_args!("Syntax error in HELLO option '{option}'")));
                }
            };
        }
        if context.session.authenticated {
            context.session.name = name.unwrap_or_else(|| context.session.name.clone());
        }
    }
    if !context.session.authenticated {
        return Err(Reply::Error(
            "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH \
             <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the \
             same time"
                .to_owned(),
        ));
    }
    context.session.protocol = protocol;
    Ok(Reply::Map(vec![
        ("server", Reply::bulk("redis")),
        ("version", Reply::bulk(VERSION)),
        ("proto", Reply::Integer(if protocol == Protocol::Resp3 { 3 } else { 2 })),
        ("id", Reply::Integer(context.session.id)),
        ("mode", Reply::bulk("standalone")),
        ("role", Reply::bulk("master")),
        ("modules", Reply::Array(Vec::new())),
    ]))
}

/// AUTH [user] password
pub(super) fn auth(context: &mut Context<'_>, arguments: &[Bytes]) -> Result<Reply, Reply> {
    match arguments {
        [_] if context.server.password.is_none() => Err(Reply::error(
            "AUTH <password> called without any password configured for the default user. Are you sure your \
             configuration is correct?",
        )),
        [password] => log_in(context, b"default", password),
        [user, password] => log_in(context, user, password),
        _ => Err(Reply::error("syntax error")),
    }
}

/// CLIENT SETINFO attribute value | SETNAME name | GETNAME | ID
pub(super) fn client(context: &mut Context<'_>, arguments: &[Bytes]) -> Result<Reply, Reply> {
    match (arguments[0].to_ascii_uppercase().as_slice(), &arguments[1..]) {
        (b"SETINFO", [attribute, _])
            if attribute.eq_ignore_ascii_case(b"lib-name") || attribute.eq_ignore_ascii_case(b"lib-ver") =>
        {
            Ok(Reply::OK)
        }
        (b"SETINFO", [attribute, _]) => {
            let attribute = String::from_utf8_lossy(attribute).replace(['\r', '\n'], " ");
            Err(Reply::error(format_args!("Unrecognized option '{attribute}'")))
        }
        (b"SETNAME", [name]) => {
            context.session.name = client_name(name)?;
            Ok(Reply::OK)
        }
        (b"GETNAME", []) if context.session.name.is_empty() => Ok(Reply::Null),
        (b"GETNAME", []) => Ok(Reply::Bulk(context.session.name.clone())),
        (b"ID", []) => Ok(Reply::Integer(context.session.id)),
        (b"SETINFO" | b"SETNAME" | b"GETNAME" | b"ID", _) => {
            let name = String::from_utf8_lossy(&arguments[0]).to_lowercase();
            Err(Reply::error(format_args!("wrong number of arguments for 'client|{name}' command")))
        }
        _ => Err(unknown_subcommand("CLIENT", &arguments[0])),
    }
}

/// COMMAND [COUNT | DOCS …]: names and arities, which is what clients and `redis-cli` look at.
pub(super) fn command(_: &mut Context<'_>, arguments: &[Bytes]) -> Result<Reply, Reply> {
    match arguments {
        [] => Ok(Reply::Array(TABLE.iter().map(|spec| described(spec.name, spec.arity)).collect())),
        [count] if count.eq_ignore_ascii_case(b"count") => Ok(Reply::count(TABLE.len())),
        [docs, ..] if docs.eq_ignore_ascii_case(b"docs") => Ok(Reply::Map(Vec::new())),
        [other, ..] => Err(unknown_subcommand("COMMAND", other)),
    }
}

/// INFO [section …]: always the same few lines.
pub(super) fn info(context: &mut Context<'_>, _: &[Bytes]) -> Result<Reply, Reply> {
    let (evicted, keys) = (context.keyspace.evicted(), context.keyspace.keys(context.now).len());
    Ok(Reply::Text(format!(
        "# Server\r\nredis_version:{VERSION}\r\nredis_mode:standalone\r\n\r\n# Replication\r\nrole:master\r\n\r\n\
         # Memory\r\nmaxmemory:{MAX_MEMORY}\r\nmaxmemory_policy:allkeys-lru\r\n\r\n# Stats\r\nevicted_keys:{evicted}\r\n\r\n\
         # Cluster\r\ncluster_enabled:0\r\n\r\n# Keyspace\r\ndb0:keys={keys}\r\n"
    )))
}

/// PING [message]
pub(super) fn ping(_: &mut Context<'_>, arguments: &[Bytes]) -> Result<Reply, Reply> {
    match arguments {
        [] => Ok(Reply::Simple("PONG")),
        [message] => Ok(Reply::Bulk(message.clone())),
        _ => Err(super::command::wrong_number("ping")),
    }
}

/// ECHO message
pub(super) fn echo(_: &mut Context<'_>, arguments: &[Bytes]) -> Result<Reply, Reply> {
    Ok(Reply::Bulk(arguments[0].clone()))
}

/// SELECT 0: there is one database.
pub(super) fn select(_: &mut Context<'_>, arguments: &[Bytes]) -> Result<Reply, Reply> {
    match integer(&arguments[0])? {
        0 => Ok(Reply::OK),
        _ => Err(Reply::error("DB index is out of range")),
    }
}

/// RESET
pub(super) fn reset(context: &mut Context<'_>, _: &[Bytes]) -> Result<Reply, Reply> {
    let fresh =
        Session { id: context.session.id, authenticated: context.server.password.is_none(), ..Session::default() };
    *context.session = fresh;
    Ok(Reply::Simple("RESET"))
}

/// QUIT
pub(super) fn quit(context: &mut Context<'_>, _: &[Bytes]) -> Result<Reply, Reply> {
    context.session.closing = true;
    Ok(Reply::OK)
}

fn log_in(context: &mut Context<'_>, user: &[u8], password: &[u8]) -> Result<Reply, Reply> {
    // A user without a password lets everybody in, as Redis' `nopass` does.
    let right = context.server.password.as_ref().is_none_or(|wanted| wanted.as_bytes() == password);
    if user == b"default" && right {
        context.session.authenticated = true;
        Ok(Reply::OK)
    } else {
        Err(Reply::Error("WRONGPASS invalid username-password pair or user is disabled.".to_owned()))
    }
}

fn client_name(name: &Bytes) -> Result<Bytes, Reply> {
    if name.iter().all(u8::is_ascii_graphic) {
        Ok(Bytes::copy_from_slice(name))
    } else {
        Err(Reply::error("Client names cannot contain spaces, newlines or special characters."))
    }
}

fn described(name: &str, arity: i32) -> Reply {
    let none = || Reply::Array(Vec::new());
    let zero = || Reply::Integer(0);
    Reply::Array(vec![Reply::bulk(name), Reply::Integer(arity.into()), none(), zero(), zero(), zero()])
}

fn unknown_subcommand(command: &str, name: &[u8]) -> Reply {
    let name = String::from_utf8_lossy(name).replace(['\r', '\n'], " ");
    Reply::error(format_args!("unknown subcommand '{name}'. Try {command} HELP."))
}
