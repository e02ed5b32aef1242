//! The repository, and what the same `cargo test` has built of it. For both test binaries.

use std::path::{Path, PathBuf};

/// The repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The reference service.
pub(crate) fn rag_service() -> PathBuf {
    built("rag-service")
}

/// A program of the workspace.
pub(crate) fn built(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_otelgate")).with_file_name(name);
    assert!(
        path.exists(),
        "{} is not built; run `cargo test` for the whole workspace, or `cargo build --bin {name}` first",
        path.display()
    );
    path
}
