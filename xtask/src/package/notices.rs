//! The licence texts of everything that is compiled in, as those licences ask for. From the sources that cargo
//! keeps; equal texts once.

use std::{
    collections::BTreeMap,
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use super::sbom::{self, Package};
use crate::checkout::{Checkout, Outcome, home};

pub(super) fn write(checkout: &Checkout) -> Outcome<String> {
    let sources = sources()?;
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut without = Vec::new();
    for (Package { name, version }, licence) in sbom::compiled_in(checkout)? {
        let folder = format!("{name}-{version}");
        let Some(folder) = sources.iter().map(|it| it.join(&folder)).find(|it| it.is_dir()) else {
            continue; // one of the workspace's own
        };
        let found = licence_texts(&folder);
        if found.is_empty() {
            without.push(format!("{name} {version}: {licence}"));
        }
        for text in found {
            texts.entry(text).or_default().push(format!("{name} {version}"));
        }
    }
    let mut notices = "tapedeck contains the following software.\n".to_owned();
    for (text, packages) in texts {
        let _ = write!(notices, "\n{}\n{}\n\n{text}\n", "=".repeat(80), packages.join(", "));
    }
    let _ = write!(
        notices,
        "\n{}\nUnder the licence that each names, without a text of its own:\n\n{}\n",
        "=".repeat(80),
        without.join("\n")
    );
    Ok(notices)
}

/// The folders in which cargo unpacks registries' crates.
fn sources() -> Outcome<Vec<PathBuf>> {
    let cargo = env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo = cargo.or_else(|| Some(home()?.join(".cargo"))).ok_or("HOME is not set")?;
    let folder = cargo.join("registry/src");
    let entries = fs::read_dir(&folder).map_err(|why| format!("{}: {why}", folder.display()))?;
    Ok(entries.flatten().map(|entry| entry.path()).collect())
}

fn licence_texts(folder: &Path) -> Vec<String> {
    let names = ["license", "licence", "copying", "notice", "unlicense"];
    let is_licence = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        path.is_file() && names.iter().any(|start| name.starts_with(start))
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).filter(is_licence).collect();
    paths.sort();
    let texts = paths.iter().filter_map(|path| fs::read_to_string(path).ok());
    texts.map(|text| text.replace('\r', "").trim().to_owned()).collect()
}
