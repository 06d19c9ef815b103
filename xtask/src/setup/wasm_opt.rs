//! wasm-opt, which makes the release build's WebAssembly half as large. From npm: Debian's is too old
//! for today's compilers, and cargo-leptos would download one from elsewhere. A link in cargo's bin
//! folder puts it on the `PATH` of a plain `cargo leptos build --release` too.

use std::{env, fs, path::PathBuf};

use super::Tool;
use crate::checkout::{Checkout, Outcome, capture, home, run};

const BINARYEN: &str = "132.0.0";

pub(super) struct WasmOpt;

impl Tool for WasmOpt {
    fn name(&self) -> String {
        format!("wasm-opt (binaryen {BINARYEN})")
    }

    fn getting(&self) -> String {
        "takes it from npm, under a minute".to_owned()
    }

    /// Any that is new enough does. It says `wasm-opt version 132 (…)`.
    fn is_there(&self, checkout: &Checkout) -> bool {
        let oldest: Option<u32> = BINARYEN.split('.').next().and_then(|major| major.parse().ok());
        capture(checkout.command("wasm-opt").arg("--version")).is_ok_and(|said| {
            let version = said.split_whitespace().nth(2).and_then(|word| word.parse::<u32>().ok());
            version >= oldest
        })
    }

    fn get(&self, checkout: &Checkout) -> Outcome {
        let folder = checkout.tools.join(format!("binaryen-{BINARYEN}"));
        fs::create_dir_all(&folder).map_err(|why| format!("{}: {why}", folder.display()))?;
        run(checkout
            .command("npm")
            .args(["install", "--no-save", "--no-audit", "--no-fund", "--prefix"])
            .arg(&folder)
            .arg(format!("binaryen@{BINARYEN}")))?;
        let program = folder.join("node_modules/.bin/wasm-opt");
        let link = cargo_bin().ok_or("HOME is not set")?.join("wasm-opt");
        let _ = fs::remove_file(&link);
        std::os::unix::fs::symlink(&program, &link)
            .map_err(|why| format!("{}: {why}", link.display()))
    }

    fn by_hand(&self) -> String {
        format!("npm install --global binaryen@{BINARYEN}")
    }
}

/// Where cargo installs programs; on the `PATH` wherever `cargo leptos` works.
fn cargo_bin() -> Option<PathBuf> {
    let cargo =
        env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(home()?.join(".cargo")));
    Some(cargo?.join("bin"))
}
