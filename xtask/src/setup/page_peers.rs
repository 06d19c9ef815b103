//! What a call's page is measured beside and by: wavesurfer.js and Lighthouse, from npm, into a folder of
//! their own. The tests need neither.

use std::{fs, path::PathBuf};

use super::Tool;
use crate::checkout::{Checkout, Outcome, run};

/// The newest of the 7 that players are built on.
const WAVESURFER: &str = "7.12.12";
/// The newest for Node 20.
const LIGHTHOUSE: &str = "12.8.2";

pub(crate) struct PagePeers;

impl PagePeers {
    /// Holds `node_modules`.
    pub(crate) fn folder(checkout: &Checkout) -> PathBuf {
        checkout.tools.join(format!("page-peers-{WAVESURFER}-{LIGHTHOUSE}"))
    }

    fn packages() -> [String; 2] {
        [format!("wavesurfer.js@{WAVESURFER}"), format!("lighthouse@{LIGHTHOUSE}")]
    }
}

impl Tool for PagePeers {
    fn name(&self) -> String {
        Self::packages().join(" and ")
    }

    fn getting(&self) -> String {
        "takes them from npm, under a minute: the page is measured with them".to_owned()
    }

    fn is_there(&self, checkout: &Checkout) -> bool {
        let modules = Self::folder(checkout).join("node_modules");
        ["wavesurfer.js", "lighthouse"].iter().all(|name| modules.join(name).is_dir())
    }

    fn get(&self, checkout: &Checkout) -> Outcome {
        let folder = Self::folder(checkout);
        fs::create_dir_all(&folder).map_err(|why| format!("{}: {why}", folder.display()))?;
        let mut command = checkout.command("npm");
        command.args(["install", "--no-save", "--no-audit", "--no-fund", "--prefix"]);
        run(command.arg(&folder).args(Self::packages()))
    }

    fn by_hand(&self) -> String {
        format!("npm install --no-save {}", Self::packages().join(" "))
    }
}
