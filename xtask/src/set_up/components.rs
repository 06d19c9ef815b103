//! rustfmt and clippy of the checkout's toolchain. rustup's usual profile brings them, its minimal
//! one does not.

use super::{Tool, apt};
use crate::place::{Outcome, Place, capture, run};

pub(super) struct Components;

impl Tool for Components {
    fn name(&self) -> String {
        "rustfmt and clippy".to_owned()
    }

    fn getting(&self) -> String {
        "asks rustup or apt, under a minute".to_owned()
    }

    fn is_there(&self, place: &Place) -> bool {
        ["fmt", "clippy"]
            .iter()
            .all(|name| capture(place.cargo().args([name, "--version"])).is_ok())
    }

    fn get(&self, place: &Place) -> Outcome {
        let by_rustup =
            run(place.command("rustup").args(["component", "add", "rustfmt", "clippy"]));
        by_rustup.or_else(|_| apt::install(place, &["rust-web-clippy", "rustfmt-web"]))
    }

    fn by_hand(&self) -> String {
        "rustup component add rustfmt clippy\n\
         or, with Debian's compiler: apt-get install rust-web-clippy rustfmt-web"
            .to_owned()
    }
}
