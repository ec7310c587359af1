//! Sends requests over a number of connections for a time, and takes the time of each.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use clap::Args;

use crate::{cpu::CpuTime, server::Server};

/// How much load.
#[derive(Args)]
pub struct LoadOptions {
    /// Requests at a time, each on a connection of its own [default: 50 for query, 64 for checkout]
    #[arg(long, global = true, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub connections: Option<u16>,
    /// How long is measured, in seconds
    #[arg(long, global = true, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=600))]
    pub seconds: u16,
    /// How long the same load runs before, unmeasured, in seconds
    #[arg(long, global = true, default_value_t = 2, value_parser = clap::value_parser!(u16).range(0..=60))]
    pub warm_up: u16,
    /// Most requests in all, the warm-up's among them
    #[arg(long, global = true, default_value_t = 5_000_000, value_parser = clap::value_parser!(u64).range(1..=20_000_000))]
    pub requests: u64,
}

/// What is sent, and how its answer is known to be right.
pub trait Load: Send + Sync + 'static {
    /// Sends request `number`, counted from 0 over all connections, on `connection`.
    fn send(
        &self,
        connection: usize,
        number: u64,
    ) -> impl Future<Output = anyhow::Result<()>> + Send;
}

/// What came of it.
pub struct Measured {
    /// Which load, for the report.
    pub what: String,
    /// Requests at a time.
    pub connections: usize,
    /// From the first measured request to the answer of the last.
    pub elapsed: Duration,
    /// How long each request took that was answered rightly, in microseconds, the quickest first.
    pub latencies: Vec<u32>,
    /// Why the others failed, and how many of each.
    pub errors: BTreeMap<String, u64>,
    /// All requests that were answered rightly, the warm-up's among them.
    pub succeeded: u64,
    /// What the server's processes used meanwhile; `None` where that cannot be known.
    pub cpu: Option<Duration>,
}

/// As many kinds of errors are told apart.
const KINDS_OF_ERRORS: usize = 10;

#[derive(Default)]
struct Connection {
    latencies: Vec<u32>,
    errors: BTreeMap<String, u64>,
    succeeded: u64,
    last_answer: Option<Instant>,
}

/// Runs the load.
///
/// # Errors
///
/// A connection's task failed, which is a fault of this program.
pub async fn run(
    load: impl Load,
    what: String,
    connections: usize,
    options: &LoadOptions,
    server: &Server,
) -> anyhow::Result<Measured> {
    let begin = Instant::now() + Duration::from_secs(options.warm_up.into());
    let end = begin + Duration::from_secs(options.seconds.into());
    let load = Arc::new(load);
    let sent = Arc::new(AtomicU64::new(0));
    let most = options.requests;
    let tasks: Vec<_> = (0..connections)
        .map(|number| {
            let (load, sent) = (Arc::clone(&load), Arc::clone(&sent));
            tokio::spawn(async move { connection(&*load, number, &sent, most, begin, end).await })
        })
        .collect();
    tokio::time::sleep_until(begin.into()).await;
    let cpu_before = CpuTime::of(server.processes());
    let mut all = Connection::default();
    for task in tasks {
        let connection = task.await?;
        all.latencies.extend(connection.latencies);
        all.succeeded += connection.succeeded;
        all.last_answer = all.last_answer.max(connection.last_answer);
        for (error, times) in connection.errors {
            *all.errors.entry(error).or_default() += times;
        }
    }
    let cpu_after = CpuTime::of(server.processes());
    all.latencies.sort_unstable();
    Ok(Measured {
        what,
        connections,
        elapsed: all
            .last_answer
            .map_or(Duration::ZERO, |last| last.duration_since(begin)),
        latencies: all.latencies,
        errors: all.errors,
        succeeded: all.succeeded,
        cpu: cpu_after
            .zip(cpu_before)
            .map(|(after, before)| after.since(before)),
    })
}

async fn connection(
    load: &impl Load,
    number: usize,
    sent: &AtomicU64,
    most: u64,
    begin: Instant,
    end: Instant,
) -> Connection {
    let mut connection = Connection::default();
    loop {
        let start = Instant::now();
        let request = sent.fetch_add(1, Ordering::Relaxed);
        if start >= end || request >= most {
            return connection;
        }
        let answer = load.send(number, request).await;
        let now = Instant::now();
        let measured = start >= begin;
        if measured {
            connection.last_answer = Some(now);
        }
        match answer {
            Ok(()) => {
                connection.succeeded += 1;
                if measured {
                    let taken = now.duration_since(start).as_micros();
                    connection
                        .latencies
                        .push(taken.try_into().unwrap_or(u32::MAX));
                }
            }
            Err(error) => connection.failed(&error),
        }
    }
}

impl Connection {
    fn failed(&mut self, error: &anyhow::Error) {
        let mut text: String = format!("{error:#}").chars().take(160).collect();
        if self.errors.len() >= KINDS_OF_ERRORS && !self.errors.contains_key(&text) {
            text = "other errors".into();
        }
        *self.errors.entry(text).or_default() += 1;
    }
}
