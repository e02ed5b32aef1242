//! Commands off the wire.

use bytes::{Bytes, BytesMut};
use redis_protocol::resp2::decode::decode_bytes;
use redis_protocol::resp2::types::BytesFrame;
use tokio_util::codec::Decoder;

use super::inline;

/// `proto-max-bulk-len`: the longest argument, 512 MB by default.
const LONGEST_ARGUMENT: i64 = 512 * 1024 * 1024;
/// `PROTO_INLINE_MAX_SIZE`: the longest header or inline command.
const LONGEST_LINE: usize = 64 * 1024;
/// The most arguments in one command.
const MOST_ARGUMENTS: i64 = 1024 * 1024;

/// A command as sent: its name and its arguments; never empty.
pub(super) type Command = Vec<Bytes>;

/// A command and its bytes on the wire.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) raw: Bytes,
    pub(super) command: Command,
}

/// Reads commands: arrays of bulk strings in both protocol versions, or a line.
#[derive(Debug, Default)]
pub(super) struct Commands;

/// Why the connection must be closed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    /// What Redis says before it closes.
    #[error("Protocol error: {0}")]
    Protocol(String),
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl Decoder for Commands {
    type Item = Sent;
    type Error = Broken;

    fn decode(&mut self, input: &mut BytesMut) -> Result<Option<Sent>, Broken> {
        loop {
            let sent = match input.first() {
                None => return Ok(None),
                Some(b'*') => array(input)?,
                Some(_) => inline::command(input, LONGEST_LINE)?,
            };
            match sent {
                None => return Ok(None),
                // `*0` and an empty line are no command, and no error either.
                Some(sent) if sent.command.is_empty() => {}
                Some(sent) => return Ok(Some(sent)),
            }
        }
    }
}

fn array(input: &mut BytesMut) -> Result<Option<Sent>, Broken> {
    let Some(length) = array_length(input)? else { return Ok(None) };
    let raw = input.split_to(length).freeze();
    let decoded = decode_bytes(&raw).map_err(|error| Broken::Protocol(error.to_string()))?;
    let arguments = match decoded {
        Some((BytesFrame::Array(frames), ..)) => frames,
        _ => Vec::new(),
    };
    let argument = |frame| match frame {
        BytesFrame::BulkString(bytes) => Some(bytes),
        _ => None,
    };
    let command = arguments.into_iter().filter_map(argument).collect();
    Ok(Some(Sent { raw, command }))
}

/// How long the array at the start of `input` is, or `None` if it is not all there. Looks at lengths only, and refuses
/// in Redis' words what a decoder would swallow or allocate for.
fn array_length(input: &[u8]) -> Result<Option<usize>, Broken> {
    let broken = |text: &str| Broken::Protocol(text.to_owned());
    let Some((count, mut at)) = header(input, 0, "mbulk")? else { return Ok(None) };
    let count = count.filter(|count| *count <= MOST_ARGUMENTS).ok_or_else(|| broken("invalid multibulk length"))?;
    for _ in 0..count {
        match input.get(at) {
            None => return Ok(None),
            Some(b'$') => {}
            Some(other) => return Err(broken(&format!("expected '$', got '{}'", char::from(*other)))),
        }
        let Some((length, body)) = header(input, at, "bulk")? else { return Ok(None) };
        let length = length
            .filter(|length| (0..=LONGEST_ARGUMENT).contains(length))
            .and_then(|length| usize::try_from(length).ok())
            .ok_or_else(|| broken("invalid bulk length"))?;
        at = body + length + 2;
        if input.len() < at {
            return Ok(None);
        }
    }
    Ok(Some(at))
}

/// The number in the header at `at` (`None`: not a number), and where what follows starts.
fn header(input: &[u8], at: usize, what: &str) -> Result<Option<(Option<i64>, usize)>, Broken> {
    let line = &input[at + 1..];
    match line.iter().take(LONGEST_LINE).position(|byte| *byte == b'\r') {
        Some(end) if end + 1 < line.len() => {
            let number = std::str::from_utf8(&line[..end]).ok().and_then(|text| text.parse().ok());
            Ok(Some((number, at + 1 + end + 2)))
        }
        None if line.len() >= LONGEST_LINE => Err(Broken::Protocol(format!("too big {what} count string"))),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Vec<Vec<String>>, String> {
        let mut input = BytesMut::from(bytes);
        let mut commands = Vec::new();
        while let Some(Sent { command, .. }) = Commands.decode(&mut input).map_err(|error| error.to_string())? {
            commands.push(command.iter().map(|argument| String::from_utf8_lossy(argument).into_owned()).collect());
        }
        Ok(commands)
    }

    #[test]
    fn commands_are_read_one_after_the_other() {
        let commands = read(b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n*0\r\n\r\nSET b \"x y\"\r\n*1\r\n$4\r\nPING\r\n");

        assert_eq!(commands.unwrap(), [vec!["GET", "a"], vec!["SET", "b", "x y"], vec!["PING"]]);
    }

    #[test]
    fn a_command_in_pieces_is_waited_for() {
        let whole = b"*2\r\n$3\r\nGET\r\n$10\r\n0123456789\r\n";

        for end in 0..whole.len() {
            assert_eq!(read(&whole[..end]).unwrap(), Vec::<Vec<String>>::new(), "at byte {end}");
        }
        assert_eq!(read(whole).unwrap(), [["GET", "0123456789"]]);
    }

    #[test]
    fn broken_frames_are_named_as_redis_names_them() {
        let long = ["*".to_owned(), "1".repeat(LONGEST_LINE)].concat();
        let endless = "a".repeat(LONGEST_LINE + 1);

        for (bytes, error) in [
            (b"*x\r\n".as_slice(), "invalid multibulk length"),
            (b"*9999999999\r\n", "invalid multibulk length"),
            (b"*1\r\n+GET\r\n", "expected '$', got '+'"),
            (b"*1\r\n$-1\r\n", "invalid bulk length"),
            (b"*1\r\n$536870913\r\n", "invalid bulk length"),
            (b"SET a \"b\r\n", "unbalanced quotes in request"),
            (long.as_bytes(), "too big mbulk count string"),
            (endless.as_bytes(), "too big inline request"),
        ] {
            assert_eq!(read(bytes).unwrap_err(), format!("Protocol error: {error}"));
        }
    }
}
