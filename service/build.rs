//! Has the linker lay the functions of a request's telemetry together, if it can.

use std::{
    env,
    error::Error,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

const ORDER: &str = "telemetry-order.ld";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={ORDER}");
    let order = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join(ORDER);
    let argument = format!("-Wl,-T,{}", order.display());
    // Nobody measures a build without optimisation; it links the sooner.
    if env::var("OPT_LEVEL")? != "0" && env::var("CARGO_CFG_TARGET_OS")? == "linux" && links_with(&argument) {
        println!("cargo:rustc-link-arg-bins={argument}");
    }
    Ok(())
}

/// Whether a program links with this argument and runs, by the compiler, the linker and the flags that the service is built
/// with. Whatever goes wrong, the answer is no.
fn links_with(argument: &str) -> bool {
    try_it(argument).unwrap_or(false)
}

fn try_it(argument: &str) -> Result<bool, Box<dyn Error>> {
    let program = Path::new(&env::var("OUT_DIR")?).join("links");
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let linker = env::var("RUSTC_LINKER").ok();
    let mut compiler = Command::new(env::var("RUSTC")?)
        .args(["--edition=2024", "--target", &env::var("TARGET")?, "-", "-o"])
        .arg(&program)
        .args(linker.map(|linker| format!("-Clinker={linker}")))
        .args(flags.split('\x1f').filter(|flag| !flag.is_empty()))
        .arg(format!("-Clink-arg={argument}"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    // One that ends before it has read this has failed.
    let written = compiler.stdin.take().map_or(Ok(()), |mut source| source.write_all(b"fn main() {}"));
    Ok(compiler.wait()?.success() && written.is_ok() && Command::new(&program).status()?.success())
}
