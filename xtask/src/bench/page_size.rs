//! How much WebAssembly a visitor fetches, beside the most that we allow ourselves.

use super::{
    Bench,
    report::{Report, thousands},
};
use crate::{budget, checkout::Outcome};

pub(super) fn measure(bench: &Bench, report: &mut Report) -> Outcome {
    let folder = bench.checkout.root.join("target/site/pkg");
    let [(_, least), (_, most)] = budget::BUDGETS;
    let how = format!(
        "The release build's files, after `wasm-opt`; all pages share them. Aims for the WebAssembly with \
         Brotli: {} bytes on `/embed`, {} elsewhere.",
        exactly(least),
        exactly(most)
    );
    report.section("Size of the page", &how, ["bytes", "raw", "with Brotli", "share of the least"]);
    for size in budget::measure(&bench.checkout, &folder)? {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a file of the page is far below 2^52 bytes"
        )]
        let share = size.compressed as f64 / least as f64;
        report.row(size.kind, &exactly(size.raw), &exactly(size.compressed), share);
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a file of the page is far below 2^52 bytes")]
fn exactly(bytes: u64) -> String {
    thousands(bytes as f64)
}
