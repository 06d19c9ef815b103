//! The telephony providers' own libraries, from the Python index into a folder of their own: the
//! tests have them sign callbacks.

use std::path::PathBuf;

use super::Tool;
use crate::checkout::{Checkout, Outcome, run};

/// Changes when one of the versions does.
const FOLDER: &str = "telephony-1";
const PACKAGES: [&str; 7] = [
    "twilio==9.13.0",
    "telnyx==4.189.0",
    "plivo==4.63.0",
    "vonage-jwt==1.1.5",
    "standardwebhooks==1.1.0",
    "pynacl==1.6.2",
    "requests==2.34.2",
];

pub(crate) struct Telephony;

impl Telephony {
    /// Where Python finds them.
    pub(crate) fn folder(checkout: &Checkout) -> PathBuf {
        checkout.tools.join(FOLDER)
    }
}

impl Tool for Telephony {
    fn name(&self) -> String {
        "the telephony providers' Python libraries".to_owned()
    }

    fn getting(&self) -> String {
        "takes them from the Python index, under a minute: they sign callbacks for the tests"
            .to_owned()
    }

    fn is_there(&self, checkout: &Checkout) -> bool {
        ["twilio", "telnyx", "plivo", "vonage_jwt", "standardwebhooks", "nacl"]
            .iter()
            .all(|package| Self::folder(checkout).join(package).is_dir())
    }

    fn get(&self, checkout: &Checkout) -> Outcome {
        let mut command = checkout.command("python3");
        command.args(["-m", "pip", "install", "--quiet", "--target"]).arg(Self::folder(checkout));
        run(command.args(PACKAGES))
    }

    fn by_hand(&self) -> String {
        format!("python3 -m pip install {}", PACKAGES.join(" "))
    }
}
