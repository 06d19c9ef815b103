//! A provider that fails in every way that providers do, by the plan's dice.

use std::{
    collections::{BTreeMap, HashMap},
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::sleep,
};
use tokio_util::task::AbortOnDropHandle;

use crate::plan::{CallPlan, Dice, Plan, Provided, recording};

pub(crate) struct Provider {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    _task: AbortOnDropHandle<()>,
}

struct Shared {
    calls: HashMap<String, CallPlan>,
    seed: u64,
    /// How often each path was asked for.
    asked: Mutex<HashMap<String, u64>>,
    /// What was done to whoever asked.
    done: Mutex<BTreeMap<&'static str, u64>>,
    /// From now on nothing goes wrong that need not.
    is_calm: std::sync::atomic::AtomicBool,
}

impl Provider {
    pub(crate) async fn start(plan: &Plan) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let calls = plan.calls.iter().map(|call| (call.sid.clone(), call.clone())).collect();
        let seed = plan.size.seed;
        let (asked, done, is_calm) = Default::default();
        let shared = Arc::new(Shared { calls, seed, asked, done, is_calm });
        let serving = shared.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = serving.clone();
                tokio::spawn(async move {
                    let _ = converse(stream, &shared).await; // a client that goes may go
                });
            }
        });
        Self { address, shared, _task: AbortOnDropHandle::new(task) }
    }

    pub(crate) fn url(&self, sid: &str, version: u32) -> String {
        format!("http://{}/{sid}/{version}", self.address)
    }

    pub(crate) fn be_calm(&self) {
        self.shared.is_calm.store(true, std::sync::atomic::Ordering::SeqCst);
    }

    pub(crate) fn done(&self) -> BTreeMap<&'static str, u64> {
        self.shared.done.lock().unwrap().clone()
    }
}

/// What one request gets.
enum Treatment {
    Whole,
    /// The connection is cut after so many bytes of head and body together.
    Cut(usize),
    Status(&'static str),
    Page,
    Empty,
    /// Half of it, and then nothing for a long time.
    Stall,
    /// All of it, slowly.
    Trickle,
}

async fn converse(mut stream: TcpStream, shared: &Shared) -> io::Result<()> {
    while let Some(path) = read_path(&mut stream).await {
        let (sid, version) = path.trim_start_matches('/').split_once('/').unwrap_or((&path, ""));
        let Some(call) = shared.calls.get(sid) else { return Ok(()) };
        let body = recording(call, version.parse().unwrap_or(0), shared.seed);
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let all = [head.as_bytes(), &body].concat();
        let (treatment, name) = shared.treat(call, &path, head.len(), all.len());
        *shared.done.lock().unwrap().entry(name).or_default() += 1;
        match treatment {
            Treatment::Whole => stream.write_all(&all).await?,
            Treatment::Cut(at) => return stream.write_all(&all[..at]).await,
            Treatment::Status(status) => {
                let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
                stream.write_all(answer.as_bytes()).await?;
            }
            Treatment::Page => {
                let page = "<!doctype html><title>Please sign in</title>";
                let length = page.len();
                let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{page}");
                stream.write_all(answer.as_bytes()).await?;
            }
            Treatment::Empty => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await?;
            }
            Treatment::Stall => {
                stream.write_all(&all[..all.len() / 2]).await?;
                sleep(Duration::from_secs(20)).await;
                return Ok(());
            }
            Treatment::Trickle => {
                for part in all.chunks(all.len().div_ceil(10)) {
                    stream.write_all(part).await?;
                    sleep(Duration::from_millis(150)).await;
                }
            }
        }
    }
    Ok(())
}

impl Shared {
    fn treat(
        &self,
        call: &CallPlan,
        path: &str,
        head: usize,
        all: usize,
    ) -> (Treatment, &'static str) {
        let nth = {
            let mut asked = self.asked.lock().unwrap();
            let nth = asked.entry(path.to_owned()).or_default();
            *nth += 1;
            *nth
        };
        match call.provided {
            Provided::Gone => return (Treatment::Status("410 Gone"), "410"),
            Provided::Page => return (Treatment::Page, "a page"),
            Provided::Broken => return (Treatment::Status("500 Internal Server Error"), "500"),
            Provided::Sometimes => {}
        }
        let mut dice = Dice::of(self.seed, &format!("{path}#{nth}"));
        let is_calm = self.is_calm.load(std::sync::atomic::Ordering::SeqCst);
        if is_calm || dice.percent(70) {
            return (Treatment::Whole, "whole");
        }
        let up_to =
            |dice: &mut Dice, limit: usize| usize::try_from(dice.below(limit as u64)).unwrap();
        match dice.below(12) {
            0 => (Treatment::Cut(0), "cut before the head"),
            1 => (Treatment::Cut(up_to(&mut dice, head)), "cut in the head"),
            2 => (Treatment::Cut(head), "cut after the head"),
            3 | 4 => (Treatment::Cut(head + up_to(&mut dice, all - head)), "cut in the body"),
            5 => (Treatment::Cut(all - 1), "cut before the last byte"),
            6 => (Treatment::Status("503 Service Unavailable\r\nRetry-After: 1"), "503"),
            7 => (Treatment::Status("429 Too Many Requests"), "429"),
            8 => (Treatment::Status("502 Bad Gateway"), "502"),
            9 => (Treatment::Empty, "an empty body"),
            10 => (Treatment::Stall, "stalled in the middle"),
            _ => (Treatment::Trickle, "slow"),
        }
    }
}

async fn read_path(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8_lossy(&head).split(' ').nth(1)?.to_owned())
}
