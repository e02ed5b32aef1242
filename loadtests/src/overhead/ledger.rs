//! The ledger: every launch ever made with a service, one JSON object a line. It is only ever added to.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::record::Launch;

/// A ledger that was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ledger {
    /// Its launches that can be read, each once.
    pub launches: Vec<Launch>,
    /// What is wrong with it, line by line.
    pub damage: Vec<Damage>,
}

/// Something wrong with a line of a ledger.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}: {message}", path.display())]
pub struct Damage {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// Whether its launch is used nevertheless.
    pub used: bool,
    /// What is wrong and what to do.
    pub message: String,
}

/// A ledger that cannot be read or added to.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The file system says no.
    #[error("{}: the ledger cannot be {what}: {source}; check the path and its permissions, or name another file", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// "read", "added to".
        what: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// There is no such file.
    #[error("{}: there is no ledger; an experiment writes one", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// A launch has a figure that JSON has no way to write.
    #[error("launch {number} has a figure that is no number, and was not written to the ledger")]
    NotANumber {
        /// Its number.
        number: u32,
        /// What could not be written or read back.
        #[source]
        source: serde_json::Error,
    },
}

/// Adds a launch and has it on disk before returning. What is in the file stays; if its last line was cut off, the launch
/// goes on a line of its own after it. A folder that is not there is made.
pub fn append(path: &Path, launch: &Launch) -> Result<(), LedgerError> {
    let lost = |source| LedgerError::NotANumber { number: launch.number, source };
    let mut line = serde_json::to_string(launch).map_err(lost)?;
    // JSON writes what is no number as null, and then the line could never be read.
    serde_json::from_str::<Launch>(&line).map_err(lost)?;
    line.push('\n');
    add(path, &line).map_err(|source| LedgerError::Io { path: path.to_owned(), what: "added to", source })
}

fn add(path: &Path, line: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    let whole = if ends_whole(&mut file)? { line.to_owned() } else { format!("\n{line}") };
    // One write: what another process adds at the same time does not land in the middle.
    file.write_all(whole.as_bytes())?;
    file.sync_data()
}

fn ends_whole(file: &mut File) -> io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

/// Reads a ledger. Lines that are damaged are left out, or used as far as they go, and said.
pub fn read(path: &Path) -> Result<Ledger, LedgerError> {
    let bytes = std::fs::read(path).map_err(|source| match source.kind() {
        ErrorKind::NotFound => LedgerError::Missing { path: path.to_owned() },
        _ => LedgerError::Io { path: path.to_owned(), what: "read", source },
    })?;
    let mut ledger = Ledger::default();
    let mut known: BTreeMap<(String, u32), usize> = BTreeMap::new();
    let whole = bytes.is_empty() || bytes.ends_with(b"\n");
    let lines: Vec<_> = bytes.split(|byte| *byte == b'\n').collect();
    for (number, text) in (1..).zip(&lines) {
        if text.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let mut damage =
            |used, message| ledger.damage.push(Damage { path: path.to_owned(), line: number, used, message });
        let (launch, unknown) = match parse(text) {
            Ok(parsed) => parsed,
            Err(problem) if number == lines.len() && !whole => {
                let cut = "the last line was cut off, so the launch it was for is lost";
                damage(false, format!("{cut}: nothing to do, the next launch goes on a line of its own ({problem})"));
                continue;
            }
            Err(problem) => {
                let advice = "is left out; restore the line from a copy, or remove it";
                damage(false, format!("this line is no launch and {advice} ({problem})"));
                continue;
            }
        };
        if let Some(before) = known.insert((launch.run.clone(), launch.number), number) {
            let message = format!("launch {} of run {} is on line {before} already", launch.number, launch.run);
            damage(false, format!("{message}: it counts once; remove the repetition"));
            continue;
        }
        if let Some(field) = unknown {
            let message = format!("`{field}` is nothing this version knows and is left out");
            damage(true, format!("{message}; read the ledger with the version of otelgate that wrote it"));
        }
        ledger.launches.push(launch);
    }
    Ok(ledger)
}

/// The launch of a line, and the first field in it that a launch does not have.
fn parse(text: &[u8]) -> Result<(Launch, Option<String>), serde_json::Error> {
    let launch: Launch = serde_json::from_slice(text)?;
    let unknown = unknown(&serde_json::from_slice(text)?, &serde_json::to_value(&launch)?, "");
    Ok((launch, unknown))
}

fn unknown(written: &Value, read: &Value, at: &str) -> Option<String> {
    match (written, read) {
        (Value::Object(written), Value::Object(read)) => written.iter().find_map(|(key, value)| {
            let at = format!("{at}{key}");
            read.get(key).map_or_else(|| Some(at.clone()), |read| unknown(value, read, &format!("{at}.")))
        }),
        (Value::Array(written), Value::Array(read)) => {
            written.iter().zip(read).find_map(|(written, read)| unknown(written, read, at))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overhead::launches::Synthetic;

    fn folder_with(launches: &[Launch]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.jsonl");
        for launch in launches {
            append(&path, launch).unwrap();
        }
        (folder, path)
    }

    #[test]
    fn what_was_added_is_read_again() {
        let launches = Synthetic::costing(0.03).launches(3);

        let (_folder, path) = folder_with(&launches);

        assert_eq!(read(&path).unwrap(), Ledger { launches, damage: vec![] });
    }

    #[test]
    fn adding_leaves_what_was_there_to_the_byte() {
        let launches = Synthetic::costing(0.03).launches(3);
        let (_folder, path) = folder_with(&launches[..2]);
        let before = std::fs::read(&path).unwrap();

        append(&path, &launches[2]).unwrap();

        assert!(std::fs::read(&path).unwrap().starts_with(&before));
    }

    #[test]
    fn a_last_line_that_was_cut_off_is_said_and_the_rest_is_kept() {
        let launches = Synthetic::costing(0.03).launches(3);
        let (_folder, path) = folder_with(&launches);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 40]).unwrap();

        let ledger = read(&path).unwrap();

        assert_eq!(ledger.launches, launches[..2]);
        let said = ledger.damage[0].to_string();
        assert!(said.contains("ledger.jsonl:3: the last line was cut off"), "{said}");
    }

    #[test]
    fn a_launch_after_a_cut_line_goes_on_a_line_of_its_own() {
        let launches = Synthetic::costing(0.03).launches(3);
        let (_folder, path) = folder_with(&launches[..2]);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 40]).unwrap();

        append(&path, &launches[2]).unwrap();

        let ledger = read(&path).unwrap();
        assert_eq!(ledger.launches, [launches[0].clone(), launches[2].clone()]);
        let said = ledger.damage[0].to_string();
        assert!(said.contains("ledger.jsonl:2: this line is no launch"), "{said}");
    }

    #[test]
    fn garbage_in_the_middle_is_said_and_the_rest_is_kept() {
        let launches = Synthetic::costing(0.03).launches(2);
        let (_folder, path) = folder_with(&launches[..1]);
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"\xff\xfe not a launch\n\n").unwrap();
        append(&path, &launches[1]).unwrap();

        let ledger = read(&path).unwrap();

        assert_eq!(ledger.launches, launches);
        assert_eq!((ledger.damage.len(), ledger.damage[0].line, ledger.damage[0].used), (1, 2, false));
    }

    #[test]
    fn a_line_without_a_field_is_no_launch() {
        let (_folder, path) = folder_with(&[]);
        std::fs::write(&path, "{\"run\":\"a\",\"number\":1}\n").unwrap();

        let ledger = read(&path).unwrap();

        assert_eq!(ledger.launches, []);
        assert!(ledger.damage[0].message.contains("missing field `began_unix_ms`"), "{:?}", ledger.damage);
    }

    #[test]
    fn a_field_of_another_version_is_named_and_the_launch_used() {
        let launches = Synthetic::costing(0.03).launches(1);
        let (_folder, path) = folder_with(&launches);
        let text = std::fs::read_to_string(&path).unwrap().replacen("\"logs\":0", "\"logs\":0,\"joules\":3", 1);
        std::fs::write(&path, text).unwrap();

        let ledger = read(&path).unwrap();

        assert_eq!(ledger.launches, launches);
        assert!(ledger.damage[0].used && ledger.damage[0].message.contains("`arms.joules`"), "{:?}", ledger.damage);
    }

    #[test]
    fn a_launch_written_twice_counts_once() {
        let launches = Synthetic::costing(0.03).launches(2);
        let (_folder, path) = folder_with(&[launches.clone(), launches.clone()].concat());

        let ledger = read(&path).unwrap();

        assert_eq!(ledger.launches, launches);
        assert!(ledger.damage[0].message.contains("is on line 1 already"), "{:?}", ledger.damage);
    }

    #[test]
    fn no_ledger_is_said_with_its_path() {
        let folder = tempfile::tempdir().unwrap();

        let error = read(&folder.path().join("none.jsonl")).unwrap_err();

        assert!(matches!(&error, LedgerError::Missing { .. }) && error.to_string().contains("none.jsonl"), "{error}");
    }

    #[test]
    fn a_ledger_that_cannot_be_added_to_is_said() {
        let folder = tempfile::tempdir().unwrap();

        let error = append(folder.path(), &Synthetic::costing(0.03).launches(1)[0]).unwrap_err();

        assert!(error.to_string().contains("cannot be added to"), "{error}");
    }

    #[test]
    fn a_launch_with_a_figure_that_is_no_number_is_refused_and_nothing_written() {
        let (_folder, path) = folder_with(&[]);
        let mut launch = Synthetic::costing(0.03).launches(1).remove(0);
        launch.arms[0].latency.mean = f64::NAN;

        let error = append(&path, &launch).unwrap_err();

        assert!(matches!(error, LedgerError::NotANumber { number: 1, .. }) && !path.exists(), "{error}");
    }
}
