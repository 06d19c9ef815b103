//! RQ, to compare with: from the Python index, into a folder of its own.

use std::path::PathBuf;

use super::Tool;
use crate::checkout::{Checkout, Outcome, run};

const VERSION: &str = "3.0.0";

pub(crate) struct Rq;

impl Rq {
    /// Where Python finds it.
    pub(crate) fn folder(checkout: &Checkout) -> PathBuf {
        checkout.tools.join(format!("rq-{VERSION}"))
    }
}

impl Tool for Rq {
    fn name(&self) -> String {
        format!("RQ {VERSION}")
    }

    fn getting(&self) -> String {
        "takes it from the Python index, a few seconds: the queue is measured beside it".to_owned()
    }

    fn is_there(&self, checkout: &Checkout) -> bool {
        Self::folder(checkout).join("rq").is_dir()
    }

    fn get(&self, checkout: &Checkout) -> Outcome {
        let mut command = checkout.command("python3");
        command.args(["-m", "pip", "install", "--quiet", "--target"]).arg(Self::folder(checkout));
        run(command.arg(format!("rq=={VERSION}")))
    }

    fn by_hand(&self) -> String {
        format!("python3 -m pip install rq=={VERSION}")
    }
}
