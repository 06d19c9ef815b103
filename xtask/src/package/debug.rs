//! Takes the debug lines out of the program. They lie beside it: `gdb -s FILE.debug`, or in the folder that a
//! debugger looks for by the program's build id.

use std::path::PathBuf;

use super::Parts;
use crate::checkout::{Outcome, run};

/// Gives the stripped program.
pub(super) fn strip(parts: &Parts) -> Outcome<PathBuf> {
    let built = parts.built_program();
    if !built.is_file() {
        return Err(format!("{} is not there; `cargo leptos build` makes it", built.display()));
    }
    let [program, debug] = ["tapedeck".to_owned(), format!("{}.debug", parts.name())]
        .map(|name| parts.folder.join(name));
    let objcopy = |arguments: &[&str]| {
        let mut command = parts.checkout.command("objcopy");
        command.args(arguments);
        command
    };
    run(objcopy(&["--only-keep-debug", "--compress-debug-sections"]).arg(&built).arg(&debug))?;
    let link = format!("--add-gnu-debuglink={}", debug.display());
    run(objcopy(&["--strip-unneeded", &link]).arg(&built).arg(&program))?;
    Ok(program)
}
