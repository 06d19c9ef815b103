//! nginx beside us: the same files, as many workers as cores, set as one would set it for speed.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
};

use super::{
    Bench,
    tapedeck::{free_address, wait_until_listening},
};
use crate::checkout::{Outcome, capture, on_path};

pub(super) struct Nginx {
    child: Child,
    pub(super) address: SocketAddr,
}

impl Nginx {
    /// Serves the files of a folder at `/`, and at `/preparing` a 202 with this body.
    pub(super) fn start(bench: &Bench, files: &Path, preparing: &str) -> Outcome<Self> {
        let locations = format!(
            "location / {{ root {files}; add_header Cache-Control 'private, no-cache'; }}
             location /preparing {{
               default_type application/json;
               add_header Cache-Control no-store always; add_header Retry-After 2 always;
               return 202 '{preparing}';
             }}",
            files = files.display()
        );
        Self::with(bench, "", &locations)
    }

    /// Passes everything on to this server, and keeps its connections to it.
    pub(super) fn before(bench: &Bench, server: SocketAddr) -> Outcome<Self> {
        let location = "location / {
               proxy_pass http://behind; proxy_http_version 1.1; proxy_set_header Connection '';
               proxy_max_temp_file_size 0;
             }";
        let upstream = format!("upstream behind {{ server {server}; keepalive 64; }}");
        Self::with(bench, &upstream, location)
    }

    fn with(bench: &Bench, upstream: &str, locations: &str) -> Outcome<Self> {
        let folder = bench.scratch.folder()?;
        let address = free_address()?;
        let cores = thread::available_parallelism().map_or(1, usize::from);
        // Its workers read the files of this process, under any user.
        let user = |flag| capture(bench.checkout.command("id").arg(flag));
        let user = format!("{} {}", user("-un")?, user("-gn")?);
        let configuration = format!(
            "user {user}; daemon off; worker_processes {cores}; pid {folder}/pid; error_log {folder}/error.log;
             events {{ worker_connections 4096; }}
             http {{
               access_log off; sendfile on; tcp_nopush on; tcp_nodelay on;
               keepalive_requests 100000000; open_file_cache max=100;
               types {{ audio/wav wav; }} default_type audio/wav;
               client_body_temp_path {folder}/a; proxy_temp_path {folder}/b;
               fastcgi_temp_path {folder}/c; uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
               {upstream}
               server {{
                 listen {address} backlog=4096;
                 {locations}
               }}
             }}",
            folder = folder.display(),
        );
        let path = folder.join("nginx.conf");
        fs::write(&path, configuration).map_err(|why| format!("{}: {why}", path.display()))?;
        let program = on_path("nginx").ok_or("nginx is not installed")?;
        let child = Command::new(program)
            .arg("-p")
            .arg(&folder)
            .arg("-c")
            .arg(&path)
            .arg("-e")
            .arg(folder.join("error.log"))
            .stdin(Stdio::null())
            .spawn()
            .map_err(|why| format!("nginx could not be run: {why}"))?;
        let nginx = Self { child, address };
        wait_until_listening(address).map_err(|why| {
            let log = fs::read_to_string(folder.join("error.log")).unwrap_or_default();
            format!("nginx {why}: {log}")
        })?;
        Ok(nginx)
    }
}

impl Drop for Nginx {
    /// SIGTERM, so that the master takes its workers with it.
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}
