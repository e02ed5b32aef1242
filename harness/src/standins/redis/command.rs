//! The commands there are, and who answers each.

use bytes::Bytes;

use super::keyspace::Keyspace;
use super::reply::Reply;
use super::session::{Server, Session};
use super::{keys, session, strings};

/// What a command works with.
pub(super) struct Context<'a> {
    pub(super) server: &'a Server,
    pub(super) session: &'a mut Session,
    pub(super) keyspace: &'a mut Keyspace,
    /// Milliseconds since the Unix epoch; one reading for the whole command.
    pub(super) now: i64,
}

/// A command of the table.
#[derive(Debug)]
pub(super) struct Spec {
    /// In lower case.
    pub(super) name: &'static str,
    /// Words of the command, name included; negative: at least so many. The way Redis gives it.
    pub(super) arity: i32,
    pub(super) run: Run,
}

/// Answers a command from its arguments, the name not among them.
pub(super) type Run = fn(&mut Context<'_>, &[Bytes]) -> Result<Reply, Reply>;

impl Spec {
    /// Refuses a wrong number of arguments.
    pub(super) fn check(&self, arguments: &[Bytes]) -> Result<(), Reply> {
        let words = i32::try_from(arguments.len() + 1).unwrap_or(i32::MAX);
        let fits = if self.arity < 0 { words >= -self.arity } else { words == self.arity };
        fits.then_some(()).ok_or_else(|| wrong_number(self.name))
    }
}

/// Redis' words for a wrong number of arguments.
pub(super) fn wrong_number(name: &str) -> Reply {
    Reply::error(format_args!("wrong number of arguments for '{name}' command"))
}

/// The command called `name`, in any case.
pub(super) fn find(name: &[u8]) -> Option<&'static Spec> {
    TABLE.iter().find(|spec| spec.name.as_bytes().eq_ignore_ascii_case(name))
}

/// Redis' words for a command it does not know.
pub(super) fn unknown(name: &[u8], arguments: &[Bytes]) -> Reply {
    /// Redis quotes no more of the arguments than this.
    const QUOTED: usize = 128;
    let mut text = format!("unknown command '{}', with args beginning with: ", lossy(name, QUOTED));
    let start = text.len();
    for argument in arguments {
        let left = QUOTED.saturating_sub(text.len() - start);
        if left == 0 {
            break;
        }
        text.extend(["'", &lossy(argument, left), "' "]);
    }
    // A line break would end the reply.
    Reply::error(text.replace(['\r', '\n'], " "))
}

fn lossy(bytes: &[u8], longest: usize) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(longest)]).into_owned()
}

/// All commands but MULTI, EXEC and DISCARD, which are the connection's own.
pub(super) const TABLE: &[Spec] = &[
    spec("auth", -2, session::auth),
    spec("client", -2, session::client),
    spec("command", -1, session::command),
    spec("dbsize", 1, keys::dbsize),
    spec("decr", 2, strings::decr),
    spec("decrby", 3, strings::decrby),
    spec("del", -2, keys::del),
    spec("echo", 2, session::echo),
    spec("exists", -2, keys::exists),
    spec("expire", 3, keys::expire),
    spec("flushall", -1, keys::flush),
    spec("flushdb", -1, keys::flush),
    spec("get", 2, strings::get),
    spec("hello", -1, session::hello),
    spec("incr", 2, strings::incr),
    spec("incrby", 3, strings::incrby),
    spec("info", -1, session::info),
    spec("keys", 2, keys::keys),
    spec("mget", -2, strings::mget),
    spec("mset", -3, strings::mset),
    spec("persist", 2, keys::persist),
    spec("pexpire", 3, keys::pexpire),
    spec("ping", -1, session::ping),
    spec("psetex", 4, strings::psetex),
    spec("pttl", 2, keys::pttl),
    spec("quit", -1, session::quit),
    spec("reset", 1, session::reset),
    spec("scan", -2, keys::scan),
    spec("select", 2, session::select),
    spec("set", -3, strings::set),
    spec("setex", 4, strings::setex),
    spec("ttl", 2, keys::ttl),
    spec("type", 2, keys::kind),
    spec("unlink", -2, keys::del),
];

const fn spec(name: &'static str, arity: i32, run: Run) -> Spec {
    Spec { name, arity, run }
}

/// Reads an integer argument.
pub(super) fn integer(argument: &[u8]) -> Result<i64, Reply> {
    let text = std::str::from_utf8(argument).ok();
    // `str::parse` would also take a plus sign, which Redis refuses.
    text.filter(|text| !text.starts_with('+'))
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| Reply::error("value is not an integer or out of range"))
}
