//! rustfmt and clippy of the checkout's toolchain. rustup's usual profile brings them, its minimal
//! one does not.

use super::{Tool, apt};
use crate::checkout::{Checkout, Outcome, capture, run};

pub(super) struct Components;

impl Tool for Components {
    fn name(&self) -> String {
        "rustfmt and clippy".to_owned()
    }

    fn getting(&self) -> String {
        "asks rustup or apt, under a minute".to_owned()
    }

    fn is_there(&self, checkout: &Checkout) -> bool {
        ["fmt", "clippy"]
            .iter()
            .all(|name| capture(checkout.cargo().args([name, "--version"])).is_ok())
    }

    fn get(&self, checkout: &Checkout) -> Outcome {
        let by_rustup =
            run(checkout.command("rustup").args(["component", "add", "rustfmt", "clippy"]));
        by_rustup.or_else(|_| apt::install(checkout, &["rust-web-clippy", "rustfmt-web"]))
    }

    fn by_hand(&self) -> String {
        "rustup component add rustfmt clippy\n\
         or, with Debian's compiler: apt-get install rust-web-clippy rustfmt-web"
            .to_owned()
    }
}
