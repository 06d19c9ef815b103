//! Servers and measuring tools that the distribution has. The tests start their own, on free ports.

use std::{fs, path::PathBuf};

use super::{Tool, apt};
use crate::checkout::{Checkout, Outcome, on_path};

pub(crate) struct Program {
    name: &'static str,
    package: &'static str,
    what_for: &'static str,
    /// Where Debian keeps it, if not on the PATH; with one `*`, of which the last fits best.
    folder: Option<&'static str>,
}

impl Program {
    /// Shows the attempts.
    pub(crate) const REDIS: Self = Self {
        name: "redis-server",
        package: "redis-server",
        what_for: "the mirror of the attempts is tried against a real one",
        folder: None,
    };
    /// The database of several machines.
    pub(crate) const POSTGRES: Self = Self {
        name: "postgres",
        package: "postgresql",
        what_for: "the store is tried on a real one",
        folder: Some("/usr/lib/postgresql/*/bin"),
    };
    /// Shows processes another time of day. A library.
    pub(crate) const FAKETIME: Self = Self {
        name: "libfaketime.so.1",
        package: "libfaketime",
        what_for: "the clocks of processes are set apart",
        folder: Some("/usr/lib/*/faketime"),
    };
    /// Our answers to range requests are compared with its.
    pub(crate) const NGINX: Self = Self {
        name: "nginx",
        package: "nginx-light",
        what_for: "our answers to range requests are compared with its",
        folder: None,
    };
    /// Runs a program of docs/embedding.md.
    pub(crate) const PHP: Self = Self {
        name: "php",
        package: "php-cli",
        what_for: "the PHP program of docs/embedding.md makes a link",
        folder: None,
    };
    /// Runs a program of docs/embedding.md.
    pub(crate) const GO: Self = Self {
        name: "go",
        package: "golang-go",
        what_for: "the Go program of docs/embedding.md makes a link",
        folder: None,
    };
    /// The page is tried in it.
    pub(crate) const FIREFOX: Self = Self {
        name: "firefox-esr",
        package: "firefox-esr",
        what_for: "the player is tried in it",
        folder: None,
    };
    /// Drives `WebKit`, and brings it.
    pub(crate) const WEBKIT: Self = Self {
        name: "WebKitWebDriver",
        package: "webkit2gtk-driver",
        what_for: "the player is tried in WebKit",
        folder: None,
    };
    /// `WebKit` plays by it. A library.
    pub(crate) const WEBKIT_SOUND: Self = Self {
        name: "libgstwavparse.so",
        package: "gstreamer1.0-plugins-good",
        what_for: "WebKit plays recordings by it",
        folder: Some("/usr/lib/*/gstreamer-1.0"),
    };
    /// A screen for `WebKit`.
    pub(crate) const SCREEN: Self =
        Self { name: "Xvfb", package: "xvfb", what_for: "WebKit wants a screen", folder: None };
    /// A sound card for Firefox.
    pub(crate) const SOUND: Self = Self {
        name: "pulseaudio",
        package: "pulseaudio",
        what_for: "Firefox wants a sound card",
        folder: None,
    };
    /// Fonts for Hebrew and Latin, the same on every machine.
    pub(crate) const FONTS: Self = Self {
        name: "DejaVuSans.ttf",
        package: "fonts-dejavu-core",
        what_for: "pictures of the pages are compared",
        folder: Some("/usr/share/*/truetype/dejavu"),
    };
    /// Our decoders are compared with its.
    pub(crate) const FFMPEG: Self = Self {
        name: "ffmpeg",
        package: "ffmpeg",
        what_for: "our decoders are compared with its",
        folder: None,
    };
    /// Builds the Debian package.
    pub(crate) const DPKG_DEB: Self = Self {
        name: "dpkg-deb",
        package: "dpkg",
        what_for: "it builds the Debian package",
        folder: None,
    };
    /// Takes the debug lines out of the program.
    pub(crate) const OBJCOPY: Self = Self {
        name: "objcopy",
        package: "binutils",
        what_for: "it takes the debug lines out of the program",
        folder: None,
    };
    /// Judges the units.
    pub(crate) const SYSTEMD_ANALYZE: Self = Self {
        name: "systemd-analyze",
        package: "systemd",
        what_for: "it judges the units of the Debian package",
        folder: None,
    };
    /// Makes the bare system in which the package is tried.
    pub(crate) const DEBOOTSTRAP: Self = Self {
        name: "debootstrap",
        package: "debootstrap",
        what_for: "the Debian package is tried in a bare system",
        folder: None,
    };
    /// The load of the measurements.
    pub(crate) const WRK: Self = Self {
        name: "wrk",
        package: "wrk",
        what_for: "it makes the load of the measurements",
        folder: None,
    };

    /// Where it is.
    pub(crate) fn path(&self) -> Option<PathBuf> {
        on_path(self.name).or_else(|| {
            let (before, after) = self.folder?.split_once("/*/")?;
            let middle = fs::read_dir(before).into_iter().flatten().flatten();
            let mut paths: Vec<_> =
                middle.map(|entry| entry.path().join(after).join(self.name)).collect();
            paths.sort();
            paths.into_iter().rev().find(|path| path.is_file())
        })
    }
}

impl Tool for Program {
    fn name(&self) -> String {
        self.name.to_owned()
    }

    fn getting(&self) -> String {
        format!("installs {} by apt, under a minute: {}", self.package, self.what_for)
    }

    fn is_there(&self, _: &Checkout) -> bool {
        self.path().is_some()
    }

    fn get(&self, checkout: &Checkout) -> Outcome {
        apt::install(checkout, &[self.package])
    }

    fn by_hand(&self) -> String {
        format!("apt-get install {}, or your system's package of it", self.package)
    }
}
