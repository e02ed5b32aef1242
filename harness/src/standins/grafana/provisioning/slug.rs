//! Titles as parts of addresses.

/// `RAG pipeline: p95` becomes `rag-pipeline-p95`.
pub(super) fn slug(title: &str) -> String {
    let mut slug = String::new();
    for character in title.to_lowercase().chars() {
        if character.is_alphanumeric() || character == '_' {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn titles_become_parts_of_addresses() {
        for (title, expected) in [("RAG pipeline: p95", "rag-pipeline-p95"), (" -- ", ""), ("a_b (c)", "a_b-c")] {
            assert_eq!(slug(title), expected);
        }
    }
}
