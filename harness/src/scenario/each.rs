//! Items of a repeated scenario: entries of a list, or Markdown files of a folder.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::{Each, ScenarioError};

/// Reads the items, in the order of the file or of the paths, grouped by `batch`.
///
/// One group becomes one round of the scenario's requests.
pub(super) fn read(each: &Each, beside: &Path) -> Result<Vec<Vec<Map<String, Value>>>, ScenarioError> {
    let path = beside.join(&each.from);
    let items = if path.is_dir() { read_folder(&path)? } else { read_list(&path)? };
    if items.is_empty() {
        return Err(ScenarioError::new(&path, "holds no items; a scenario over nothing proves nothing"));
    }
    let size = each.batch.unwrap_or(1).max(1);
    Ok(items.chunks(size).map(<[_]>::to_vec).collect())
}

fn read_list(path: &Path) -> Result<Vec<Map<String, Value>>, ScenarioError> {
    let text = std::fs::read_to_string(path).map_err(|error| ScenarioError::new(path, error))?;
    serde_saphyr::from_str(&text).map_err(|error| ScenarioError::new(path, error))
}

fn read_folder(path: &Path) -> Result<Vec<Map<String, Value>>, ScenarioError> {
    let mut files = Vec::new();
    find_markdown(path, &mut files)?;
    files.sort();
    files.iter().filter_map(|file| read_markdown(file).transpose()).collect()
}

fn find_markdown(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), ScenarioError> {
    let entries = std::fs::read_dir(folder).map_err(|error| ScenarioError::new(folder, error))?;
    for entry in entries {
        let path = entry.map_err(|error| ScenarioError::new(folder, error))?.path();
        if path.is_dir() {
            find_markdown(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "md") {
            files.push(path);
        }
    }
    Ok(())
}

/// The front matter's fields and the `text` after it; `None` for a file without front matter, such as a README.
fn read_markdown(path: &Path) -> Result<Option<Map<String, Value>>, ScenarioError> {
    let content = std::fs::read_to_string(path).map_err(|error| ScenarioError::new(path, error))?;
    let Some(after) = content.strip_prefix("---\n") else { return Ok(None) };
    let (front, text) = after
        .split_once("\n---\n")
        .ok_or_else(|| ScenarioError::new(path, "its front matter is never closed by a line `---`"))?;
    let mut item: Map<String, Value> =
        serde_saphyr::from_str(front).map_err(|error| ScenarioError::new(path, error))?;
    item.insert("text".to_owned(), Value::String(text.trim().to_owned()));
    Ok(Some(item))
}
