//! What Jaeger's page says of its version.

use serde::Deserialize;

/// What Jaeger writes into its page when it starts.
const MARK: &str = "JAEGER_VERSION =";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stated {
    git_version: String,
}

/// The version in the page, without a leading `v`; `None` if it was linked without one.
///
/// # Errors
/// Says what the page lacks.
pub(super) fn version(page: &str) -> Result<Option<String>, String> {
    let (_, after) = page.split_once(MARK).ok_or_else(|| format!("the page has no `{MARK}`"))?;
    // One line, so that a `;` inside the JSON does no harm.
    let line = after.lines().next().unwrap_or_default().trim();
    let json = line.rsplit_once(';').map_or(line, |(json, _)| json);
    if json == "DEFAULT_VERSION" {
        return Ok(None);
    }
    let stated: Stated = serde_json::from_str(json).map_err(|error| format!("`{MARK} {json}`: {error}"))?;
    let version = stated.git_version.trim().trim_start_matches('v');
    Ok((!version.is_empty()).then(|| version.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_states_the_version() {
        let page =
            r#"<script>const JAEGER_VERSION = {"gitCommit":"8a","gitVersion":"v2.13.0","buildDate":"x;y"};</script>"#;
        let page = page.replace("</script>", "\n</script>");

        assert_eq!(version(&page), Ok(Some("2.13.0".to_owned())));
    }

    #[test]
    fn a_binary_linked_without_a_version_states_none() {
        let linked = "JAEGER_VERSION = {\"gitCommit\":\"\",\"gitVersion\":\"\",\"buildDate\":\"\"};\n";

        assert_eq!(version(linked), Ok(None));
        assert_eq!(version("JAEGER_VERSION = DEFAULT_VERSION;\n"), Ok(None));
    }

    #[test]
    fn another_page_is_refused() {
        assert_eq!(version("<html>nginx</html>"), Err("the page has no `JAEGER_VERSION =`".to_owned()));
        assert!(version("JAEGER_VERSION = {};\n").unwrap_err().contains("gitVersion"));
    }
}
