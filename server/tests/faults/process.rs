//! The processes that are hurt: the binary, in one or several instances on one database, and PostgreSQL. None outlives its test.

use std::{
    fs::{self, File},
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use stockgraph_kit::{
    caller::Scopes,
    clock::Clock,
    id::{IdSource, UserId},
    random::Random,
    token::{Issuer, KeyFolder, KeyRing, Realm},
};
use tempfile::TempDir;

/// How long anything may take that is sure to happen, on a machine that has other things to do as well.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Longer than any run takes.
const TOKEN_LIFETIME: TimeDelta = TimeDelta::days(7);

/// How often it is looked whether it has happened.
const LOOK: Duration = Duration::from_millis(10);

/// Waits until `what` is so.
///
/// # Panics
///
/// When it takes longer than [`PATIENCE`].
pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !is_so().await {
        assert!(start.elapsed() < PATIENCE, "{what}: not in {PATIENCE:?}");
        tokio::time::sleep(LOOK).await;
    }
}

/// Where a graph has its data: a folder, and a database in it or beside it.
pub struct Site {
    // Before both, so that nothing runs when its data go.
    users: Option<Server>,
    // Before the folder, so that it is stopped before its data go.
    postgres: Option<Postgres>,
    folder: TempDir,
    database: String,
}

impl Site {
    /// Data on embedded databases.
    pub fn embedded() -> Self {
        Self {
            users: None,
            postgres: None,
            database: "sqlite:{data_dir}/{subgraph}.db".into(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Data on a PostgreSQL of its own, as durable as it is by default.
    pub fn on_postgres() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Where root runs this, PostgreSQL is another user.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711)).unwrap();
        let postgres = Postgres(folder.path().join("postgres"));
        let url = postgres.start();
        Self {
            users: None,
            database: format!("{url}/postgres"),
            postgres: Some(postgres),
            folder,
        }
    }

    /// The database server, where there is one.
    pub const fn postgres(&self) -> Option<&Postgres> {
        self.postgres.as_ref()
    }

    /// A token that the processes accept, with these scopes, for as long as any run takes.
    pub fn token(&self, scopes: Scopes) -> String {
        let token = self.issuer().service("faults", &scopes, TOKEN_LIFETIME);
        token.expect("the key signs").text
    }

    /// Such a token of a user without any rights, for each of these users.
    pub fn tokens_of(&self, users: &[UserId]) -> Vec<String> {
        let issuer = self.issuer();
        let ids = IdSource::new(Clock::system(), Random::system());
        let token = |user| issuer.user(user, ids.next(), &Scopes::new(), TOKEN_LIFETIME);
        let tokens = users.iter().map(|user| token(*user));
        tokens
            .map(|token| token.expect("the key signs").text)
            .collect()
    }

    fn issuer(&self) -> Issuer {
        let random = Random::system();
        let folder = KeyFolder::new(self.data().join("keys"));
        let (keys, _) = folder.load_or_create(&random).unwrap();
        let keys = KeyRing::new(keys, TOKEN_LIFETIME);
        Issuer::new(keys, Realm::default(), Clock::system(), random)
    }

    /// Writes the configuration file that all processes started from now on read.
    pub fn configure(&self, settings: &str) {
        fs::write(self.folder.path().join("stockgraph.toml"), settings).unwrap();
    }

    /// Runs a command of the binary to its end.
    ///
    /// # Panics
    ///
    /// When it fails, with what it said.
    pub fn run(&self, arguments: &[&str]) {
        if let Err(said) = self.try_to_run(arguments) {
            panic!("{arguments:?}: {said}");
        }
    }

    /// Runs a command of the binary to its end, and tells what it said.
    ///
    /// # Errors
    ///
    /// It failed, and said this.
    pub fn try_to_run(&self, arguments: &[&str]) -> Result<String, String> {
        let output = self.command(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        if output.status.success() {
            return Ok(said.into_owned());
        }
        let error = String::from_utf8_lossy(&output.stderr);
        Err(format!("{said}\n{error}"))
    }

    /// Starts the users, who publish the keys by which the processes that are started from now on verify tokens. They are left alone.
    pub async fn publish_keys(&mut self, http: &reqwest::Client) {
        let mut users = self.serve("users");
        users.healthy(http).await;
        self.users = Some(users);
    }

    /// Starts `stockgraph subgraph NAME` on a port of its own.
    pub fn serve(&self, name: &'static str) -> Server {
        self.start(&["subgraph", name], &[])
    }

    /// Starts a command that serves, on a port of its own, with these variables in its environment.
    pub fn start(&self, arguments: &[&str], settings: &[(&str, &str)]) -> Server {
        let port = Command::new(tool("free-port")).output().unwrap().stdout;
        let address = format!("127.0.0.1:{}", String::from_utf8(port).unwrap().trim());
        let mut command = self.command(arguments);
        command
            .args(["--listen", &address])
            .envs(settings.iter().copied());
        let log = self.folder.path().join(format!("{address}.log"));
        let child = spawn(&mut command, &log);
        Server {
            command,
            child,
            address,
            log,
            is_wanted: true,
        }
    }

    /// A file in its folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stockgraph"));
        command
            .current_dir(self.folder.path())
            .env_clear()
            .env("STOCKGRAPH_LOG__FILTER", "warn")
            .args(["--database", &self.database, "--data-dir"])
            .arg(self.data())
            .args(arguments)
            .stdin(Stdio::null());
        if let Some(users) = &self.users {
            command.env("STOCKGRAPH_SUBGRAPHS__USERS", users.url());
        }
        command
    }
}

/// A running instance of the binary.
pub struct Server {
    command: Command,
    child: Child,
    address: String,
    log: PathBuf,
    is_wanted: bool,
}

impl Server {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address.parse().unwrap()
    }

    /// Its GraphQL endpoint.
    pub fn url(&self) -> String {
        format!("http://{}/graphql", self.address)
    }

    /// Changes its environment, from its next start on.
    pub fn set(&mut self, variable: &str, value: &str) {
        self.command.env(variable, value);
    }

    /// Whether it was started and not killed since.
    pub const fn is_wanted(&self) -> bool {
        self.is_wanted
    }

    /// Ends it in the midst of whatever it does.
    pub fn kill(&mut self) {
        self.is_wanted = false;
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again: the same data, the same port.
    pub fn start(&mut self) {
        self.is_wanted = true;
        self.child = spawn(&mut self.command, &self.log);
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits until it says that it is well.
    pub async fn healthy(&mut self, http: &reqwest::Client) {
        let url = format!("http://{}/health", self.address);
        let (child, log) = (&mut self.child, &self.log);
        until(&url, async || {
            if let Some(status) = child.try_wait().unwrap() {
                panic!("{url} ended, {status}: {}", last_of(log));
            }
            let answer = http.get(&url).send().await;
            answer.is_ok_and(|answer| answer.status().is_success())
        })
        .await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
        if std::thread::panicking() {
            eprintln!("--- {}\n{}", self.address, last_of(&self.log));
        }
    }
}

/// The end of a log, which after many rounds is long.
fn last_of(log: &Path) -> String {
    let log = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = log.lines().collect();
    lines[lines.len().saturating_sub(30)..].join("\n")
}

fn spawn(command: &mut Command, log: &Path) -> Child {
    let log = File::options().create(true).append(true).open(log).unwrap();
    command
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("the binary starts")
}

/// A PostgreSQL server in this folder.
pub struct Postgres(PathBuf);

impl Postgres {
    /// Starts it, after a crash with a recovery, and tells its URL.
    pub fn start(&self) -> String {
        self.tool("start", &[])
    }

    /// Stops it as a crash would.
    pub fn crash(&self) {
        self.tool("stop", &["immediate"]);
    }

    fn tool(&self, command: &str, arguments: &[&str]) -> String {
        let output = Command::new(tool("postgres"))
            .arg(command)
            .arg(&self.0)
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "postgres {command}: {error}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let stop = Command::new(tool("postgres"))
            .arg("stop")
            .arg(&self.0)
            .arg("immediate")
            .stdin(Stdio::null())
            .output();
        drop(stop);
    }
}

fn tool(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tools")
        .join(name)
}
