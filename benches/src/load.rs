//! Sends requests for a time, and takes the time of each: over a number of connections, each as fast as it is answered, or at a
//! given pace, whatever the answers do.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use clap::Args;
use hdrhistogram::Histogram;
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval, sleep_until},
};

use crate::process::{self, CpuTime};

/// How much load.
#[derive(Args)]
pub struct LoadOptions {
    /// Requests at a time, each on a connection of its own [default: 50 for query, 64 for the others]
    #[arg(long, global = true, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub connections: Option<u16>,
    /// How long is measured, in seconds
    #[arg(long, global = true, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub seconds: u16,
    /// How long the same load runs before, unmeasured, in seconds
    #[arg(long, global = true, default_value_t = 2, value_parser = clap::value_parser!(u16).range(0..=60))]
    pub warm_up: u16,
    /// Most requests in all, the warm-up's among them
    #[arg(long, global = true, default_value_t = 20_000_000, value_parser = clap::value_parser!(u64).range(1..=200_000_000))]
    pub requests: u64,
}

impl LoadOptions {
    /// Requests at a time, where nothing else is said.
    pub fn connections_or(&self, default: u16) -> usize {
        self.connections.unwrap_or(default).into()
    }
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
    /// Requests at a time, or so many a second.
    pub how: String,
    /// From the first measured request to the answer of the last.
    pub elapsed: Duration,
    /// How long each measured request took that was answered rightly, in microseconds.
    pub latencies: Latencies,
    /// Why the others failed, and how many of each.
    pub errors: BTreeMap<String, u64>,
    /// All requests that were answered rightly, the warm-up's among them.
    pub succeeded: u64,
    /// What the measured processes used meanwhile; `None` where that cannot be known.
    pub cpu: Option<Duration>,
    /// What memory they had; empty where that cannot be known.
    pub memory: Memory,
}

impl Measured {
    /// Makes sure that every request was answered rightly.
    ///
    /// # Errors
    ///
    /// Tells what failed first in the alphabet, and how often.
    pub fn without_errors(&self) -> anyhow::Result<()> {
        match self.errors.first_key_value() {
            None => Ok(()),
            Some((error, times)) => anyhow::bail!("{}: {times} failed: {error}", self.what),
        }
    }

    /// Requests that were answered rightly, in a second.
    pub fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }
}

/// Latencies in microseconds, to three digits, in a memory that does not grow with their number.
pub type Latencies = Histogram<u64>;

/// None yet.
pub fn no_latencies() -> Latencies {
    // Up to an hour; whatever takes longer counts as an hour.
    Histogram::new_with_max(3_600_000_000, 3).expect("three digits are between none and five")
}

/// The resident memory of the measured processes, in KiB, at so many seconds since the measuring began.
#[derive(Clone, Default)]
pub struct Memory(pub Vec<(u64, u64)>);

/// As many kinds of errors are told apart.
const KINDS_OF_ERRORS: usize = 10;

struct Connection {
    latencies: Latencies,
    errors: BTreeMap<String, u64>,
    succeeded: u64,
    last_answer: Option<Instant>,
}

/// What all requests of a run have in common.
struct Run<L> {
    load: L,
    sent: AtomicU64,
    most: u64,
    begin: Instant,
    end: Instant,
}

/// Runs the load over so many connections. `processes` are those whose use of the machine is measured.
///
/// # Errors
///
/// A connection's task failed, which is a fault of this program.
pub async fn run(
    load: impl Load,
    what: String,
    connections: usize,
    options: &LoadOptions,
    processes: &[u32],
) -> anyhow::Result<Measured> {
    let run = Arc::new(Run::new(load, options));
    let mut tasks = JoinSet::new();
    for number in 0..connections {
        let run = Arc::clone(&run);
        tasks.spawn(async move { run.connection(number).await });
    }
    let how = format!("{connections} connections");
    collect(tasks, what, how, &run, processes).await
}

/// Sends `rate` requests a second, each at its time, whether or not those before it are answered; a request's latency counts from
/// the moment at which it was due.
///
/// # Errors
///
/// A request's task failed, which is a fault of this program.
pub async fn at_pace(
    load: impl Load,
    what: String,
    rate: u32,
    options: &LoadOptions,
    processes: &[u32],
) -> anyhow::Result<Measured> {
    let run = Arc::new(Run::new(load, options));
    let mut tasks = JoinSet::new();
    let pacing = Arc::clone(&run);
    tasks.spawn(async move { pacing.at_pace(rate).await });
    let how = format!("{rate} requests a second, as they are due");
    collect(tasks, what, how, &run, processes).await
}

async fn collect<L: Load>(
    mut tasks: JoinSet<Connection>,
    what: String,
    how: String,
    run: &Run<L>,
    processes: &[u32],
) -> anyhow::Result<Measured> {
    sleep_until(run.begin.into()).await;
    let cpu_before = CpuTime::of(processes);
    let mut memory = Memory::default();
    let mut samples = interval(Duration::from_secs(1));
    samples.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut all = Connection::new();
    loop {
        tokio::select! {
            task = tasks.join_next() => match task {
                Some(connection) => all.add(connection?),
                None => break,
            },
            _ = samples.tick() => {
                if let Some(resident) = process::resident(processes) {
                    memory.0.push((run.begin.elapsed().as_secs(), resident));
                }
            }
        }
    }
    let cpu_after = CpuTime::of(processes);
    Ok(Measured {
        what,
        how,
        elapsed: all
            .last_answer
            .map_or(Duration::ZERO, |last| last.duration_since(run.begin)),
        latencies: all.latencies,
        errors: all.errors,
        succeeded: all.succeeded,
        cpu: cpu_after
            .zip(cpu_before)
            .map(|(after, before)| after.since(before)),
        memory,
    })
}

impl<L: Load> Run<L> {
    fn new(load: L, options: &LoadOptions) -> Self {
        let begin = Instant::now() + Duration::from_secs(options.warm_up.into());
        Self {
            load,
            sent: AtomicU64::new(0),
            most: options.requests,
            begin,
            end: begin + Duration::from_secs(options.seconds.into()),
        }
    }

    /// The number of the next request; none when there are to be no more.
    fn next(&self) -> Option<u64> {
        let request = self.sent.fetch_add(1, Ordering::Relaxed);
        (request < self.most).then_some(request)
    }

    async fn connection(&self, number: usize) -> Connection {
        let mut connection = Connection::new();
        loop {
            let start = Instant::now();
            if start >= self.end {
                return connection;
            }
            let Some(request) = self.next() else {
                return connection;
            };
            let answer = self.load.send(number, request).await;
            connection.note(answer, start, start >= self.begin);
        }
    }

    async fn at_pace(self: Arc<Self>, rate: u32) -> Connection {
        let mut all = Connection::new();
        let mut under_way = JoinSet::new();
        let mut due = Instant::now();
        while due < self.end {
            sleep_until(due.into()).await;
            let Some(request) = self.next() else {
                break;
            };
            let run = Arc::clone(&self);
            under_way.spawn(async move {
                let mut one = One::due(due, due >= run.begin);
                one.answer = run.load.send(request as usize, request).await;
                one.answered = Instant::now();
                one
            });
            while let Some(one) = under_way.try_join_next() {
                all.note_one(one);
            }
            due += Duration::from_secs(1) / rate;
        }
        while let Some(one) = under_way.join_next().await {
            all.note_one(one);
        }
        all
    }
}

/// One request that was due at its time.
struct One {
    due: Instant,
    is_measured: bool,
    answered: Instant,
    answer: anyhow::Result<()>,
}

impl One {
    const fn due(due: Instant, is_measured: bool) -> Self {
        Self {
            due,
            is_measured,
            answered: due,
            answer: Ok(()),
        }
    }
}

impl Connection {
    fn new() -> Self {
        Self {
            latencies: no_latencies(),
            errors: BTreeMap::new(),
            succeeded: 0,
            last_answer: None,
        }
    }

    fn note(&mut self, answer: anyhow::Result<()>, start: Instant, is_measured: bool) {
        self.note_at(answer, start, Instant::now(), is_measured);
    }

    fn note_one(&mut self, one: Result<One, tokio::task::JoinError>) {
        match one {
            Ok(one) => self.note_at(one.answer, one.due, one.answered, one.is_measured),
            Err(error) => self.failed(&error.into()),
        }
    }

    fn note_at(
        &mut self,
        answer: anyhow::Result<()>,
        start: Instant,
        now: Instant,
        is_measured: bool,
    ) {
        if is_measured {
            self.last_answer = self.last_answer.max(Some(now));
        }
        match answer {
            Ok(()) => {
                self.succeeded += 1;
                if is_measured {
                    let micros = now.saturating_duration_since(start).as_micros();
                    let micros = u64::try_from(micros).unwrap_or(u64::MAX);
                    self.latencies.saturating_record(micros);
                }
            }
            Err(error) => self.failed(&error),
        }
    }

    fn failed(&mut self, error: &anyhow::Error) {
        let mut text: String = format!("{error:#}").chars().take(160).collect();
        if self.errors.len() >= KINDS_OF_ERRORS && !self.errors.contains_key(&text) {
            text = "other errors".into();
        }
        *self.errors.entry(text).or_default() += 1;
    }

    fn add(&mut self, other: Self) {
        self.latencies += other.latencies;
        self.succeeded += other.succeeded;
        self.last_answer = self.last_answer.max(other.last_answer);
        for (error, times) in other.errors {
            *self.errors.entry(error).or_default() += times;
        }
    }
}
