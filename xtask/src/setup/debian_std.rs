//! The compiler and the browser's standard library from Debian's packages alone: Debian ships the
//! library's source, and it is built here with Debian's own compiler.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{apt, toolchain::TARGET};
use crate::checkout::{Checkout, Outcome, run};

/// `rust-web-llvm` brings `rust-lld`, the linker of the target.
const PACKAGES: [&str; 7] = [
    "rustc-web",
    "cargo-web",
    "rust-web-src",
    "lld-22",
    "rust-web-llvm",
    "rust-web-clippy",
    "rustfmt-web",
];

/// Where Debian's compiler looks for the target's library.
const LIBRARY: &str = "/usr/lib/rustlib/wasm32-unknown-unknown/lib";

/// With bitcode, without which link-time optimisation of the release build fails.
const RUSTFLAGS: &str = "-Cembed-bitcode=yes";

/// Gets Debian's compiler and builds the library.
pub(super) fn get(checkout: &Checkout) -> Outcome {
    apt::install(checkout, &PACKAGES)?;
    let library = build(checkout)?.join(".").display().to_string();
    // In two steps: the folder never holds half a library.
    let new = format!("{LIBRARY}.new");
    apt::as_root(checkout, "rm", &["-rf", &new, LIBRARY])?;
    apt::as_root(checkout, "mkdir", &["-p", &new])?;
    apt::as_root(checkout, "cp", &["-r", &library, &new])?;
    apt::as_root(checkout, "mv", &["-T", &new, LIBRARY])?;
    // Whatever was built with another one does not fit this one, and cargo does not notice.
    let _ = fs::remove_dir_all(checkout.target().join("front"));
    Ok(())
}

/// Builds the library as the dependency of an empty crate. Gives the folder that holds it.
fn build(checkout: &Checkout) -> Outcome<PathBuf> {
    println!("-- building the standard library for {TARGET}, about a minute");
    let folder = checkout.tools.join("std");
    let failed = |why: std::io::Error| format!("{}: {why}", folder.display());
    fs::create_dir_all(folder.join("src")).map_err(failed)?;
    let manifest = "[package]\nname = \"empty\"\nedition = \"2021\"\n\n[workspace]\n";
    fs::write(folder.join("Cargo.toml"), manifest).map_err(failed)?;
    fs::write(folder.join("src/lib.rs"), "").map_err(failed)?;
    let target = folder.join("target");
    run(checkout
        .command("/usr/bin/cargo")
        .current_dir(&folder)
        .args(["build", "--release", "--target", TARGET, "-Zbuild-std=std,panic_abort"])
        .env("RUSTC", "/usr/bin/rustc")
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", RUSTFLAGS)
        .env("CARGO_TARGET_DIR", &target))?;
    let library = folder.join("library");
    gather(&target.join(TARGET).join("release/deps"), &library).map_err(failed)?;
    Ok(library)
}

/// Copies all libraries but the empty crate's.
fn gather(from: &Path, to: &Path) -> std::io::Result<()> {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let name = entry?.file_name();
        let is_library = name.to_str().is_some_and(|name| {
            Path::new(name).extension() == Some("rlib".as_ref()) && !name.starts_with("libempty-")
        });
        if is_library {
            fs::copy(from.join(&name), to.join(&name))?;
        }
    }
    Ok(())
}

pub(super) fn by_hand() -> String {
    format!(
        "apt-get install --no-install-recommends {}\n\
         in an empty library crate: RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 RUSTFLAGS={RUSTFLAGS} \
         /usr/bin/cargo build --release --target {TARGET} -Zbuild-std=std,panic_abort\n\
         copy target/{TARGET}/release/deps/*.rlib, but the empty crate's own, to {LIBRARY}\n\
         rustup toolchain link debian /usr && rustup override set debian",
        PACKAGES.join(" ")
    )
}
