//! Tries the package where nothing else is: in a bare Debian that debootstrap makes. It is installed, its
//! services are started as their units say and asked for a recording, it is upgraded while it runs, and removed;
//! its data stays. systemd itself can't run there: this program sends what it would send, and receives what the
//! services send it.

mod root;
mod service;

use std::{net::SocketAddr, path::Path, time::Duration};

use self::{root::Root, service::Service};
use super::{Parts, VERSION, deb, make_all};
use crate::{
    bench::{Connection, Provider, free_address},
    checkout::{Outcome, capture},
};

const CALL: &str = "packaged";
const BYTES: usize = 64 * 1024;

pub(super) fn run(parts: &Parts) -> Outcome {
    let tree = parts.folder.join("tree");
    let package = make_all(parts, VERSION)?;
    // The same files under a later version.
    let upgrade = deb::build(parts, &tree, &format!("{VERSION}+upgrade"))?;
    let exposure = judge_units(parts, &tree)?;

    let root = Root::bare(&parts.checkout)?;
    root.install(&package)?;
    let provider = Provider::start()?;
    let address = free_address()?;
    let allow = provider.host();
    let settings = format!("TAPEDECK_PROVIDER_ALLOW={allow}\nLEPTOS_SITE_ADDR={address}\n");
    root.append("etc/tapedeck/tapedeck.env", &settings)?;
    root.write_secret("ADMIN_TOKEN", "0123456789abcdefghij\n")?;

    let [server, worker] = start(&root)?;
    listen(&server, address, Some(&provider))?;
    // The services go on with the old program, as they do until dpkg's script restarts them.
    root.install(&upgrade)?;
    if root.installed_version()?.as_deref() != Some(&format!("{VERSION}+upgrade")) {
        return Err("dpkg did not upgrade the package".to_owned());
    }
    for service in [server, worker] {
        service.stop()?;
    }
    let services = start(&root)?;
    listen(&services[0], address, None)?;
    for service in services {
        service.stop()?;
    }
    if !root.read("etc/tapedeck/tapedeck.env")?.contains("TAPEDECK_PROVIDER_ALLOW") {
        return Err("the upgrade replaced the operator's settings".to_owned());
    }
    for way in ["--remove", "--purge"] {
        root.dpkg(&[way, "tapedeck"])?;
        for kept in ["var/lib/tapedeck/tapedeck.db", "var/lib/tapedeck/recordings"] {
            if !root.path(kept).exists() {
                return Err(format!("dpkg {way} removed /{kept}"));
            }
        }
        if root.path("usr/bin/tapedeck").exists() {
            return Err(format!("dpkg {way} left the program"));
        }
    }
    println!("test the units' exposure by systemd-analyze: {exposure} ... ok");
    println!("test install, play, upgrade, play, remove in a bare Debian ... ok");
    println!("test result: ok. 2 passed; 0 failed; 0 ignored");
    Ok(())
}

fn start(root: &Root) -> Outcome<[Service; 2]> {
    let server = Service::start(root, "tapedeck.service")?;
    let worker = Service::start(root, "tapedeck-worker.service")?;
    for service in [&server, &worker] {
        service.wait_for("READY=1", Duration::from_secs(30))?;
        // Sent for completed rounds, three times in a limit that is set to 3 s here.
        service.wait_for("WATCHDOG=1", Duration::from_secs(10))?;
    }
    Ok([server, worker])
}

/// Asks for the recording; registers the call first, where there is a provider.
fn listen(server: &Service, address: SocketAddr, provider: Option<&Provider>) -> Outcome {
    let failed = |why: std::io::Error| format!("the packaged server: {why}");
    let token = "Authorization: Bearer 0123456789abcdefghij\r\n";
    let mut connection = Connection::open(address).map_err(failed)?;
    if let Some(provider) = provider {
        let path = Provider::path(BYTES, Duration::ZERO, CALL);
        let body = format!("{{\"recording_url\":\"http://{}{path}\"}}", provider.host());
        let headers = format!("{token}Content-Type: application/json\r\n");
        let path = format!("/api/calls/{CALL}");
        let answer = connection.ask("PUT", &path, &headers, &body).map_err(failed)?;
        if !matches!(answer.status, 200 | 201) {
            return Err(format!("PUT {path}: {} {}", answer.status, answer.text()));
        }
    }
    let path = format!("/api/recordings/file/{CALL}");
    let headers = format!("{token}Prefer: wait=30\r\n");
    let answer = connection.get(&path, &headers).map_err(failed)?;
    if answer.status != 200 || answer.body.len() != BYTES {
        return Err(format!("GET {path}: {}\n{}", answer.status, server.log()));
    }
    let page = connection.get("/", token).map_err(failed)?;
    let script = page
        .text()
        .split('"')
        .find(|it| it.starts_with("/pkg/") && Path::new(it).extension() == Some("js".as_ref()))
        .map(str::to_owned);
    let script = script.ok_or("the first page names no script")?;
    let answer = connection.get(&script, "").map_err(failed)?;
    if answer.status == 200 { Ok(()) } else { Err(format!("GET {script}: {}", answer.status)) }
}

/// `systemd-analyze`'s figures from 0 (safe) to 10, and what it does not understand in the units.
fn judge_units(parts: &Parts, tree: &Path) -> Outcome<String> {
    let mut figures = Vec::new();
    for unit in deb::units(tree) {
        let mut command = parts.checkout.command("systemd-analyze");
        // Fails where a unit is more exposed than 2.0.
        command.args(["security", "--no-pager", "--offline=true", "--threshold=20"]).arg(&unit);
        let said = capture(&mut command)?;
        let name = unit.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let figure = said.lines().rev().find_map(|line| line.split_once(": ")).map(|(_, it)| it);
        figures.push(format!("{name} {}", figure.unwrap_or("unknown").trim_end_matches('.')));
        println!("-- systemd-analyze security {name}: {}", figure.unwrap_or(&said));
    }
    Ok(figures.join(", "))
}
