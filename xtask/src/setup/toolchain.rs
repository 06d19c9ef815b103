//! A compiler that also compiles for the browser, and is new enough for cargo-leptos: the one that
//! `rust-toolchain.toml` names, by rustup, so that `cargo fmt`, `clippy`, `test` and `leptos` share it.
//!
//! Where rustup's server can't be reached, Debian's compiler becomes the checkout's by
//! `rustup override`, which beats the file. The first call of such a machine needs
//! `RUSTUP_TOOLCHAIN`, because rustup reads the file before this program runs (CONTRIBUTING.md).

use std::{fs, process::Stdio};

use super::{Tool, debian_std};
use crate::checkout::{Checkout, Outcome, capture, on_path, run};

/// The page's target.
pub(super) const TARGET: &str = "wasm32-unknown-unknown";
/// What cargo-leptos 0.3.11 needs: minor version of Rust 1.
const OLDEST: u32 = 96;
/// The name under which rustup knows Debian's compiler.
const DEBIAN: &str = "debian";

pub(super) struct Toolchain;

impl Tool for Toolchain {
    fn name(&self) -> String {
        format!("Rust 1.{OLDEST} or later with the {TARGET} target")
    }

    fn getting(&self) -> String {
        "asks rustup, under a minute; where its server can't be reached, takes Debian's packages and \
         builds the target's standard library, about 3 minutes"
            .to_owned()
    }

    fn is_there(&self, checkout: &Checkout) -> bool {
        works(checkout, None)
    }

    fn get(&self, checkout: &Checkout) -> Outcome {
        if on_path("rustup").is_none() {
            return Err("rustup is not installed".to_owned());
        }
        if works(checkout, Some(DEBIAN)) {
            return choose(checkout, DEBIAN);
        }
        let Err(no_rustup) = by_rustup(checkout) else { return Ok(()) };
        println!("-- not by rustup ({no_rustup}); trying Debian's packages");
        debian_std::get(checkout)?;
        run(checkout.command("rustup").args(["toolchain", "link", DEBIAN, "/usr"]))?;
        choose(checkout, DEBIAN)
    }

    fn by_hand(&self) -> String {
        format!(
            "rustup override unset; rustup toolchain install\n\
             or, where rustup's server can't be reached, on Debian 12:\n{}",
            debian_std::by_hand()
        )
    }
}

/// The usual way: the toolchain of `rust-toolchain.toml`, with its components and targets.
fn by_rustup(checkout: &Checkout) -> Outcome {
    run(checkout.command("rustup").args(["toolchain", "install", "--no-self-update"]))
}

/// Makes a toolchain the checkout's own.
fn choose(checkout: &Checkout, toolchain: &str) -> Outcome {
    run(checkout.command("rustup").args(["override", "set", toolchain]))
}

/// Whether a toolchain (the checkout's, if none is named) is new enough and compiles something that
/// uses the target's standard library. Looking for its files would not tell whether they are of the
/// same compiler. Takes about a tenth of a second.
fn works(checkout: &Checkout, toolchain: Option<&str>) -> bool {
    if minor_version(checkout, toolchain).is_none_or(|minor| minor < OLDEST) {
        return false;
    }
    let folder = checkout.tools.join("probe");
    let source = folder.join("probe.rs");
    let wrote = fs::create_dir_all(&folder)
        .and_then(|()| fs::write(&source, "pub fn probe() -> String { String::new() }"));
    wrote.is_ok()
        && has_bitcode(checkout, toolchain)
        && rustc(checkout, toolchain)
            .args(["--crate-type=lib", "--emit=metadata", "--target", TARGET, "--out-dir"])
            .arg(&folder)
            .arg(&source)
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
}

/// Whether the target's library was built with bitcode, without which the release build's link-time
/// optimisation fails. One small file tells for all.
fn has_bitcode(checkout: &Checkout, toolchain: Option<&str>) -> bool {
    let asked =
        capture(rustc(checkout, toolchain).args(["--print", "target-libdir", "--target", TARGET]));
    let Ok(entries) = asked.and_then(|folder| fs::read_dir(folder).map_err(|why| why.to_string()))
    else {
        return false;
    };
    entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("libpanic_abort-"))
        .filter_map(|entry| fs::read(entry.path()).ok())
        .any(|library| library.windows(7).any(|bytes| bytes == b".llvmbc"))
}

/// 96 for `rustc 1.96.0 (…)`.
fn minor_version(checkout: &Checkout, toolchain: Option<&str>) -> Option<u32> {
    let version = capture(rustc(checkout, toolchain).arg("--version")).ok()?;
    version.split_whitespace().nth(1)?.strip_prefix("1.")?.split('.').next()?.parse().ok()
}

fn rustc(checkout: &Checkout, toolchain: Option<&str>) -> std::process::Command {
    let mut command = checkout.command("rustc");
    if let Some(toolchain) = toolchain {
        command.env("RUSTUP_TOOLCHAIN", toolchain);
    }
    command
}
