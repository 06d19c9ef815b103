//! The Debian package and, with the same files, the archive. `ops/debian` has the units and scripts.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use super::{Parts, VERSION, make, read, write};
use crate::checkout::{Checkout, Outcome, run};

/// Where the two units take what they share.
const SHARED: &str = "#include service.conf\n";

/// What was made for this package.
pub(super) struct Contents {
    pub(super) program: PathBuf,
    pub(super) sbom: PathBuf,
    pub(super) notices: PathBuf,
}

/// Lays out the files as they are installed. Gives the folder, which is the root of the file system.
pub(super) fn lay_out(parts: &Parts, contents: &Contents) -> Outcome<PathBuf> {
    let root = &parts.checkout.root;
    let tree = parts.folder.join("tree");
    let docs = tree.join("usr/share/doc/tapedeck");
    let put = |from: &Path, to: &str, mode| put(from, &tree.join(to), mode);
    put(&contents.program, "usr/bin/tapedeck", 0o755)?;
    copy_folder(&parts.site(), &tree.join("usr/share/tapedeck/site"))?;
    for unit in ["tapedeck.service", "tapedeck-worker.service"] {
        let path = tree.join("usr/lib/systemd/system").join(unit);
        make(path.parent().unwrap_or(&tree))?;
        write(&path, self::unit(&parts.checkout, unit)?)?;
    }
    put(&root.join("ops/debian/tapedeck.env"), "etc/tapedeck/tapedeck.env", 0o640)?;
    make(&tree.join("etc/tapedeck/credentials"))?;
    set_mode(&tree.join("etc/tapedeck/credentials"), 0o700)?;
    for (from, to) in [
        ("LICENSE", "copyright"),
        ("CHANGELOG.md", "CHANGELOG.md"),
        ("README.md", "README.md"),
        ("docs/operations.md", "operations.md"),
        ("ops/alerts.yaml", "examples/alerts.yaml"),
        ("ops/grafana-dashboard.json", "examples/grafana-dashboard.json"),
        ("ops/nginx.conf", "examples/nginx.conf"),
    ] {
        self::put(&root.join(from), &docs.join(to), 0o644)?;
    }
    self::put(&contents.sbom, &docs.join("sbom.cdx.json"), 0o644)?;
    self::put(&contents.notices, &docs.join("THIRD-PARTY-NOTICES.txt"), 0o644)?;
    Ok(tree)
}

/// A unit, with the settings that both share.
fn unit(checkout: &Checkout, name: &str) -> Outcome<String> {
    let folder = checkout.root.join("ops/debian");
    let (unit, shared) = (read(&folder.join(name))?, read(&folder.join("service.conf"))?);
    if !unit.contains(SHARED) {
        return Err(format!("ops/debian/{name} has no line {SHARED:?}"));
    }
    Ok(unit.replace(SHARED, &shared))
}

/// Both units as they are installed, to be judged by `systemd-analyze`.
pub(super) fn units(tree: &Path) -> [PathBuf; 2] {
    ["tapedeck.service", "tapedeck-worker.service"]
        .map(|name| tree.join("usr/lib/systemd/system").join(name))
}

/// `tapedeck_VERSION_ARCHITECTURE.tar.gz`: the files of the tree, for other systems.
pub(super) fn archive(parts: &Parts, tree: &Path) -> Outcome {
    let path = parts.folder.join(format!("{}.tar.gz", parts.name()));
    let mut command = parts.checkout.command("tar");
    command.args(["--create", "--gzip", "--owner=0", "--group=0", "--sort=name", "--file"]);
    let name = format!("s,^\\.,tapedeck-{VERSION},");
    run(command.arg(&path).arg("--transform").arg(name).arg("--directory").arg(tree).arg("."))
}

/// Builds `tapedeck_VERSION_ARCHITECTURE.deb` of the files in the tree. Gives its path.
pub(super) fn build(parts: &Parts, tree: &Path, version: &str) -> Outcome<PathBuf> {
    let control = tree.join("DEBIAN");
    make(&control)?;
    let installed_size = size(tree) / 1024;
    let text = format!(
        "Package: tapedeck\n\
         Version: {version}\n\
         Architecture: {}\n\
         Section: net\n\
         Priority: optional\n\
         Installed-Size: {installed_size}\n\
         Depends: libc6 (>= 2.36), libgcc-s1, ca-certificates, passwd\n\
         Suggests: postgresql, redis-server, nginx\n\
         Maintainer: The tapedeck project <tapedeck@localhost>\n\
         Description: recording gateway: fetches, keeps and plays recordings of calls\n\
         \x20Telephony systems record calls; people want to hear them in the browser. tapedeck\n\
         \x20fetches a recording from its provider, keeps it, and plays it.\n",
        parts.architecture
    );
    write(&control.join("control"), text)?;
    write(&control.join("conffiles"), "/etc/tapedeck/tapedeck.env\n")?;
    for script in ["postinst", "prerm", "postrm"] {
        put(&parts.checkout.root.join("ops/debian").join(script), &control.join(script), 0o755)?;
    }
    let path = parts.folder.join(format!("tapedeck_{version}_{}.deb", parts.architecture));
    let mut command = parts.checkout.command("dpkg-deb");
    // gzip for the development build, whose program is large and is not kept.
    let compression = if parts.build == super::Build::Release { "-Zxz" } else { "-Zgzip" };
    command.args(["--root-owner-group", compression, "--build"]).arg(tree).arg(&path);
    run(&mut command)?;
    Ok(path)
}

fn put(from: &Path, to: &Path, mode: u32) -> Outcome {
    if let Some(folder) = to.parent() {
        make(folder)?;
    }
    fs::copy(from, to).map_err(|why| format!("{} to {}: {why}", from.display(), to.display()))?;
    set_mode(to, mode)
}

fn set_mode(path: &Path, mode: u32) -> Outcome {
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .map_err(|why| format!("{}: {why}", path.display()))
}

fn copy_folder(from: &Path, to: &Path) -> Outcome {
    let entries = fs::read_dir(from)
        .map_err(|why| format!("{}: {why}; `cargo leptos build` makes it", from.display()))?;
    for entry in entries.flatten() {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() { copy_folder(&from, &to)? } else { put(&from, &to, 0o644)? }
    }
    Ok(())
}

/// Bytes of all files.
fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| {
            let path = entry.path();
            if path.is_dir() { size(&path) } else { entry.metadata().map_or(0, |file| file.len()) }
        })
        .sum()
}
