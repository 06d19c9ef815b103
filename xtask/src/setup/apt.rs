//! Packages of Debian and its like, as root or by `sudo`.

use std::{fs, os::unix::fs::MetadataExt as _, sync::OnceLock};

use crate::checkout::{Checkout, Outcome, on_path, run};

/// Whether the package lists were fetched. Once is enough, and one that fails is no reason to stop: the
/// lists may be there already.
static UPDATED: OnceLock<()> = OnceLock::new();

/// Installs packages.
///
/// `RUNLEVEL=1` keeps packages from starting the servers that they bring: ours start their own on
/// free ports.
pub(super) fn install(checkout: &Checkout, packages: &[&str]) -> Outcome {
    if on_path("apt-get").is_none() {
        return Err("apt-get is not installed".to_owned());
    }
    UPDATED.get_or_init(|| {
        if let Err(why) = as_root(checkout, "apt-get", &["-q", "update"]) {
            eprintln!("-- {why}; going on with the package lists that are there");
        }
    });
    let environment = ["RUNLEVEL=1", "DEBIAN_FRONTEND=noninteractive"];
    let install = ["apt-get", "-q", "install", "--yes", "--no-install-recommends"];
    as_root(checkout, "env", &[&environment[..], &install, packages].concat())
}

/// Whether this process is root's: the owner of `/proc/self` is its user.
pub(crate) fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// Runs a program as root: directly, or by a `sudo` that asks for no password.
pub(super) fn as_root(checkout: &Checkout, program: &str, arguments: &[&str]) -> Outcome {
    println!("-- as root: {program} {}", arguments.join(" "));
    let mut command = if is_root() {
        checkout.command(program)
    } else if on_path("sudo").is_some() {
        let mut command = checkout.command("sudo");
        command.args(["-n", program]);
        command
    } else {
        return Err(format!("{program} must be run as root, and sudo is not installed"));
    };
    run(command.args(arguments))
}
