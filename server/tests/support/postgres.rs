//! A real PostgreSQL server for the tests of one program, and a database of its own for each.

#![allow(dead_code)] // no test uses all of it

#[allow(clippy::duplicate_mod)] // each helper brings it
mod skip;

use std::{
    env, fs,
    io::{BufRead, BufReader},
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, Weak},
    thread,
    time::{Duration, Instant},
};

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use uuid::Uuid;

/// The server that is running, while any test holds it.
static RUNNING: Mutex<Weak<Postgres>> = Mutex::new(Weak::new());
/// The one user, who is trusted: only this machine's owner reaches the socket.
const USER: &str = "tapedeck";
/// PostgreSQL refuses to run as root; as nobody it does.
const NOBODY: u32 = 65534;

/// A PostgreSQL server on a socket in a temporary folder. Ends with the last test that holds it.
pub(crate) struct Postgres {
    process: Mutex<Child>,
    folder: tempfile::TempDir,
    programs: PathBuf,
    disk: Disk,
}

/// Whether the server waits for the disk.
#[derive(Clone, Copy)]
enum Disk {
    /// No: a test survives no power cut.
    Trusted,
    Synced,
}

/// An empty database.
pub(crate) struct Database {
    server: Arc<Postgres>,
    name: String,
}

impl Database {
    /// `None` where PostgreSQL is not installed, unless `TAPEDECK_TEST_POSTGRES` names its server.
    pub(crate) async fn create() -> Option<Self> {
        let server = tokio::task::spawn_blocking(Postgres::running).await.unwrap();
        Some(Self::on(or_skip(server)?).await)
    }

    /// On a server of its own, which may be ended and paused.
    pub(crate) async fn alone() -> Option<Self> {
        let server = tokio::task::spawn_blocking(|| Postgres::start(Disk::Trusted)).await.unwrap();
        Some(Self::on(Arc::new(or_skip(server)?)).await)
    }

    /// On a server of its own that waits for the disk, as one in earnest does.
    pub(crate) async fn durable() -> Option<Self> {
        let server = tokio::task::spawn_blocking(|| Postgres::start(Disk::Synced)).await.unwrap();
        Some(Self::on(Arc::new(or_skip(server)?)).await)
    }

    /// Another database with the same rows. Nobody may be connected to this one meanwhile.
    pub(crate) async fn copy(&self) -> Self {
        let name = format!("t{}", Uuid::new_v4().simple());
        let copy = Self { server: self.server.clone(), name };
        let sql = format!("CREATE DATABASE {} TEMPLATE {}", copy.name, self.name);
        copy.tell("postgres", sql).await;
        copy
    }

    async fn on(server: Arc<Postgres>) -> Self {
        let name = format!("t{}", Uuid::new_v4().simple());
        let database = Self { server, name };
        database.tell("postgres", format!("CREATE DATABASE {}", database.name)).await;
        database
    }

    pub(crate) fn server(&self) -> &Postgres {
        &self.server
    }

    pub(crate) fn url(&self) -> String {
        self.server.url(&self.name)
    }

    /// Makes the database's clock stand at this time, in microseconds.
    #[allow(dead_code)] // only those tests move the clock that have no other
    pub(crate) async fn set_clock(&self, now: i64) {
        let stand = format!(
            "CREATE OR REPLACE FUNCTION tapedeck_now() RETURNS BIGINT LANGUAGE sql STABLE
             PARALLEL SAFE AS 'SELECT {now}::bigint'"
        );
        self.tell(&self.name, stand).await;
    }

    pub(crate) async fn execute(&self, sql: &str) {
        self.tell(&self.name, sql.to_owned()).await;
    }

    async fn tell(&self, database: &str, sql: String) {
        let mut connection = PgConnection::connect(&self.server.url(database)).await.unwrap();
        connection.execute(AssertSqlSafe(sql)).await.unwrap();
        connection.close().await.unwrap();
    }
}

/// Reports the test as skipped where no server was found. On the test's own thread, which has its name.
fn or_skip<T>(server: Option<T>) -> Option<T> {
    if server.is_none() {
        skip::report("PostgreSQL");
    }
    server
}

impl Postgres {
    fn running() -> Option<Arc<Self>> {
        let mut running = RUNNING.lock().unwrap();
        if let Some(server) = running.upgrade() {
            return Some(server);
        }
        let server = Arc::new(Self::start(Disk::Trusted)?);
        *running = Arc::downgrade(&server);
        Some(server)
    }

    fn start(disk: Disk) -> Option<Self> {
        let programs = installed()?;
        let folder = tempfile::tempdir().unwrap();
        if is_root() {
            chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let made = program(&programs, "initdb", folder.path())
            .args(["--username", USER, "--auth=trust", "--no-sync", "--encoding=UTF8"])
            .arg("--locale=C")
            .output()
            .unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let process = Mutex::new(serve(&programs, folder.path(), disk));
        Some(Self { process, folder, programs, disk })
    }

    /// Ends it as a crash of its machine would, and starts it again.
    pub(crate) fn restart(&self) {
        let mut process = self.process.lock().unwrap();
        stop(&mut process);
        *process = serve(&self.programs, self.folder.path(), self.disk);
    }

    /// Lets it hang: connections stay open, and nothing is answered.
    pub(crate) fn pause(&self) {
        self.signal("-STOP");
    }

    pub(crate) fn resume(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        signal_all(&self.process.lock().unwrap(), signal);
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://{USER}@localhost/{database}?host={}", self.folder.path().display())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        stop(&mut self.process.lock().unwrap());
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// One of PostgreSQL's programs, on the data in this folder.
fn program(programs: &Path, name: &str, folder: &Path) -> Command {
    let mut command = Command::new(programs.join(name));
    command.current_dir(folder).stdin(Stdio::null()).arg("-D").arg("data");
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

/// Starts the server, and waits until it answers.
fn serve(programs: &Path, folder: &Path, disk: Disk) -> Child {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(process) = try_serve(programs, folder, disk) {
            return process;
        }
        // A child that was just being born when the one before was killed still has its memory.
        assert!(Instant::now() < until, "PostgreSQL ended before it was ready");
        thread::sleep(Duration::from_millis(100));
    }
}

/// `None` where it ends before it is ready.
fn try_serve(programs: &Path, folder: &Path, disk: Disk) -> Option<Child> {
    let fsync = match disk {
        Disk::Trusted => "fsync=off",
        Disk::Synced => "fsync=on",
    };
    let mut process = program(programs, "postgres", folder)
        .args(["-c", "listen_addresses=", "-c", fsync, "-c", "max_connections=300"])
        .arg("-c")
        .arg(format!("unix_socket_directories={}", folder.display()))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
    let ready = lines.by_ref().map_while(Result::ok).any(|line| line.contains("ready to accept"));
    if !ready {
        let _ = process.wait();
        return None;
    }
    // What it goes on to say must not fill the pipe.
    thread::spawn(move || lines.for_each(drop));
    Some(process)
}

/// With its children at once, as a machine's crash would. One that is paused would not see that the
/// server is gone, and no other starts on its memory.
fn stop(process: &mut Child) {
    signal_all(process, "-KILL");
    let _ = process.wait();
}

/// To the server and its children. One that has just ended needs none.
fn signal_all(process: &Child, signal: &str) {
    let server = process.id();
    let children = fs::read_to_string(format!("/proc/{server}/task/{server}/children"));
    let mut command = Command::new("kill");
    command.arg(signal).arg(server.to_string());
    command.args(children.unwrap_or_default().split_whitespace());
    command.stderr(Stdio::null()).status().unwrap();
}

/// The folder with PostgreSQL's programs. Debian keeps the server's off the PATH.
fn installed() -> Option<PathBuf> {
    if let Some(named) = env::var_os("TAPEDECK_TEST_POSTGRES") {
        return Some(PathBuf::from(named).parent().unwrap().to_owned());
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    env::split_paths(&path)
        .chain(debian.map(|version| version.path().join("bin")))
        .find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}
