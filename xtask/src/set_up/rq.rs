//! RQ, to compare with: from the Python index, into a folder of its own.

use std::path::PathBuf;

use super::Tool;
use crate::place::{Outcome, Place, run};

const VERSION: &str = "3.0.0";

pub(crate) struct Rq;

impl Rq {
    /// Where Python finds it.
    pub(crate) fn folder(place: &Place) -> PathBuf {
        place.tools.join(format!("rq-{VERSION}"))
    }
}

impl Tool for Rq {
    fn name(&self) -> String {
        format!("RQ {VERSION}")
    }

    fn getting(&self) -> String {
        "takes it from the Python index, a few seconds: the queue is measured beside it".to_owned()
    }

    fn is_there(&self, place: &Place) -> bool {
        Self::folder(place).join("rq").is_dir()
    }

    fn get(&self, place: &Place) -> Outcome {
        let mut command = place.command("python3");
        command.args(["-m", "pip", "install", "--quiet", "--target"]).arg(Self::folder(place));
        run(command.arg(format!("rq=={VERSION}")))
    }

    fn by_hand(&self) -> String {
        format!("python3 -m pip install rq=={VERSION}")
    }
}
