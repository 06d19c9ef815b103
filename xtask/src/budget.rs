//! How much a visitor fetches to have the page live, beside the most that we allow ourselves:
//! `cargo xtask budget`, a stage of the tests.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    checkout::{self, Checkout, Outcome, capture},
    setup,
};

/// The most WebAssembly of a page, with Brotli, in bytes. All pages share one file today, so that the
/// least of these holds for it.
pub(crate) const BUDGETS: [(&str, u64); 2] = [("/embed", 100_000), ("other pages", 150_000)];

/// Node has Brotli; the program of that name need not be there.
const COMPRESS: &str = "const z = require('zlib'); console.log(z.brotliCompressSync(\
    require('fs').readFileSync(process.argv[1])).length)";

/// One kind of a page's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    /// The ending of its name.
    pub(crate) kind: &'static str,
    pub(crate) raw: u64,
    /// With Brotli.
    pub(crate) compressed: u64,
}

/// Builds the page alone as the release has it, prints what it weighs, and fails where that is too much.
/// The last line counts, as a test binary's does.
pub(crate) fn run() -> Outcome {
    let checkout = Checkout::find()?;
    setup::for_pages(&checkout)?;
    // Beside the site that the browser tests use, and without its list of hashes.
    let site = checkout.target().join("budget");
    println!("-- cargo leptos build --release --frontend-only");
    checkout::run(
        checkout
            .cargo()
            .args(["leptos", "build", "--release", "--frontend-only"])
            .env("LEPTOS_SITE_ROOT", &site)
            .env("LEPTOS_HASH_FILES", "false"),
    )?;
    let sizes = measure(&checkout, &site.join("pkg"))?;
    println!("{:<6}{:>10}{:>14}", "", "raw", "with Brotli");
    for Size { kind, raw, compressed } in sizes {
        println!("{kind:<6}{raw:>10}{compressed:>14}");
    }
    let [wasm, ..] = sizes;
    let (lines, failed) = verdicts(wasm.compressed);
    println!("{}", lines.join("\n"));
    if failed == 0 { Ok(()) } else { Err("the page is over its budget".to_owned()) }
}

/// A line for each budget and one that counts them, and how many are overdrawn.
fn verdicts(compressed: u64) -> (Vec<String>, usize) {
    let word = |ok| if ok { "ok" } else { "FAILED" };
    let mut lines: Vec<_> = BUDGETS
        .iter()
        .map(|(page, budget)| {
            let verdict = word(compressed <= *budget);
            format!("test WebAssembly of {page}: {compressed} of {budget} bytes ... {verdict}")
        })
        .collect();
    let failed = BUDGETS.iter().filter(|(_, budget)| compressed > *budget).count();
    let passed = BUDGETS.len() - failed;
    let verdict = word(failed == 0);
    lines.push(format!("test result: {verdict}. {passed} passed; {failed} failed; 0 ignored"));
    (lines, failed)
}

/// What the built files in a folder weigh; the WebAssembly first.
pub(crate) fn measure(checkout: &Checkout, folder: &Path) -> Outcome<[Size; 3]> {
    let [wasm, js, css] = ["wasm", "js", "css"].map(|kind| size(checkout, folder, kind));
    Ok([wasm?, js?, css?])
}

fn size(checkout: &Checkout, folder: &Path, kind: &'static str) -> Outcome<Size> {
    let path = only_file(folder, kind)?;
    let raw = fs::metadata(&path).map_err(|why| format!("{}: {why}", path.display()))?.len();
    let said = capture(checkout.command("node").args(["-e", COMPRESS]).arg(&path))?;
    let compressed = said.parse().map_err(|_| format!("node did not say a number: {said}"))?;
    Ok(Size { kind, raw, compressed })
}

/// The file with this ending; its name may hold a hash. The newest, where older builds left theirs.
fn only_file(folder: &Path, ending: &str) -> Outcome<PathBuf> {
    let entries = fs::read_dir(folder).map_err(|why| format!("{}: {why}", folder.display()))?;
    entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension() == Some(ending.as_ref()))
        .max_by_key(|path| fs::metadata(path).and_then(|file| file.modified()).ok())
        .ok_or_else(|| format!("{} holds no .{ending} file", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_between_the_budgets_is_over_one_of_them() {
        let counted = |bytes| verdicts(bytes).0.pop().unwrap();
        assert_eq!(counted(100_000), "test result: ok. 2 passed; 0 failed; 0 ignored");
        assert_eq!(counted(100_001), "test result: FAILED. 1 passed; 1 failed; 0 ignored");
        assert_eq!(verdicts(150_001).1, 2);
    }
}
