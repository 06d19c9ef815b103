//! What the fuzzer keeps, once through the same targets.

use std::{fs, path::Path};

use crate::targets;

#[test]
fn no_decoder_stumbles_over_the_fuzzers_corpus() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for (name, target) in targets::ALL {
        let inputs = fs::read_dir(corpus.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        for input in inputs {
            target(&fs::read(input.unwrap().path()).unwrap());
        }
    }
}
