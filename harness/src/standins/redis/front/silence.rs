//! CLIENT REPLY: commands that get no reply.

use bytes::Bytes;

/// Whether the client wants replies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Silence {
    No,
    /// The next command gets none.
    Once,
    /// None gets one, until CLIENT REPLY ON.
    On,
}

impl Silence {
    /// Whether this command gets no reply.
    pub(super) fn falls_on(&mut self, operation: &str, command: &[Bytes]) -> bool {
        let wish = match (operation, command) {
            ("client", [_, reply, wish]) if reply.eq_ignore_ascii_case(b"reply") => wish.to_ascii_lowercase(),
            _ => Vec::new(),
        };
        let (silent, then) = match (wish.as_slice(), *self) {
            (b"on", _) => (false, Self::No),
            (b"off", _) | (_, Self::On) => (true, Self::On),
            (b"skip", _) => (true, Self::Once),
            (_, Self::Once) => (true, Self::No),
            (_, Self::No) => (false, Self::No),
        };
        *self = then;
        silent
    }
}
