//! The bill of materials: every crate in the program and in the page's WebAssembly, with version, licence,
//! checksum and dependencies, as [CycloneDX 1.5](https://cyclonedx.org/docs/1.5/json/). From `cargo tree`, which
//! knows what is compiled in, and `Cargo.lock`, which knows the checksums.

use std::collections::{BTreeMap, BTreeSet};

use super::{Parts, VERSION, json::Json, read};
use crate::checkout::{Checkout, Outcome, capture};

/// The crate of the program, as `Cargo.lock` has it.
const ROOT: &str = "server";

/// A crate of one version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) version: String,
}

impl Package {
    fn url(&self) -> String {
        // A `+` separates build metadata from the version, and means a space in a URL.
        format!("pkg:cargo/{}@{}", self.name, self.version.replace('+', "%2B"))
    }
}

/// What `Cargo.lock` says of a package.
#[derive(Default)]
struct Locked {
    checksum: Option<String>,
    dependencies: Vec<Package>,
}

pub(super) fn write(parts: &Parts) -> Outcome<String> {
    let licences = compiled_in(&parts.checkout)?;
    let lock = locked(&read(&parts.checkout.root.join("Cargo.lock"))?);
    let document = document(&licences, &lock);
    Ok(format!("{document}\n"))
}

/// Every crate of the program and of the page, with its licence. Build scripts and macros run on the builder's
/// machine and are left out.
pub(super) fn compiled_in(checkout: &Checkout) -> Outcome<BTreeMap<Package, String>> {
    let tree = |arguments: &[&str]| {
        let mut command = checkout.cargo();
        command.args(["tree", "--locked", "--prefix", "none", "--format", "{p}|{l}"]);
        capture(command.args(["--edges", "normal,no-proc-macro"]).args(arguments))
    };
    let program = tree(&["--package", ROOT])?;
    let page = tree(&["--package", "frontend", "--target", "wasm32-unknown-unknown"])?;
    Ok(program.lines().chain(page.lines()).filter_map(read_tree_line).collect())
}

/// `adler2 v2.0.1|MIT`, with ` (/path)` after the version of a crate of the workspace and ` (*)` where the
/// tree repeats itself.
fn read_tree_line(line: &str) -> Option<(Package, String)> {
    let (package, licence) = line.rsplit_once('|')?;
    let licence = licence.trim_end_matches(" (*)").trim();
    let mut words = package.split_whitespace();
    let name = words.next()?.to_owned();
    let version = words.next()?.strip_prefix('v')?.to_owned();
    // The old way to write a choice.
    let licence = licence.replace(" / ", " OR ").replace('/', " OR ");
    Some((Package { name, version }, licence))
}

fn locked(lock: &str) -> BTreeMap<Package, Locked> {
    let blocks: Vec<_> = lock.split("[[package]]").skip(1).map(read_block).collect();
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for block in &blocks {
        versions.entry(block.name).or_default().push(block.version);
    }
    let find = |text: &&str| {
        let (name, version) = text.split_once(' ').unwrap_or((text, ""));
        // The version stands there only where several are locked.
        let version = if version.is_empty() { versions.get(name)?.first()? } else { version };
        Some(Package { name: name.to_owned(), version: version.to_owned() })
    };
    blocks
        .iter()
        .map(|block| {
            let package =
                Package { name: block.name.to_owned(), version: block.version.to_owned() };
            let dependencies = block.dependencies.iter().filter_map(find).collect();
            let checksum = block.checksum.map(str::to_owned);
            (package, Locked { checksum, dependencies })
        })
        .collect()
}

#[derive(Default)]
struct Block<'a> {
    name: &'a str,
    version: &'a str,
    checksum: Option<&'a str>,
    dependencies: Vec<&'a str>,
}

fn read_block(text: &str) -> Block<'_> {
    let mut block = Block::default();
    for line in text.lines() {
        match line.split_once(" = ") {
            Some(("name", value)) => block.name = value.trim_matches('"'),
            Some(("version", value)) => block.version = value.trim_matches('"'),
            Some(("checksum", value)) => block.checksum = Some(value.trim_matches('"')),
            Some(_) => {}
            None => {
                let dependency =
                    line.trim().strip_prefix('"').and_then(|it| it.strip_suffix("\","));
                block.dependencies.extend(dependency);
            }
        }
    }
    block
}

fn document(licences: &BTreeMap<Package, String>, lock: &BTreeMap<Package, Locked>) -> Json {
    let root = Package { name: ROOT.to_owned(), version: VERSION.to_owned() };
    let component = |package: &Package, licence: &str| {
        let mut fields = vec![
            ("type", Json::text("library")),
            ("bom-ref", Json::text(package.url())),
            ("name", Json::text(package.name.clone())),
            ("version", Json::text(package.version.clone())),
            ("purl", Json::text(package.url())),
            ("licenses", Json::List(vec![Json::Object(vec![("expression", Json::text(licence))])])),
        ];
        if let Some(checksum) = lock.get(package).and_then(|locked| locked.checksum.clone()) {
            let hash = vec![("alg", Json::text("SHA-256")), ("content", Json::text(checksum))];
            fields.push(("hashes", Json::List(vec![Json::Object(hash)])));
        }
        Json::Object(fields)
    };
    let program = Json::Object(vec![
        ("type", Json::text("application")),
        ("bom-ref", Json::text(root.url())),
        ("name", Json::text("tapedeck")),
        ("version", Json::text(VERSION)),
    ]);
    let others = licences.iter().filter(|(package, _)| **package != root);
    let components = others.map(|(package, licence)| component(package, licence)).collect();
    let edges = licences.keys().map(|package| {
        let all = lock.get(package).map_or(&[][..], |locked| &locked.dependencies);
        let inside: BTreeSet<_> = all.iter().filter(|it| licences.contains_key(*it)).collect();
        let inside = inside.into_iter().map(|it| Json::text(it.url())).collect();
        Json::Object(vec![("ref", Json::text(package.url())), ("dependsOn", Json::List(inside))])
    });
    Json::Object(vec![
        ("bomFormat", Json::text("CycloneDX")),
        ("specVersion", Json::text("1.5")),
        ("version", Json::Number(1)),
        ("metadata", Json::Object(vec![("component", program)])),
        ("components", Json::List(components)),
        ("dependencies", Json::List(edges.collect())),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, version: &str) -> Package {
        Package { name: name.to_owned(), version: version.to_owned() }
    }

    #[test]
    fn a_line_of_the_tree_gives_crate_version_and_licence() {
        let read = |line| read_tree_line(line).unwrap();
        let expected = |licence: &str| (package("a", "1.0.0"), licence.to_owned());
        assert_eq!(read("a v1.0.0|MIT OR Apache-2.0"), expected("MIT OR Apache-2.0"));
        assert_eq!(read("a v1.0.0|MIT/Apache-2.0 (*)"), expected("MIT OR Apache-2.0"));
        assert_eq!(read("a v1.0.0 (/some where/a)|MIT"), expected("MIT"));
        assert!(read_tree_line("").is_none());
    }

    #[test]
    fn the_lock_file_gives_checksums_and_the_right_version_of_a_dependency() {
        let lock = "version = 4\n\n\
            [[package]]\nname = \"a\"\nversion = \"1.0.0\"\ndependencies = [\n \"b 2.0.0\",\n \"c\",\n]\n\n\
            [[package]]\nname = \"b\"\nversion = \"1.0.0\"\n\n\
            [[package]]\nname = \"b\"\nversion = \"2.0.0\"\nchecksum = \"beef\"\n\n\
            [[package]]\nname = \"c\"\nversion = \"3.0.0\"\n";
        let lock = locked(lock);
        let dependencies = &lock[&package("a", "1.0.0")].dependencies;
        assert_eq!(dependencies, &[package("b", "2.0.0"), package("c", "3.0.0")]);
        assert_eq!(lock[&package("b", "2.0.0")].checksum.as_deref(), Some("beef"));
    }
}
