//! Servers and measuring tools that the distribution has. The tests start their own, on free ports.

use super::{Tool, apt};
use crate::place::{Outcome, Place, on_path};

pub(super) struct Program {
    name: &'static str,
    package: &'static str,
    what_for: &'static str,
}

impl Program {
    /// Shows the attempts.
    pub(super) const REDIS: Self = Self {
        name: "redis-server",
        package: "redis-server",
        what_for: "the mirror of the attempts is tried against a real one",
    };
    /// Our answers to range requests are compared with its.
    pub(super) const NGINX: Self = Self {
        name: "nginx",
        package: "nginx-light",
        what_for: "our answers to range requests are compared with its",
    };
    /// The load of the measurements.
    pub(super) const WRK: Self =
        Self { name: "wrk", package: "wrk", what_for: "it makes the load of the measurements" };
}

impl Tool for Program {
    fn name(&self) -> String {
        self.name.to_owned()
    }

    fn getting(&self) -> String {
        format!("installs {} by apt, under a minute: {}", self.package, self.what_for)
    }

    fn is_there(&self, _: &Place) -> bool {
        on_path(self.name).is_some()
    }

    fn get(&self, place: &Place) -> Outcome {
        apt::install(place, &[self.package])
    }

    fn by_hand(&self) -> String {
        format!("apt-get install {}, or your system's package of it", self.package)
    }
}
