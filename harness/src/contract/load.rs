//! Reads contracts from YAML.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::positions::{Content, Cursor, Node, scan};
use super::problem::{ContractError, Position, Problem};
use super::{Contract, merge, validate, yaml_error};

/// Largest contract file, in bytes: 4 MiB. A contract of a large service is some tens of kB.
pub const MOST_BYTES: u64 = 4 << 20;

/// Deepest nesting of lists and maps: 30 spans under one another. Reading takes stack for each level, and a
/// thread of 2 MiB must do for twice as many in a debug build.
pub(super) const DEEPEST: usize = 64;

/// The version of the format that is read.
const VERSION: &str = "1";

/// One contract file, read but not yet judged together with the others.
pub(super) struct Source {
    pub(super) name: String,
    pub(super) root: Option<Node>,
    pub(super) contract: Contract,
}

impl Source {
    /// The top of the file, for naming places in it.
    pub(super) fn top(&self) -> Cursor<'_> {
        Cursor::new(&self.name, self.root.as_ref())
    }
}

/// Reads a contract from `text`; `name` stands for it in errors.
///
/// # Errors
/// Names the place, what is wrong there, and what to do. If the text is readable as a contract, all problems are named.
pub fn parse(text: &str, name: &str) -> Result<Contract, ContractError> {
    together(vec![source(text, name)?])
}

/// As [`parse`], from bytes that may be anything.
///
/// # Errors
/// As [`parse`], and if the bytes are not UTF-8 or more than [`MOST_BYTES`].
pub fn parse_bytes(bytes: &[u8], name: &str) -> Result<Contract, ContractError> {
    parse(decode(bytes, name)?, name)
}

/// Reads a contract from one file.
///
/// # Errors
/// As [`parse_bytes`], and if the file cannot be read.
pub fn read(path: &Path) -> Result<Contract, ContractError> {
    read_all(&[path.to_owned()])
}

/// Reads one contract from several files. Names may not be given twice: neither in a file nor across files.
///
/// # Errors
/// As [`read`]. Problems of all files are named together.
pub fn read_all(paths: &[PathBuf]) -> Result<Contract, ContractError> {
    if paths.is_empty() {
        return Err(Problem::of_file("contract", "no file is named; name at least one").into());
    }
    let mut sources = Vec::new();
    let mut problems = Vec::new();
    for path in paths {
        match read_source(path) {
            Ok(source) => sources.push(source),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { together(sources) } else { Err(ContractError { problems }) }
}

fn together(sources: Vec<Source>) -> Result<Contract, ContractError> {
    let problems = validate::problems(&sources);
    if problems.is_empty() { Ok(merge::merge(sources)) } else { Err(ContractError { problems }) }
}

fn read_source(path: &Path) -> Result<Source, Problem> {
    let name = path.display().to_string();
    let mut bytes = Vec::new();
    // One byte more than allowed, so that a file that grows, or a device without end, is noticed and not read whole.
    File::open(path)
        .and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| Problem::of_file(&name, format!("cannot be read: {error}; check the path")))?;
    source(decode(&bytes, &name)?, &name)
}

fn decode<'b>(bytes: &'b [u8], name: &str) -> Result<&'b str, Problem> {
    if bytes.len() as u64 > MOST_BYTES {
        let limit = MOST_BYTES >> 20;
        return Err(Problem::of_file(name, format!("larger than {limit} MiB, the limit for a contract; split it")));
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

fn source(text: &str, name: &str) -> Result<Source, Problem> {
    let root = scan(text);
    if let Some(root) = &root {
        look_at_version(root, name)?;
    } else if text.lines().all(|line| matches!(line.trim().chars().next(), None | Some('#'))) {
        return Err(Problem::of_file(name, format!("the file is empty; begin with `version: {VERSION}`")));
    }
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_events: 200_000, max_aliases: 1_000, max_anchors: 1_000, max_depth: DEEPEST },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 100_000 },
        with_snippet: false,
        // `no` and `on` are words: an attribute's value may be either.
        strict_booleans: true,
    };
    let contract = serde_saphyr::from_str_with_options(text, options)
        .map_err(|error| yaml_error::problem(&error, name, root.as_ref()))?;
    Ok(Source { name: name.to_owned(), root, contract })
}

/// Looks at the version before anything else: in another version, other keys may be right.
fn look_at_version(root: &Node, name: &str) -> Result<(), Problem> {
    let top = Cursor::new(name, Some(root));
    if !matches!(root.content, Content::Map(_)) {
        return Err(top.problem(format!("a contract is a map of keys; begin with `version: {VERSION}`")));
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
