//! Behind a real nginx with `ops/nginx.conf`, of which only the addresses are others: what that file
//! promises about held requests, ranges, events and servers that are away.

#[allow(clippy::duplicate_mod)] // each helper brings it
#[path = "../support/skip.rs"]
mod skip;

use std::{
    io::{BufRead as _, BufReader, ErrorKind},
    net::TcpListener,
    process::{Child, Command, Stdio},
};

use reqwest::{Client, Response};

use crate::{
    operator::Events,
    program::{FOR_EVER, Program, client, header, json},
    stub::Reply,
    wav::wav,
};

const SITE: &str = include_str!("../../../ops/nginx.conf");
const FILE: &str = "/api/recordings/file/CA1";
/// Without a token a server refuses what came through a proxy.
const TOKEN: &str = "0123456789abcdef";

async fn program() -> Program {
    Program::serve(&[("TAPEDECK_ADMIN_TOKEN", TOKEN)]).await.with_token(TOKEN)
}

/// An nginx with that file; ends with the test.
struct Nginx {
    process: Child,
    url: String,
    http: Client,
    _folder: tempfile::TempDir,
}

impl Nginx {
    /// Before the program and a second server that nobody can reach. `None` where there is no nginx
    /// and none was asked for.
    fn before(program: &Program) -> Option<Self> {
        let (listens, nobody) = (free_address(), free_address());
        let server = program.url.trim_start_matches("http://");
        let site = [("8080", &*listens), ("server-1:3000", server), ("server-2:3000", &nobody)]
            .iter()
            .fold(SITE.to_owned(), |site, (name, address)| {
                assert_eq!(site.matches(name).count(), 1, "{name}");
                site.replace(name, address)
            });
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("nginx.conf");
        // One process that is us; nothing written outside the folder.
        let configuration = format!(
            "daemon off; master_process off; pid nginx.pid; error_log stderr notice; events {{ }}
             http {{
                 access_log off; client_body_temp_path body; proxy_temp_path proxy;
                 fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
                 {site}
             }}"
        );
        std::fs::write(&path, configuration).unwrap();
        let named = std::env::var_os("TAPEDECK_TEST_NGINX");
        let mut command = Command::new(named.clone().unwrap_or_else(|| "nginx".into()));
        command.args(["-e", "stderr", "-p"]).arg(folder.path()).arg("-c").arg(path);
        let process = match command.stderr(Stdio::piped()).spawn() {
            Ok(process) => process,
            Err(error) if named.is_none() && error.kind() == ErrorKind::NotFound => {
                skip::report("nginx");
                return None;
            }
            Err(error) => panic!("nginx can't be started: {error}"),
        };
        let (url, http) = (format!("http://{listens}"), client(Some(TOKEN)));
        let mut nginx = Self { process, url, http, _folder: folder };
        nginx.wait_until_it_listens();
        Some(nginx)
    }

    /// nginx tells of its event method once its sockets listen; its log ends if it fails.
    fn wait_until_it_listens(&mut self) {
        let log = BufReader::new(self.process.stderr.take().unwrap());
        let mut lines = log.lines().map_while(Result::ok);
        assert!(lines.by_ref().any(|line| line.contains("event method")), "nginx does not start");
        // Else it would stop at a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Response {
        let mut request = self.http.get(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        tokio::time::timeout(FOR_EVER, request.send()).await.unwrap().unwrap()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

#[tokio::test]
async fn a_request_is_held_through_it_and_ranges_pass_as_they_are() {
    let program = program().await;
    let Some(nginx) = Nginx::before(&program) else { return };
    let sound = wav(1);
    program.call("CA1", Reply::halting(&sound)).await;
    let released = async {
        program.provider.paused(1).await;
        program.provider.go_on();
    };
    let (held, ()) = tokio::join!(nginx.get(FILE, &[("Prefer", "wait=30")]), released);
    assert_eq!(held.status(), 200);
    assert_eq!(held.bytes().await.unwrap(), sound);

    let part = nginx.get(FILE, &[("Range", "bytes=10-19")]).await;
    assert_eq!(part.status(), 206);
    assert_eq!(header(&part, "content-range"), format!("bytes 10-19/{}", sound.len()));
    let tag = header(&part, "etag").to_owned();
    assert!(tag.starts_with('"'), "strong: {tag}");
    assert_eq!(part.bytes().await.unwrap(), &sound[10..20]);
    assert_eq!(nginx.get(FILE, &[("If-None-Match", &tag)]).await.status(), 304);
    assert_eq!(nginx.get(FILE, &[("Range", "bytes=999999-")]).await.status(), 416);
}

#[tokio::test]
async fn a_server_that_can_not_be_reached_is_passed_over_and_a_final_500_is_passed_on() {
    let program = program().await;
    let Some(nginx) = Nginx::before(&program) else { return };
    program.call("CA1", Reply::status(403)).await;
    // Each of the two has its turn more than once.
    for _ in 0..6 {
        assert_eq!(nginx.get("/readyz", &[]).await.status(), 200);
        let answer = nginx.get(FILE, &[("Prefer", "wait=30")]).await;
        assert_eq!(answer.status(), 500);
        assert_eq!(json(answer).await["error"], "recording_failed");
    }
    assert_eq!(program.provider.asked("/CA1"), 1);
}

#[tokio::test]
async fn events_of_the_queue_are_not_kept_back() {
    let program = program().await;
    let Some(nginx) = Nginx::before(&program) else { return };
    let mut events = Events::of(nginx.get("/api/queue/events", &[]).await);
    events.until("queue", |queue| queue["ready"] == 0).await;
    program.call("CA1", Reply::ok(&wav(1))).await;
    assert_eq!(program.playable("CA1").await.status(), 200);
    events.until("queue", |queue| queue["ready"] == 1).await;
}
