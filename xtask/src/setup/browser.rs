//! What the browser tests need: Playwright, in exactly the versions of its lock file, and a Chromium,
//! the distribution's or the one that Playwright brings.

use std::{fs, path::Path};

use super::{Tool, apt};
use crate::checkout::{Checkout, Outcome, capture, on_path, run};

/// Names under which Chromium may stand on the `PATH`. end2end/support/chromium.js knows the same.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Prints where Playwright would have its own Chromium.
const ASK_PLAYWRIGHT: &str = "console.log(require('@playwright/test').chromium.executablePath())";

pub(super) struct NodeModules;

impl NodeModules {
    /// The lock file that the modules were installed by.
    fn is_current(checkout: &Checkout) -> bool {
        let read = |name| fs::read(checkout.end2end().join(name)).ok();
        let wanted = read("package-lock.json");
        wanted.is_some() && wanted == read("node_modules/.installed-by")
    }
}

impl Tool for NodeModules {
    fn name(&self) -> String {
        "Playwright".to_owned()
    }

    fn getting(&self) -> String {
        "takes it from npm, under a minute".to_owned()
    }

    fn is_there(&self, checkout: &Checkout) -> bool {
        Self::is_current(checkout)
    }

    fn get(&self, checkout: &Checkout) -> Outcome {
        let folder = checkout.end2end();
        run(checkout
            .command("npm")
            .args(["ci", "--no-audit", "--no-fund"])
            .current_dir(&folder)
            .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"))?;
        fs::copy(folder.join("package-lock.json"), folder.join("node_modules/.installed-by"))
            .map(drop)
            .map_err(|why| format!("end2end/node_modules: {why}"))
    }

    fn by_hand(&self) -> String {
        "install Node 20 or later, then: cd end2end && npm ci && \
         cp package-lock.json node_modules/.installed-by"
            .to_owned()
    }
}

pub(super) struct Chromium;

impl Tool for Chromium {
    fn name(&self) -> String {
        "Chromium".to_owned()
    }

    fn getting(&self) -> String {
        "installs the distribution's package, or else Playwright's own, about a minute".to_owned()
    }

    fn is_there(&self, checkout: &Checkout) -> bool {
        let ask = || {
            capture(
                checkout
                    .command("node")
                    .args(["-e", ASK_PLAYWRIGHT])
                    .current_dir(checkout.end2end()),
            )
        };
        NAMES.iter().any(|name| on_path(name).is_some())
            || ask().is_ok_and(|path| Path::new(&path).is_file())
    }

    fn get(&self, checkout: &Checkout) -> Outcome {
        apt::install(checkout, &["chromium"]).or_else(|why| {
            println!("-- not by apt ({why}); asking Playwright for its own");
            run(checkout
                .command("npx")
                .args(["playwright", "install", "--with-deps", "chromium"])
                .current_dir(checkout.end2end()))
        })
    }

    fn by_hand(&self) -> String {
        "apt-get install chromium, or: cd end2end && npx playwright install --with-deps chromium"
            .to_owned()
    }
}
