//! `cargo xtask package`: what a release consists of, in `target/package`. The program is stripped and its debug
//! lines lie beside it; the Debian package and the archive hold the same files.

mod deb;
mod debug;
mod json;
mod notices;
mod sbom;
mod sums;
mod try_out;

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    checkout::{self, Checkout, Outcome, capture},
    setup,
};

/// The version of the workspace.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Which program is packaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Build {
    Release,
    /// The program and the site that `cargo leptos build` made for the tests.
    Dev,
}

/// What a package is made of.
struct Parts {
    checkout: Checkout,
    build: Build,
    /// Debian's word for the processor: `amd64`.
    architecture: String,
    /// Where everything goes.
    folder: PathBuf,
}

impl Parts {
    fn find(build: Build) -> Outcome<Self> {
        let checkout = Checkout::find()?;
        setup::for_package(&checkout)?;
        let architecture = capture(checkout.command("dpkg").arg("--print-architecture"))?;
        let name = if build == Build::Release { "package" } else { "package-dev" };
        let folder = checkout.target().join(name);
        let _ = fs::remove_dir_all(&folder);
        make(&folder)?;
        Ok(Self { checkout, build, architecture, folder })
    }

    fn name(&self) -> String {
        format!("tapedeck_{VERSION}_{}", self.architecture)
    }

    /// The program as cargo built it.
    fn built_program(&self) -> PathBuf {
        let profile = if self.build == Build::Release { "release" } else { "debug" };
        self.checkout.target().join(profile).join("tapedeck")
    }

    /// The site as cargo-leptos built it.
    fn site(&self) -> PathBuf {
        self.checkout.root.join("target/site")
    }
}

/// Builds the release and packages it.
pub(crate) fn run() -> Outcome {
    let parts = Parts::find(Build::Release)?;
    setup::for_pages(&parts.checkout)?;
    println!("-- cargo leptos build --release --precompress");
    checkout::run(parts.checkout.cargo().args(["leptos", "build", "--release", "--precompress"]))?;
    make_all(&parts, VERSION)?;
    sums::write_to(&parts.folder)?;
    list(&parts.folder)
}

/// Packages the development build and tries the package in a bare Debian: `cargo xtask package try`.
pub(crate) fn try_out() -> Outcome {
    let parts = Parts::find(Build::Dev)?;
    try_out::run(&parts)
}

/// Gives the path of the Debian package.
fn make_all(parts: &Parts, version: &str) -> Outcome<PathBuf> {
    let program = debug::strip(parts)?;
    let sbom = parts.folder.join(format!("{}.cdx.json", parts.name()));
    write(&sbom, sbom::write(parts)?)?;
    let notices = parts.folder.join("THIRD-PARTY-NOTICES.txt");
    write(&notices, notices::write(&parts.checkout)?)?;
    let contents = deb::Contents { program, sbom, notices };
    let tree = deb::lay_out(parts, &contents)?;
    deb::archive(parts, &tree)?;
    deb::build(parts, &tree, version)
}

fn list(folder: &Path) -> Outcome {
    println!("-- in {}:", folder.display());
    let entries = fs::read_dir(folder).map_err(|why| format!("{}: {why}", folder.display()))?;
    let mut files: Vec<_> = entries
        .flatten()
        .filter_map(|entry| {
            let metadata = entry.metadata().ok()?;
            metadata.is_file().then(|| (entry.file_name(), metadata.len()))
        })
        .collect();
    files.sort();
    for (name, bytes) in files {
        println!("{:>12} {}", bytes, name.to_string_lossy());
    }
    Ok(())
}

fn make(folder: &Path) -> Outcome {
    fs::create_dir_all(folder).map_err(|why| format!("{}: {why}", folder.display()))
}

fn read(path: &Path) -> Outcome<String> {
    fs::read_to_string(path).map_err(|why| format!("{}: {why}", path.display()))
}

fn write(path: &Path, contents: impl AsRef<[u8]>) -> Outcome {
    fs::write(path, contents).map_err(|why| format!("{}: {why}", path.display()))
}
