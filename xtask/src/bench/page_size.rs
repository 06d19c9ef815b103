//! How much WebAssembly a visitor fetches, beside the most that we allow ourselves.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    Bench,
    report::{Report, thousands},
};
use crate::place::{Outcome, capture};

/// With Brotli, in bytes.
const ALLOWED: f64 = 150_000.0;

/// Node has Brotli; the program of that name need not be there.
const COMPRESS: &str = "const z = require('zlib'); console.log(z.brotliCompressSync(\
    require('fs').readFileSync(process.argv[1])).length)";

pub(super) fn measure(bench: &Bench, report: &mut Report) -> Outcome {
    let folder = bench.place.root.join("target/site/pkg");
    let how =
        "The release build's files, after `wasm-opt`. Aim: 150 kB of WebAssembly with Brotli.";
    let columns = ["bytes", "raw", "with Brotli", "share of 150 kB"];
    report.section("Size of the page", how, columns);
    for kind in ["wasm", "js", "css"] {
        let path = only_file(&folder, kind)?;
        let raw = fs::metadata(&path).map_err(|why| format!("{}: {why}", path.display()))?.len();
        let compressed = capture(bench.place.command("node").args(["-e", COMPRESS]).arg(&path))?;
        let compressed: f64 =
            compressed.parse().map_err(|_| format!("node did not say a number: {compressed}"))?;
        #[expect(
            clippy::cast_precision_loss,
            reason = "a file of the page is far below 2^52 bytes"
        )]
        let raw = thousands(raw as f64);
        report.row(kind, &raw, &thousands(compressed), compressed / ALLOWED);
    }
    Ok(())
}

/// The file with this ending; its name holds a hash. The newest, where older builds left theirs.
fn only_file(folder: &Path, ending: &str) -> Outcome<PathBuf> {
    let entries = fs::read_dir(folder).map_err(|why| format!("{}: {why}", folder.display()))?;
    entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension() == Some(ending.as_ref()))
        .max_by_key(|path| fs::metadata(path).and_then(|file| file.modified()).ok())
        .ok_or_else(|| format!("{} holds no .{ending} file", folder.display()))
}
