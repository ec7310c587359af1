//! The server that is loaded: one that runs already, or the binary, started in the shape that is asked for.

use std::{
    fs::{self, File},
    net::TcpListener,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::Context;
use clap::{Args, ValueEnum};
use serde_json::json;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::graph::Graph;

/// Which server.
#[derive(Args, Clone)]
pub struct ServerOptions {
    /// The program to start
    #[arg(long, global = true, default_value = "target/release/stockgraph")]
    binary: PathBuf,
    /// In which shape
    #[arg(long, global = true, value_enum, default_value_t = Shape::AllInOne)]
    shape: Shape,
    /// On which databases: `sqlite`, or a PostgreSQL URL, in which {subgraph} stands for the subgraph's name; the databases must exist
    #[arg(long, global = true, default_value = "sqlite")]
    database: String,
    /// A server that runs already, e.g. http://127.0.0.1:4000/graphql, with the demo's accounts; nothing is started then
    #[arg(long, global = true, conflicts_with_all = ["binary", "shape", "database"])]
    url: Option<String>,
    /// Processes of that server, for its CPU time
    #[arg(long, global = true, requires = "url")]
    pid: Vec<u32>,
}

/// How the graph is spread over processes.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shape {
    /// One process, in which the router calls the subgraphs directly
    AllInOne,
    /// The router and each subgraph in a process of its own, over HTTP
    Http,
}

const SUBGRAPHS: [&str; 4] = ["users", "products", "warehouses", "orders"];
const PATIENCE: Duration = Duration::from_secs(120);

/// A server that answers.
pub struct Server {
    url: String,
    /// Of the other processes that serve everything.
    others: Vec<String>,
    description: String,
    processes: Vec<u32>,
    /// Those that were started here, the router last.
    children: Vec<Child>,
    /// How those were started; their data and logs.
    start: Option<Start>,
}

impl ServerOptions {
    /// Which databases are asked for: `sqlite`, or a URL.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// Whether they ask for a server that is started here, in one process, on PostgreSQL.
    pub fn starts_one_on_postgres(&self) -> bool {
        self.url.is_none() && self.shape == Shape::AllInOne && self.database != "sqlite"
    }

    /// The same in another shape.
    pub fn in_shape(&self, shape: Shape) -> Self {
        Self {
            shape,
            ..self.clone()
        }
    }

    /// Whether they name a server that runs already.
    pub fn is_elsewhere(&self) -> bool {
        self.url.is_some()
    }

    /// The server that the options ask for; it answers.
    ///
    /// # Errors
    ///
    /// It cannot be started, or does not answer.
    pub async fn provide(&self) -> anyhow::Result<Server> {
        self.provide_with(&[], 1).await
    }

    /// The same with these environment variables, and with so many processes that serve everything, where the server is started
    /// here in one process.
    ///
    /// # Errors
    ///
    /// As with [`provide`](Self::provide).
    pub async fn provide_with(
        &self,
        settings: &[(&str, &str)],
        processes: usize,
    ) -> anyhow::Result<Server> {
        if let Some(url) = &self.url {
            await_answer(url, None).await?;
            return Ok(Server {
                url: url.clone(),
                description: url.clone(),
                others: Vec::new(),
                processes: self.pid.clone(),
                children: Vec::new(),
                start: None,
            });
        }
        let binary = fs::canonicalize(&self.binary)
            .with_context(|| format!("{} (`cargo build --release`)", self.binary.display()))?;
        let mut start = Start {
            binary,
            database: (self.database != "sqlite").then(|| self.database.clone()),
            folder: TempDir::new()?,
            environment: vec![
                ("STOCKGRAPH_DEMO__SEED".into(), "true".into()),
                ("STOCKGRAPH_LOG__FILTER".into(), "warn".into()),
            ],
        };
        let settings = settings.iter();
        start
            .environment
            .extend(settings.map(|(name, value)| ((*name).into(), (*value).into())));
        let mut others = Vec::new();
        let (url, children) = match self.shape {
            Shape::AllInOne => {
                let (url, mut children) = start.all_in_one().await?;
                for number in 1..processes {
                    let name = format!("all-in-one-{number}");
                    let (url, child) = start.process(&name, &["serve"]).await?;
                    others.push(url);
                    children.push(child);
                }
                (url, children)
            }
            Shape::Http => start.over_http().await?,
        };
        Ok(Server {
            url,
            others,
            description: self.description(),
            processes: children.iter().filter_map(Child::id).collect(),
            children,
            start: Some(start),
        })
    }

    fn description(&self) -> String {
        let engine = if self.database == "sqlite" {
            "SQLite"
        } else {
            "PostgreSQL"
        };
        match self.shape {
            Shape::AllInOne => format!("one process, {engine}"),
            Shape::Http => format!("a process for each subgraph and the router, {engine}"),
        }
    }
}

impl Server {
    /// Its GraphQL endpoint.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The endpoints of all processes that serve everything.
    pub fn urls(&self) -> Vec<&str> {
        let others = self.others.iter().map(String::as_str);
        std::iter::once(self.url()).chain(others).collect()
    }

    /// Makes sure with `stockgraph verify` that every rule holds on its databases.
    ///
    /// # Errors
    ///
    /// One does not; or the server was not started here, so that its databases are not known.
    pub async fn verify(&self) -> anyhow::Result<()> {
        let start = self.start.as_ref();
        let start = start.context("only what was started here can be verified")?;
        let output = start.command(&["verify"]).output().await?;
        anyhow::ensure!(
            output.status.success(),
            "stockgraph verify: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    }

    /// The id of the process that clients talk to: of the router, where it has one of its own.
    pub fn router(&self) -> &[u32] {
        let last = self.processes.len().saturating_sub(1);
        &self.processes[last..]
    }

    /// Its shape, for the report.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The ids of its processes, as far as they are known.
    pub fn processes(&self) -> &[u32] {
        &self.processes
    }

    /// What its processes have logged.
    pub fn log(&self) -> String {
        self.start
            .as_ref()
            .map_or_else(String::new, |start| logs(start.folder.path()))
    }

    /// Ends what was started here and removes its data.
    ///
    /// # Errors
    ///
    /// A process cannot be ended.
    pub async fn end(mut self) -> anyhow::Result<()> {
        for child in self.children.iter_mut().rev() {
            end(child).await?;
        }
        Ok(())
    }
}

/// What all processes of a server have in common.
struct Start {
    binary: PathBuf,
    database: Option<String>,
    folder: TempDir,
    environment: Vec<(String, String)>,
}

impl Start {
    async fn all_in_one(&mut self) -> anyhow::Result<(String, Vec<Child>)> {
        let (url, child) = self.process("all-in-one", &["serve"]).await?;
        Ok((url, vec![child]))
    }

    async fn over_http(&mut self) -> anyhow::Result<(String, Vec<Child>)> {
        // Only the process that knows all subgraphs can fill the demo shop.
        let (_, mut child) = self.process("demo", &["serve"]).await?;
        end(&mut child).await?;
        let mut children = Vec::new();
        for subgraph in SUBGRAPHS {
            let (url, child) = self.process(subgraph, &["subgraph", subgraph]).await?;
            let variable = format!("STOCKGRAPH_SUBGRAPHS__{}", subgraph.to_uppercase());
            self.environment.push((variable, url));
            children.push(child);
        }
        let (url, child) = self.process("router", &["router"]).await?;
        children.push(child);
        Ok((url, children))
    }

    fn command(&self, command: &[&str]) -> Command {
        let mut process = Command::new(&self.binary);
        process
            .args(command)
            .arg("--data-dir")
            .arg(self.folder.path().join("data"))
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .kill_on_drop(true);
        if let Some(database) = &self.database {
            process.args(["--database", database]);
        }
        process
    }

    /// Starts a process and waits until it answers.
    async fn process(&self, name: &str, command: &[&str]) -> anyhow::Result<(String, Child)> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let log = File::create(self.folder.path().join(format!("{name}.log")))?;
        let mut process = self.command(command);
        process
            .args(["--listen", &address.to_string()])
            .stdout(log.try_clone()?)
            .stderr(log);
        let mut child = process.spawn().context("the binary does not start")?;
        let url = format!("http://{address}/graphql");
        if let Err(cause) = await_answer(&url, Some(&mut child)).await {
            eprint!("{}", logs(self.folder.path()));
            return Err(cause.context(format!("{name} does not answer")));
        }
        Ok((url, child))
    }
}

async fn await_answer(url: &str, mut child: Option<&mut Child>) -> anyhow::Result<()> {
    let graph = Graph::new(url)?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        let Err(cause) = graph.execute("{ __typename }", json!({})).await else {
            return Ok(());
        };
        if let Some(child) = child.as_deref_mut()
            && let Some(status) = child.try_wait()?
        {
            anyhow::bail!("it ended with {status}");
        }
        if child.is_none() || Instant::now() > deadline {
            return Err(cause);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Asks the process to end, and ends it where it does not.
async fn end(child: &mut Child) -> anyhow::Result<()> {
    if let Some(process) = child.id() {
        Command::new("kill")
            .arg(process.to_string())
            .status()
            .await?;
        if tokio::time::timeout(Duration::from_secs(10), child.wait())
            .await
            .is_err()
        {
            child.kill().await?;
        }
    }
    Ok(())
}

/// The last of each log in the folder.
fn logs(folder: &Path) -> String {
    const MOST: usize = 4_000;
    let mut text = String::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|extension| extension == "log") {
            let log = fs::read_to_string(&path).unwrap_or_default();
            let begin = log.ceil_char_boundary(log.len().saturating_sub(MOST));
            text.push_str(&format!("--- {}\n{}", path.display(), &log[begin..]));
        }
    }
    text
}
