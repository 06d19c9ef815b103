//! Where things are, and how other programs are run: always from the checkout's root, with the
//! checkout's own toolchain, and without what cargo left in the environment of this program.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// A result whose error is a message for the terminal.
pub(crate) type Outcome<T = ()> = Result<T, String>;

/// The checkout and the user's cache folder.
#[derive(Clone, Debug)]
pub(crate) struct Checkout {
    /// The checkout.
    pub(crate) root: PathBuf,
    /// Where tools are kept: outside the checkout, so that a fresh clone finds them.
    pub(crate) tools: PathBuf,
}

impl Checkout {
    pub(crate) fn find() -> Outcome<Self> {
        let manifest = env::var("CARGO_MANIFEST_DIR")
            .unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
        let root =
            Path::new(&manifest).parent().ok_or("xtask does not stand in a checkout")?.to_owned();
        let cache = env::var_os("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .or_else(|| Some(home()?.join(".cache")))
            .ok_or("neither XDG_CACHE_HOME nor HOME is set")?;
        Ok(Self { root, tools: cache.join("tapedeck/tools") })
    }

    /// Where cargo puts what it builds.
    pub(crate) fn target(&self) -> PathBuf {
        let target = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
        self.root.join(target)
    }

    /// Where the browser tests are.
    pub(crate) fn end2end(&self) -> PathBuf {
        self.root.join("end2end")
    }

    /// A program that runs in the checkout.
    ///
    /// `RUSTUP_TOOLCHAIN` is what this program was started with; without it the checkout decides,
    /// as it will for a plain `cargo leptos serve`. Cargo's own variables about this package would
    /// make build scripts that watch them (ring's does) run again.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).stdin(Stdio::null()).env_remove("RUSTUP_TOOLCHAIN");
        for (name, _) in env::vars_os() {
            let is_cargos = name.to_str().is_some_and(|name| {
                name == "CARGO"
                    || ["CARGO_PKG_", "CARGO_MANIFEST_"]
                        .iter()
                        .any(|prefix| name.starts_with(prefix))
            });
            if is_cargos {
                command.env_remove(name);
            }
        }
        command
    }

    /// The cargo of the checkout's toolchain.
    pub(crate) fn cargo(&self) -> Command {
        self.command("cargo")
    }

    /// The version that the workspace pins a dependency to: `name = "=1.2.3"`.
    pub(crate) fn pinned(&self, dependency: &str) -> Outcome<String> {
        let manifest = fs::read_to_string(self.root.join("Cargo.toml"))
            .map_err(|why| format!("the workspace's Cargo.toml: {why}"))?;
        pinned(&manifest, dependency)
            .ok_or_else(|| format!("Cargo.toml does not pin {dependency} to one version"))
    }
}

fn pinned(manifest: &str, dependency: &str) -> Option<String> {
    manifest.lines().find_map(|line| {
        let rest = line.strip_prefix(dependency)?.trim_start().strip_prefix('=')?;
        let (_, version) = rest.split_once("\"=")?;
        Some(version.split_once('"')?.0.to_owned())
    })
}

/// The user's home folder.
pub(crate) fn home() -> Option<PathBuf> {
    env::var_os("HOME").map(PathBuf::from)
}

/// The first program of this name on the `PATH`, or in `/usr/sbin`, where
/// Debian installs servers and which many `PATH`s lack.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .chain(["/usr/sbin".into()])
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}

/// Runs a program to its end, its output on ours.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(|why| format!("{name} could not be run: {why}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name} failed: {status}")) }
}

/// Runs a program to its end and gives what it printed, if it succeeded.
pub(crate) fn capture(command: &mut Command) -> Outcome<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|why| format!("{name} could not be run: {why}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    } else {
        let why = String::from_utf8_lossy(&output.stderr);
        Err(format!("{name} failed: {}: {}", output.status, why.trim()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pinned_version_is_read_and_others_are_not() {
        let manifest = "wasm-bindgen-futures = \"0.4\"\nwasm-bindgen = \"=0.2.130\" # why\n\
                        leptos = { version = \"=0.8.23\", default-features = false }\nurl = \"2\"";
        assert_eq!(pinned(manifest, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(pinned(manifest, "leptos").as_deref(), Some("0.8.23"));
        assert_eq!(pinned(manifest, "url"), None);
    }
}
