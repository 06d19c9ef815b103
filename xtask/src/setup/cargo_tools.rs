//! Tools that cargo builds from source. Their own release profiles would take half an hour on two
//! cores, to save seconds when they run: they are built without optimisation instead.

use super::Tool;
use crate::checkout::{Checkout, Outcome, capture, run};

/// cargo-leptos, exactly this one: its options change between versions.
const CARGO_LEPTOS: &str = "0.3.11";

/// Reads deny.toml, whose keys change between versions.
const CARGO_DENY: &str = "0.20.2";

/// The newest that our compiler builds.
const S3_SERVER: &str = "0.14.1";

/// Drives Firefox. Exactly this one.
const GECKODRIVER: &str = "0.37.1";

/// What makes the build quick.
const QUICK: [(&str, &str); 5] = [
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "false"),
    ("CARGO_PROFILE_RELEASE_STRIP", "true"),
];

pub(super) struct CargoTool {
    package: &'static str,
    version: String,
    /// Prints the version, among other words.
    version_command: &'static [&'static str],
    features: Option<&'static str>,
    minutes: u32,
    /// Whether it builds with its own lock file only.
    locked: bool,
}

pub(super) fn cargo_leptos() -> CargoTool {
    CargoTool {
        package: "cargo-leptos",
        version: CARGO_LEPTOS.to_owned(),
        version_command: &["cargo", "leptos", "--version"],
        features: None,
        minutes: 8,
        locked: true,
    }
}

pub(super) fn cargo_deny() -> CargoTool {
    CargoTool {
        package: "cargo-deny",
        version: CARGO_DENY.to_owned(),
        version_command: &["cargo", "deny", "--version"],
        features: None,
        minutes: 3,
        locked: true,
    }
}

/// What our storage is tried against: an S3 server of files, so that its objects can be counted and
/// outlive a SIGKILL. server/tests/support/s3.rs says why this one.
pub(super) fn s3_server() -> CargoTool {
    CargoTool {
        package: "s3s-fs",
        version: S3_SERVER.to_owned(),
        version_command: &["s3s-fs", "--version"],
        features: Some("binary"),
        minutes: 2,
        locked: true,
    }
}

/// Neither Debian nor npm brings it.
pub(super) fn geckodriver() -> CargoTool {
    CargoTool {
        package: "geckodriver",
        version: GECKODRIVER.to_owned(),
        version_command: &["geckodriver", "--version"],
        features: None,
        minutes: 2,
        locked: true,
    }
}

/// The same version as the library that the page is built with: the two must match.
pub(super) fn wasm_bindgen(checkout: &Checkout) -> Outcome<CargoTool> {
    Ok(CargoTool {
        package: "wasm-bindgen-cli",
        version: checkout.pinned("wasm-bindgen")?,
        version_command: &["wasm-bindgen", "--version"],
        features: None,
        minutes: 2,
        locked: false,
    })
}

impl CargoTool {
    fn arguments(&self) -> Vec<&str> {
        let mut arguments =
            vec!["install", self.package, "--version", &self.version, "--force", "--quiet"];
        arguments.extend(self.features.iter().flat_map(|features| ["--features", features]));
        arguments.extend(self.locked.then_some("--locked"));
        arguments
    }
}

impl Tool for CargoTool {
    fn name(&self) -> String {
        format!("{} {}", self.package, self.version)
    }

    fn getting(&self) -> String {
        format!("builds it from source, about {} minutes on 2 cores", self.minutes)
    }

    fn is_there(&self, checkout: &Checkout) -> bool {
        let [program, arguments @ ..] = self.version_command else { return false };
        capture(checkout.command(program).args(arguments))
            .is_ok_and(|said| said.split_whitespace().any(|word| word == self.version))
    }

    fn get(&self, checkout: &Checkout) -> Outcome {
        run(checkout
            .cargo()
            .args(self.arguments())
            .env("CARGO_TARGET_DIR", checkout.tools.join("build"))
            .env_remove("RUSTFLAGS")
            .envs(QUICK))?;
        // A gigabyte that no later step reads.
        let _ = std::fs::remove_dir_all(checkout.tools.join("build"));
        Ok(())
    }

    fn by_hand(&self) -> String {
        let variables: Vec<_> =
            QUICK.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!(
            "{} cargo {}\n(and have cargo's bin folder on the PATH; without the variables it takes longer)",
            variables.join(" "),
            self.arguments().join(" ")
        )
    }
}
