//! Reads one file, within bounds.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::de::DeserializeOwned;

use super::positions::{Content, Cursor, Node, scan};
use super::problem::{Position, Problem};
use super::reader_error;

/// Largest file, in bytes: 4 MiB. A contract of a large service is some tens of kB.
pub(crate) const MOST_BYTES: u64 = 4 << 20;

/// Deepest nesting of lists and maps: 30 spans under one another. Reading takes stack for each level, and a
/// thread of 2 MiB must do in a debug build, where it ends at 45 spans.
pub(super) const DEEPEST: usize = 64;

/// The version of all our formats.
const VERSION: &str = "1";

/// What a file says, and where.
pub(crate) struct Document<T> {
    /// The file, as it was named.
    pub(crate) name: String,
    root: Option<Node>,
    /// What it says.
    pub(crate) value: T,
}

impl<T> Document<T> {
    /// The top of the file, for naming places in it.
    pub(crate) fn top(&self) -> Cursor<'_> {
        Cursor::new(&self.name, self.root.as_ref())
    }
}

/// Reads the file at `path`: a map whose key `version` is 1. Unknown keys are told with the nearest one, if `T` denies them.
///
/// # Errors
/// If it cannot be read, or says something `T` does not know: with file, line and column.
pub fn load<T: DeserializeOwned>(path: &Path) -> Result<T, Problem> {
    Ok(read(path)?.value)
}

/// Reads the file at `path`. It is a map whose key `version` is 1.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<Document<T>, Problem> {
    let name = path.display().to_string();
    let mut bytes = Vec::new();
    // One byte more than allowed, so that a file that grows, or a device without end, is noticed and not read whole.
    File::open(path)
        .and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| Problem::of_file(&name, format!("cannot be read: {error}; check the path")))?;
    parse(decode(&bytes, &name)?, &name)
}

/// Reads `text`; `name` stands for it in problems.
pub(crate) fn parse<T: DeserializeOwned>(text: &str, name: &str) -> Result<Document<T>, Problem> {
    let root = scan(text);
    if let Some(root) = &root {
        look_at_version(root, name)?;
    } else if text.lines().all(|line| matches!(line.trim().chars().next(), None | Some('#'))) {
        return Err(Problem::of_file(name, format!("the file is empty; begin with `version: {VERSION}`")));
    }
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 200_000, max_aliases: 1_000, max_anchors: 1_000, max_depth: DEEPEST,
        },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 100_000 },
        with_snippet: false,
        // `no` and `on` are words: an attribute's value may be either.
        strict_booleans: true,
    };
    match serde_saphyr::from_str_with_options(text, options) {
        Ok(value) => Ok(Document { name: name.to_owned(), root, value }),
        Err(error) => Err(reader_error::problem(&error, name, root.as_ref())),
    }
}

/// `bytes` as text, without a byte order mark.
pub(crate) fn decode<'b>(bytes: &'b [u8], name: &str) -> Result<&'b str, Problem> {
    if bytes.len() as u64 > MOST_BYTES {
        return Err(Problem::of_file(name, format!("larger than {} MiB, the limit; split it", MOST_BYTES >> 20)));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let good = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        let line = good.matches('\n').count() + 1;
        let column = good.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Problem {
            at: Some(Position { line, column }),
            ..Problem::of_file(name, "not UTF-8 from here on; save the file as UTF-8")
        }
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Looks at the version before anything else: in another version, other keys may be right.
fn look_at_version(root: &Node, name: &str) -> Result<(), Problem> {
    let top = Cursor::new(name, Some(root));
    if !matches!(root.content, Content::Map(_)) {
        return Err(top.problem(format!("the file must be a map of keys; begin with `version: {VERSION}`")));
    }
    let Some(version) = root.entry("version") else {
        return Err(top.problem(format!("the key `version` is missing; begin with `version: {VERSION}`")));
    };
    match version.value.text() {
        Some(VERSION) => Ok(()),
        found => Err(top.key("version").problem(format!(
            "version {} is not known; this program reads version {VERSION}",
            found.unwrap_or("(no number)")
        ))),
    }
}
