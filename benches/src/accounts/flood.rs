//! A flood of log-ins with a wrong password from one address, while others use the shop and the account's owner signs in from elsewhere.
//!
//! Everybody has an address of their own on the loopback, which Linux gives without being asked: 127.0.0.0/8 is this machine.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use clap::Args;
use serde_json::{Value, json};
use tokio::{
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::sleep,
};

use crate::{
    graph::Graph,
    load::{Load, LoadOptions},
    loads::query::Query,
    pace::{self, Sent},
    process::CpuTime,
    report::percentile,
    server::{Server, ServerOptions},
};

const ATTACKER: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
const OTHERS: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 3));
const OWNER: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 4));

/// The account that is attacked, one of the demo's, and its password.
const ACCOUNT: (&str, &str) = ("user1@example.com", "password123");

/// How large the flood is.
#[derive(Args)]
pub struct FloodOptions {
    /// Log-ins with a wrong password
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    attempts: u64,
    /// Queries of the others in a second
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    queries: u32,
    /// Log-ins of the owner in a second
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=20))]
    log_ins: u32,
}

/// The owner of the account, who signs in again and again.
struct Owner(Graph);

impl Load for Owner {
    async fn send(&self, _: usize, _: u64) -> anyhow::Result<()> {
        self.0.log_in(ACCOUNT.0, ACCOUNT.1).await.map(drop)
    }
}

pub(super) async fn run(
    options: &FloodOptions,
    server: &ServerOptions,
    load: &LoadOptions,
) -> anyhow::Result<()> {
    let server = server.provide().await?;
    let measured = measure(options, &server, load).await;
    if measured.is_err() {
        eprint!("{}", server.log());
    }
    measured?;
    server.end().await
}

async fn measure(
    options: &FloodOptions,
    server: &Server,
    load: &LoadOptions,
) -> anyhow::Result<()> {
    let graph = |address| Graph::from_address(server.url(), address);
    let (stop, stopped) = watch::channel(false);
    let others = paced(Query::new(graph(OTHERS)?), options.queries, stopped.clone());
    let owner = paced(Owner(graph(OWNER)?), options.log_ins, stopped);
    sleep(Duration::from_secs(load.warm_up.into())).await;
    let calm = Instant::now();
    sleep(Duration::from_secs(load.seconds.into())).await;

    let begin = Instant::now();
    let cpu = CpuTime::of(server.processes());
    let connections = load.connections_or(64);
    let answers = flood(graph(ATTACKER)?, options.attempts, connections).await?;
    let end = Instant::now();
    let cpu = CpuTime::of(server.processes()).zip(cpu);
    stop.send(true).context("nobody is left to be stopped")?;

    println!("on           {}", server.description());
    let seconds = (end - begin).as_secs_f64();
    let rate = options.attempts as f64 / seconds;
    println!(
        "flood        {} wrong log-ins on {connections} connections, {seconds:.1} s, {rate:.0} per second",
        options.attempts
    );
    for (answer, times) in &answers {
        println!("             {times} × {answer}");
    }
    if let Some((after, before)) = cpu {
        let used = after.since(before).as_secs_f64();
        println!(
            "CPU          {:.3} ms per attempt, all else included",
            used * 1000.0 / options.attempts as f64
        );
    }
    for (who, sent) in [("others", others.await??), ("owner", owner.await??)] {
        let before = pace::between(&sent, calm, begin);
        let meanwhile = pace::between(&sent, begin, end);
        let told = |latencies| {
            let of = |per_cent| percentile(latencies, per_cent);
            format!("p50 {}, p95 {}, p99 {} ms", of(50.0), of(95.0), of(99.0))
        };
        println!("{who:12} {} before: {}", before.len(), told(&before));
        println!(
            "             {} meanwhile: {}",
            meanwhile.len(),
            told(&meanwhile)
        );
    }
    let checked = answers.get("InvalidCredentials").copied().unwrap_or(0);
    ensure!(
        checked < options.attempts / 10,
        "{checked} guesses were checked"
    );
    Ok(())
}

fn paced(
    load: impl Load,
    rate: u32,
    stopped: watch::Receiver<bool>,
) -> JoinHandle<anyhow::Result<Vec<Sent>>> {
    tokio::spawn(pace::run(Arc::new(load), rate, stopped))
}

/// Sends so many wrong log-ins as fast as they are answered; how often each answer came.
async fn flood(
    graph: Graph,
    attempts: u64,
    connections: usize,
) -> anyhow::Result<BTreeMap<String, u64>> {
    let next = Arc::new(AtomicU64::new(0));
    let mut tasks = JoinSet::new();
    for _ in 0..connections {
        let (graph, next) = (graph.clone(), Arc::clone(&next));
        tasks.spawn(async move {
            let mut answers: BTreeMap<String, u64> = BTreeMap::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= attempts {
                    return anyhow::Ok(answers);
                }
                *answers.entry(guess(&graph, number).await?).or_default() += 1;
            }
        });
    }
    let mut all = BTreeMap::new();
    while let Some(answers) = tasks.join_next().await {
        for (answer, times) in answers?? {
            *all.entry(answer).or_default() += times;
        }
    }
    Ok(all)
}

/// What a wrong password is answered.
async fn guess(graph: &Graph, number: u64) -> anyhow::Result<String> {
    const LOG_IN: &str = "mutation ($input: LogInInput!) { logIn(input: $input) { session { accessToken } errors { __typename } } }";
    let input = json!({ "identifier": ACCOUNT.0, "password": format!("wrong password {number}") });
    let body = json!({ "query": LOG_IN, "variables": { "input": input } });
    let answer = graph.send(body.to_string()).await?;
    let answer: Value = serde_json::from_slice(&answer)?;
    ensure!(
        answer["data"]["logIn"]["session"].is_null(),
        "signed in with a wrong password"
    );
    let error = &answer["data"]["logIn"]["errors"][0]["__typename"];
    let error = error
        .as_str()
        .or(answer["errors"][0]["extensions"]["code"].as_str());
    Ok(error.context("neither a session nor an error")?.to_owned())
}
