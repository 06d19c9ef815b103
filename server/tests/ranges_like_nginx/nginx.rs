//! A real nginx beside the test.

#[allow(clippy::duplicate_mod)] // each helper brings it
#[path = "../support/skip.rs"]
mod skip;

use std::io::{BufRead as _, BufReader, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use tokio::net::UnixStream;

use crate::wire::{Answer, ask};

/// An nginx that serves one folder on a socket there; ends with the test.
pub(crate) struct Nginx {
    process: Child,
    socket: PathBuf,
}

impl Nginx {
    /// `None` where there is no nginx and none was asked for.
    pub(crate) fn start(folder: &TempDir) -> Option<Self> {
        let wanted = std::env::var_os("TAPEDECK_TEST_NGINX");
        let program = wanted.clone().unwrap_or_else(|| "nginx".into());
        let version = match Command::new(&program).arg("-V").output() {
            Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
            Err(error) if wanted.is_none() && error.kind() == ErrorKind::NotFound => {
                skip::report("nginx");
                return None;
            }
            Err(error) => panic!("{} cannot be run: {error}", program.display()),
        };
        let configuration = folder.path().join("nginx.conf");
        std::fs::write(&configuration, configure(folder.path(), &version)).expect("a file");
        let process = Command::new(&program)
            .args(["-e", "stderr", "-p"])
            .arg(folder.path())
            .arg("-c")
            .arg(configuration)
            .stderr(Stdio::piped())
            .spawn()
            .expect("nginx starts, since it told its version");
        let mut nginx = Self { process, socket: folder.path().join("nginx.sock") };
        nginx.wait_until_it_listens();
        Some(nginx)
    }

    /// nginx tells of its event method once its sockets listen; its log ends if it fails.
    fn wait_until_it_listens(&mut self) {
        let log = BufReader::new(self.process.stderr.take().expect("piped above"));
        let mut lines = log.lines().map_while(Result::ok);
        let mut told = String::new();
        let listens = lines.by_ref().any(|line| {
            told = told.clone() + &line + "\n";
            line.contains("event method")
        });
        assert!(listens, "nginx does not start:\n{told}");
        // Else it would stop at a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
    }

    pub(crate) async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let stream = UnixStream::connect(&self.socket).await.expect("nginx listens");
        ask(stream, method, path, headers).await
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// One process that is us, so that it can read the folder; a socket file, so that no port can be
/// taken meanwhile; nothing written outside the folder.
fn configure(folder: &Path, version: &str) -> String {
    let has = |module: &&str| !version.contains(&format!("--without-http_{module}_module"));
    let temporary = ["proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .filter(|module| has(module))
        .fold(String::new(), |sum, module| sum + "    " + module + "_temp_path temporary;\n");
    let folder = folder.display();
    format!(
        "daemon off;
master_process off;
pid nginx.pid;
error_log stderr notice;
events {{ }}
http {{
    access_log off;
    client_body_temp_path body;
{temporary}    # Later than published is not modified either (RFC 9110 13.1.3); nginx's default is exact.
    if_modified_since before;
    server {{
        listen unix:{folder}/nginx.sock;
        root {folder};
    }}
}}
"
    )
}
