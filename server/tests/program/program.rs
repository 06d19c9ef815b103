//! One process of the program, and how tests talk to it.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use reqwest::{Method, Response};
use serde_json::Value;
use tokio::sync::watch;

use crate::stub::{Reply, Stub};

/// Longer than any test takes: what waits so long waits for ever.
pub(crate) const FOR_EVER: Duration = Duration::from_secs(60);

/// A server with its folder; killed when dropped.
pub(crate) struct Program {
    process: Child,
    pub(crate) url: String,
    http: reqwest::Client,
    log: watch::Receiver<Vec<String>>,
    settings: Vec<(String, String)>,
    pub(crate) provider: Stub,
    pub(crate) folder: tempfile::TempDir,
}

/// `tapedeck` in this folder, with these settings and no others.
pub(crate) fn command(folder: &Path, settings: &[(&str, &str)], arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tapedeck"));
    command.args(arguments).current_dir(folder).env_clear();
    command.env("LEPTOS_SITE_ADDR", "127.0.0.1:0").env("TAPEDECK_DRAIN", "1ms");
    command.envs(settings.iter().copied());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A client that follows no redirect, and sends a token where one is given.
pub(crate) fn client(token: Option<&str>) -> reqwest::Client {
    let mut headers = reqwest::header::HeaderMap::new();
    if let Some(token) = token {
        headers.insert("authorization", format!("Bearer {token}").parse().unwrap());
    }
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    client.default_headers(headers).build().unwrap()
}

impl Program {
    /// `tapedeck serve`, with a provider that it may fetch from.
    pub(crate) async fn serve(settings: &[(&str, &str)]) -> Self {
        Self::start(settings, &[]).await
    }

    pub(crate) async fn start(settings: &[(&str, &str)], arguments: &[&str]) -> Self {
        let provider = Stub::start().await;
        let allow = provider.address.to_string();
        let settings = [settings, &[("TAPEDECK_PROVIDER_ALLOW", &allow)]].concat();
        let folder = tempfile::tempdir().unwrap();
        let mut process = command(folder.path(), &settings, arguments).spawn().unwrap();
        let mut log = read_log(&mut process);
        let url = listening_at(&mut log).await;
        // Only the first of a process's tests is the one that sets it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = client(None);
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let settings = settings.iter().map(own).collect();
        Self { process, url, http, log, settings, provider, folder }
    }

    /// Sends this token with every request.
    pub(crate) fn with_token(mut self, token: &str) -> Self {
        self.http = client(Some(token));
        self
    }

    /// Registers a call whose recording the provider answers like this.
    pub(crate) async fn call(&self, call_sid: &str, reply: Reply) {
        let url = self.provider.serve(&format!("/{call_sid}"), reply);
        let body = serde_json::json!({ "recording_url": url });
        let put = self.send(Method::PUT, &format!("/api/calls/{call_sid}"), &[], Some(body)).await;
        assert_eq!(put.status(), 201);
    }

    /// As [`Program::call`], however often the database is said to be away.
    pub(crate) async fn call_until_registered(&self, call_sid: &str, reply: Reply) {
        let url = self.provider.serve(&format!("/{call_sid}"), reply);
        let body = serde_json::json!({ "recording_url": url });
        let path = format!("/api/calls/{call_sid}");
        loop {
            let put = self.send(Method::PUT, &path, &[], Some(body.clone())).await;
            if put.status() == 201 {
                return;
            }
            assert_eq!(json(put).await["error"], "database_unavailable");
        }
    }

    /// As [`Program::playable`], however often the database is said to be away.
    pub(crate) async fn playable_in_the_end(&self, call_sid: &str) -> Response {
        loop {
            let answer = self.playable(call_sid).await;
            if answer.status() != 500 {
                return answer;
            }
            assert_eq!(json(answer).await["error"], "database_unavailable");
        }
    }

    /// Asks until the recording is there, held by the server meanwhile.
    pub(crate) async fn playable(&self, call_sid: &str) -> Response {
        loop {
            let answer = self.file(call_sid, &[("Prefer", "wait=30")]).await;
            if answer.status() != 202 {
                return answer;
            }
        }
    }

    pub(crate) async fn file(&self, call_sid: &str, headers: &[(&str, &str)]) -> Response {
        self.get(&format!("/api/recordings/file/{call_sid}"), headers).await
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Response {
        self.send(Method::GET, path, headers, None).await
    }

    /// `/readyz`, once it answers with this status: what it says holds for a second.
    pub(crate) async fn readiness(&self, status: u16) -> Value {
        let wanted = async {
            loop {
                let answer = self.get("/readyz", &[]).await;
                if answer.status() == status {
                    return json(answer).await;
                }
            }
        };
        tokio::time::timeout(FOR_EVER, wanted).await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str) -> Response {
        self.send(Method::POST, path, &[], None).await
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Response {
        let Some(body) = body else { return self.send_text(method, path, headers, "").await };
        let headers = [headers, &[("Content-Type", "application/json")]].concat();
        self.send_text(method, path, &headers, &body.to_string()).await
    }

    pub(crate) async fn send_text(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response {
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !body.is_empty() {
            request = request.body(body.to_owned());
        }
        tokio::time::timeout(FOR_EVER, request.send()).await.unwrap().unwrap()
    }

    /// The call with its runs.
    pub(crate) async fn read(&self, call_sid: &str) -> Value {
        json(self.get(&format!("/api/calls/{call_sid}"), &[]).await).await
    }

    /// Waits for a line of the log.
    pub(crate) async fn logged(&mut self, text: &str) -> String {
        wait_for(&mut self.log, |line| line.contains(text)).await
    }

    /// The lines of the log so far that have this text.
    pub(crate) fn lines(&self, text: &str) -> Vec<String> {
        self.log.borrow().iter().filter(|line| line.contains(text)).cloned().collect()
    }

    /// Memory that the process holds at most so far, in bytes (`VmHWM`, proc(5)).
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()));
        let status = status.unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    }

    /// A worker with the same settings, on the same folder; killed when dropped.
    pub(crate) fn start_worker(&self) -> Worker {
        let settings: Vec<_> =
            self.settings.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let mut command = command(self.folder.path(), &settings, &["worker"]);
        Worker(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    /// Ends the process, and starts another one, with a worker, on the same folder and settings.
    pub(crate) async fn terminate_and_serve_again(&mut self) {
        self.terminate();
        self.serve_again(&[]).await;
    }

    /// Starts another process on the same folder and settings.
    pub(crate) async fn serve_again(&mut self, arguments: &[&str]) {
        let settings: Vec<_> =
            self.settings.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let mut process = command(self.folder.path(), &settings, arguments).spawn().unwrap();
        self.log = read_log(&mut process);
        self.process = process;
        self.url = listening_at(&mut self.log).await;
    }

    /// Changes a setting of the processes that are started from now on.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.settings.retain(|(other, _)| other != name);
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    /// Tells the process to end (SIGTERM), and waits; its exit code.
    pub(crate) fn terminate(&mut self) -> Option<i32> {
        self.signal("TERM");
        self.wait()
    }

    /// Sends the process a signal.
    pub(crate) fn signal(&self, name: &str) {
        let process = self.process.id().to_string();
        Command::new("kill").args([&format!("-{name}"), &process]).status().unwrap();
    }

    /// Waits for the end of the process; its exit code.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        self.process.wait().unwrap().code()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A `tapedeck worker`.
pub(crate) struct Worker(Child);

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The body, which is JSON.
pub(crate) async fn json(response: Response) -> Value {
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

/// A header as text; empty if it is not there.
pub(crate) fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

fn read_log(process: &mut Child) -> watch::Receiver<Vec<String>> {
    let (sender, receiver) = watch::channel(Vec::new());
    let stderr = BufReader::new(process.stderr.take().unwrap());
    std::thread::spawn(move || {
        for line in stderr.lines().map_while(Result::ok) {
            sender.send_modify(|lines: &mut Vec<String>| lines.push(line));
        }
    });
    receiver
}

async fn listening_at(log: &mut watch::Receiver<Vec<String>>) -> String {
    let line = wait_for(log, |line| line.contains("listening at ")).await;
    let url = line.split("listening at ").nth(1).unwrap();
    url.split('"').next().unwrap().trim().to_owned() // in JSON more follows
}

async fn wait_for(log: &mut watch::Receiver<Vec<String>>, fits: impl Fn(&str) -> bool) -> String {
    let found = log.wait_for(|lines| lines.iter().any(|line| fits(line)));
    let lines = match tokio::time::timeout(FOR_EVER, found).await {
        Ok(Ok(lines)) => lines.clone(),
        _ => panic!("the line never came"),
    };
    lines.into_iter().find(|line| fits(line)).unwrap()
}
