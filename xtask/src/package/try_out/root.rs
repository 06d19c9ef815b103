//! A bare Debian in a folder, of the same release as this machine, whose libraries the program was linked with.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use crate::checkout::{Checkout, Outcome, capture, run};

/// Goes with its owner.
pub(super) struct Root {
    checkout: Checkout,
    folder: PathBuf,
}

impl Root {
    /// debootstrap takes a minute, so what it made is kept beside the tools.
    pub(super) fn bare(checkout: &Checkout) -> Outcome<Self> {
        let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
        let name = release.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="));
        let name = name.ok_or("/etc/os-release names no release of Debian or Ubuntu")?;
        let kept = checkout.tools.join(format!("debootstrap-{name}.tar"));
        let folder = checkout.target().join("package-dev/root");
        let root = Self { checkout: checkout.clone(), folder };
        super::super::make(&root.folder)?;
        if kept.is_file() {
            let mut tar = checkout.command("tar");
            run(tar
                .args(["--extract", "--numeric-owner", "--file"])
                .arg(&kept)
                .arg("--directory")
                .arg(&root.folder))?;
            return Ok(root);
        }
        println!("-- debootstrap {name}: a bare system to try the package in, about a minute");
        let mut debootstrap = checkout.command("debootstrap");
        // What the package depends on: dpkg fetches nothing.
        debootstrap.args(["--variant=minbase", "--include=ca-certificates", name]);
        // Its output is long; its last lines say why it failed.
        capture(debootstrap.arg(&root.folder))?;
        let new = kept.with_extension("new");
        let mut tar = checkout.command("tar");
        run(tar
            .args(["--create", "--numeric-owner", "--file"])
            .arg(&new)
            .arg("--directory")
            .arg(&root.folder)
            .arg("."))?;
        fs::rename(&new, &kept).map_err(|why| format!("{}: {why}", kept.display()))?;
        Ok(root)
    }

    pub(super) fn path(&self, inside: &str) -> PathBuf {
        self.folder.join(inside)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn checkout(&self) -> &Checkout {
        &self.checkout
    }

    pub(super) fn read(&self, inside: &str) -> Outcome<String> {
        super::super::read(&self.path(inside))
    }

    pub(super) fn append(&self, inside: &str, text: &str) -> Outcome {
        let before = self.read(inside)?;
        super::super::write(&self.path(inside), before + text)
    }

    /// As an operator puts a credential, readable for root alone.
    pub(super) fn write_secret(&self, name: &str, secret: &str) -> Outcome {
        let path = self.path("etc/tapedeck/credentials").join(name);
        super::super::write(&path, secret)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))
            .map_err(|why| format!("{}: {why}", path.display()))
    }

    pub(super) fn install(&self, package: &Path) -> Outcome {
        let inside = self.path("package.deb");
        fs::copy(package, &inside).map_err(|why| format!("{}: {why}", package.display()))?;
        self.dpkg(&["--install", "/package.deb"])
    }

    pub(super) fn dpkg(&self, arguments: &[&str]) -> Outcome {
        let said = capture(self.chroot().arg("dpkg").args(arguments))?;
        println!("{said}");
        Ok(())
    }

    /// Of the package that is installed.
    pub(super) fn installed_version(&self) -> Outcome<Option<String>> {
        let mut query = self.chroot();
        query.args([
            "dpkg-query",
            "--show",
            "--showformat=${db:Status-Status} ${Version}",
            "tapedeck",
        ]);
        Ok(capture(&mut query)?.strip_prefix("installed ").map(str::to_owned))
    }

    fn chroot(&self) -> std::process::Command {
        let mut command = self.checkout.command("chroot");
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command.env("DEBIAN_FRONTEND", "noninteractive").arg(&self.folder);
        command
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}
