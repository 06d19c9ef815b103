//! The first page on a new machine: builds program and site with cargo and wasm-bindgen alone and serves them,
//! while cargo-leptos, which takes longest to build, is still missing. cargo-leptos takes over once it is there,
//! and finds its dependencies compiled.

use std::{
    fs,
    path::Path,
    process::{Child, Command},
};

use crate::checkout::{self, Checkout, Outcome};

/// Where cargo-leptos builds the page's WebAssembly.
const FRONT: &str = "front";

/// Serves until it is dropped.
pub(crate) struct FirstPage(Child);

impl FirstPage {
    pub(crate) fn serve(checkout: &Checkout) -> Outcome<Self> {
        let site = checkout.target().join("first-page");
        build_site(checkout, &site)?;
        println!("-- cargo build --package server");
        checkout::run(checkout.cargo().args([
            "build",
            "--locked",
            "--package=server",
            "--bin=tapedeck",
        ]))?;
        let program = checkout.target().join("debug/tapedeck");
        let mut command = checkout.command(&program);
        // As cargo-leptos starts it: with the demo.
        command.args(["serve", "--demo"]).env("LEPTOS_SITE_ROOT", &site);
        let child = command.spawn().map_err(|why| format!("{}: {why}", program.display()))?;
        Ok(Self(child))
    }
}

impl Drop for FirstPage {
    /// Ends it in order: cargo-leptos starts the next on the same address.
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        let _ = self.0.wait();
    }
}

fn build_site(checkout: &Checkout, site: &Path) -> Outcome {
    println!("-- cargo build --package frontend, for the browser");
    let mut cargo = checkout.cargo();
    cargo.args([
        "build",
        "--locked",
        "--package=frontend",
        "--lib",
        "--target=wasm32-unknown-unknown",
    ]);
    let front = checkout.target().join(FRONT);
    checkout::run(cargo.arg("--target-dir").arg(&front))?;
    let _ = fs::remove_dir_all(site);
    let built = site.join("pkg");
    fs::create_dir_all(&built).map_err(|why| format!("{}: {why}", built.display()))?;
    let wasm = front.join("wasm32-unknown-unknown/debug/frontend.wasm");
    let mut bindgen = checkout.command("wasm-bindgen");
    bindgen.args(["--target=web", "--no-typescript", "--out-name=tapedeck", "--out-dir"]);
    checkout::run(bindgen.arg(&built).arg(&wasm))?;
    let failed = |why: std::io::Error| format!("{}: {why}", site.display());
    fs::rename(built.join("tapedeck_bg.wasm"), built.join("tapedeck.wasm")).map_err(failed)?;
    let style = bundle(&checkout.root.join("style"), "main.css")?;
    fs::write(built.join("tapedeck.css"), style).map_err(failed)?;
    for entry in fs::read_dir(checkout.root.join("public")).map_err(failed)?.flatten() {
        fs::copy(entry.path(), site.join(entry.file_name())).map_err(failed)?;
    }
    Ok(())
}

/// A style sheet with the sheets that it imports in their place.
fn bundle(folder: &Path, name: &str) -> Outcome<String> {
    let path = folder.join(name);
    let sheet = fs::read_to_string(&path).map_err(|why| format!("{}: {why}", path.display()))?;
    let mut bundled = String::new();
    for line in sheet.lines() {
        let import = line.strip_prefix("@import \"./").and_then(|rest| rest.strip_suffix("\";"));
        bundled += &import.map_or_else(|| Ok(line.to_owned()), |import| bundle(folder, import))?;
        bundled.push('\n');
    }
    Ok(bundled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundle_of_the_style_sheets_imports_nothing() {
        let style = Checkout::find().unwrap().root.join("style");
        let bundled = bundle(&style, "main.css").unwrap();
        assert!(!bundled.contains("@import"));
        let tokens = fs::read_to_string(style.join("tokens.css")).unwrap();
        assert!(bundled.contains(tokens.trim()));
    }
}
