//! Notes what compiles the program: counts of instructions are comparable only between the same compilers.

use std::{env, error::Error, fs, process::Command};

const LOCK: &str = "../../Cargo.lock";

fn main() -> Result<(), Box<dyn Error>> {
    let rustc = Command::new(env::var("RUSTC")?).arg("--version").output()?;
    let rustc = String::from_utf8(rustc.stdout)?;
    println!("cargo:rustc-env=LANE_MADE_BY={}, {}, {}", rustc.trim(), env::var("TARGET")?, env::var("PROFILE")?);
    println!("cargo:rustc-env=LANE_WITH={}", telemetry_crates(&fs::read_to_string(LOCK)?).join(","));
    println!("cargo:rerun-if-changed={LOCK}");
    println!("cargo:rerun-if-changed=build.rs");
    Ok(())
}

/// Names and versions of the crates a span passes through.
fn telemetry_crates(lock: &str) -> Vec<String> {
    let value =
        |line: &str, key: &str| Some(line.strip_prefix(key)?.strip_prefix(" = \"")?.trim_end_matches('"').to_owned());
    let mut crates = Vec::new();
    let mut name = String::new();
    for line in lock.lines() {
        if let Some(found) = value(line, "name") {
            name = found;
        } else if let Some(version) = value(line, "version").filter(|_| is_of_telemetry(&name)) {
            crates.push(format!("{name} {version}"));
        }
    }
    crates
}

fn is_of_telemetry(name: &str) -> bool {
    matches!(
        name,
        "opentelemetry" | "opentelemetry_sdk" | "opentelemetry-otlp" | "opentelemetry-proto" | "prost" | "tracing"
    )
}
