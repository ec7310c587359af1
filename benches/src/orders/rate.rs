//! How many checkouts a second, beside what the databases do by themselves.

use std::time::Duration;

use clap::Args;

use super::{
    SETTINGS,
    baseline::{Baseline, Rates},
    postgres,
};
use crate::{
    figures::{median, told},
    graph::Graph,
    load::{self, LoadOptions, Measured},
    loads::checkout::{self, Shop},
    process::CpuTime,
    report::percentile,
    server::{Server, ServerOptions},
};

/// How it is measured.
#[derive(Args)]
pub struct RateOptions {
    /// How many products the checkouts are spread over, beside the one hot product
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u16).range(2..=5_000))]
    products: u16,
    /// How many customers place them
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    customers: u16,
    /// How often each figure is taken, in turn with the others
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=20))]
    rounds: u8,
    /// The pgbench program
    #[arg(long, default_value = "pgbench")]
    pgbench: String,
}

/// Processor time, by who used it.
struct Used {
    server: Option<Duration>,
    postgres: Option<Duration>,
    this: Option<Duration>,
}

/// A round of the graph.
struct Checkouts {
    measured: Measured,
    used: Used,
}

impl Checkouts {
    /// Milliseconds for each checkout.
    fn each(&self, used: Option<Duration>) -> f64 {
        let checkouts = self.measured.latencies.len().max(1) as f64;
        used.map_or(f64::NAN, |used| used.as_secs_f64() * 1_000.0 / checkouts)
    }

    fn latency(&self, per_cent: f64) -> f64 {
        self.measured.latencies.value_at_percentile(per_cent) as f64 / 1_000.0
    }
}

/// The figures of one number of products, a round each.
#[derive(Default)]
struct Figures {
    baseline: Vec<Rates>,
    graph: Vec<Checkouts>,
}

impl Figures {
    fn rates(&self) -> Vec<f64> {
        self.of(|round| round.measured.per_second())
    }

    fn of(&self, figure: impl Fn(&Checkouts) -> f64) -> Vec<f64> {
        self.graph.iter().map(figure).collect()
    }

    fn baseline(&self, figure: impl Fn(&Rates) -> f64) -> Vec<f64> {
        self.baseline.iter().map(figure).collect()
    }
}

/// Whose processor time is told apart.
struct Processes<'a> {
    server: &'a Server,
    postmaster: Option<u32>,
}

impl Processes<'_> {
    fn cpu(&self) -> [Option<CpuTime>; 3] {
        [
            CpuTime::of(self.server.processes()),
            self.postmaster.and_then(CpuTime::of_family),
            CpuTime::of(&[std::process::id()]),
        ]
    }

    fn used_since(&self, before: [Option<CpuTime>; 3]) -> Used {
        let mut now = self.cpu().into_iter().zip(before);
        let mut next = || {
            let (now, before) = now.next()?;
            Some(now?.since(before?))
        };
        Used {
            server: next(),
            postgres: next(),
            this: next(),
        }
    }
}

/// Measures one hot product and many, in turn with the baseline.
///
/// # Errors
///
/// The server, a database or pgbench is not to be had, or the rules do not hold afterwards.
pub async fn run(
    options: &RateOptions,
    server: &ServerOptions,
    load: &LoadOptions,
) -> anyhow::Result<()> {
    let database = server.database();
    let server = server.provide_with(&SETTINGS, 1).await?;
    let measured = rounds(options, database, &server, load).await;
    if measured.is_err() {
        eprint!("{}", server.log());
    }
    measured?;
    server.verify().await?;
    println!("Every rule of the stock and of the orders holds.");
    server.end().await
}

async fn rounds(
    options: &RateOptions,
    database: &str,
    server: &Server,
    load: &LoadOptions,
) -> anyhow::Result<()> {
    let many = options.products;
    let orders = postgres::connect(database, "orders").await?;
    let processes = Processes {
        server,
        postmaster: postgres::postmaster(&orders).await?,
    };
    let shop = Shop::open(&Graph::new(server.url())?, many, options.customers).await?;
    let baseline = Baseline::new(
        &postgres::url_of(database, "orders"),
        many.into(),
        &options.pgbench,
    )
    .await?;
    println!("on           {}", server.description());
    println!(
        "how          {} connections, {} s each after {} s of warm-up",
        load.connections_or(64),
        load.seconds,
        load.warm_up
    );
    let mut hot = Figures::default();
    let mut spread = Figures::default();
    let mut placed = 0;
    for round in 1..=options.rounds {
        println!("round {round} of {}", options.rounds);
        for (products, figures) in [(1, &mut hot), (many, &mut spread)] {
            let rates = baseline.run(products.into(), load).await?;
            println!(
                "  {products:>6} products  baseline {:>8.0} per second: {:.0} holds, {:.0} orders; {:.0} side by side",
                rates.one_after_the_other(),
                rates.hold,
                rates.order,
                rates.side_by_side
            );
            figures.baseline.push(rates);
            let checkouts = checkouts(&shop, products, load, &processes, &mut placed).await?;
            println!(
                "  {products:>6} products  graph    {:>8.0} per second, p50 {}, p99 {} ms",
                checkouts.measured.per_second(),
                percentile(&checkouts.measured.latencies, 50.0),
                percentile(&checkouts.measured.latencies, 99.0),
            );
            figures.graph.push(checkouts);
        }
    }
    print_medians(many, &hot, &spread);
    shop.holds(placed).await?;
    baseline.end().await?;
    orders.close().await?;
    Ok(())
}

/// A round of the graph; `placed` counts its orders, the warm-up's among them.
async fn checkouts(
    shop: &Shop,
    products: u16,
    load: &LoadOptions,
    processes: &Processes<'_>,
    placed: &mut u64,
) -> anyhow::Result<Checkouts> {
    // The warm-up by itself: then the processor time is the measured checkouts' alone.
    let warm_up = LoadOptions {
        seconds: load.warm_up,
        warm_up: 0,
        ..*load
    };
    let measured = LoadOptions {
        warm_up: 0,
        ..*load
    };
    let run = async |options: &LoadOptions| {
        let checkouts = shop.checkouts(products.into());
        let connections = options.connections_or(64);
        let what = checkout::what(products);
        let measured = load::run(checkouts, what, connections, options, &[]).await?;
        measured.without_errors()?;
        anyhow::Ok(measured)
    };
    *placed += run(&warm_up).await?.succeeded;
    let before = processes.cpu();
    let measured = run(&measured).await?;
    let used = processes.used_since(before);
    *placed += measured.succeeded;
    Ok(Checkouts { measured, used })
}

fn print_medians(many: u16, hot: &Figures, spread: &Figures) {
    println!("\nmedians (least to most)");
    for (products, figures) in [(1, hot), (many, spread)] {
        let ours = figures.rates();
        let in_turn = figures.baseline(Rates::one_after_the_other);
        let beside = figures.baseline(|rates| rates.side_by_side);
        let line = |name: &str, text: &str| println!("  {products:>6} products  {name:22} {text}");
        line("graph", &told(&ours, 0));
        line("baseline", &told(&in_turn, 0));
        line("  holds", &told(&figures.baseline(|rates| rates.hold), 0));
        line("  orders", &told(&figures.baseline(|rates| rates.order), 0));
        line("baseline side by side", &told(&beside, 0));
        let [ours, in_turn, beside] = [ours, in_turn, beside].map(|rates| median(&rates));
        line("graph / baseline", &format!("{:.3}", ours / in_turn));
        line("graph / side by side", &format!("{:.3}", ours / beside));
        let stricter = if in_turn >= beside {
            "one after the other"
        } else {
            "side by side"
        };
        line("stricter baseline", stricter);
        line("p50 ms", &told(&figures.of(|round| round.latency(50.0)), 2));
        line("p99 ms", &told(&figures.of(|round| round.latency(99.0)), 2));
        for (name, used) in [
            (
                "CPU ms, server",
                figures.of(|round| round.each(round.used.server)),
            ),
            (
                "CPU ms, PostgreSQL",
                figures.of(|round| round.each(round.used.postgres)),
            ),
            (
                "CPU ms, load program",
                figures.of(|round| round.each(round.used.this)),
            ),
        ] {
            line(name, &told(&used, 3));
        }
    }
    println!(
        "  one hot product / {many} products   {:.3}",
        median(&hot.rates()) / median(&spread.rates())
    );
    println!(
        "\nThe baseline: a checkout is a hold and then an order, each a transaction in a database of its own. pgbench knows one\n\
         database, so both are measured one after the other, and 1 / (1 / holds + 1 / orders) is what all clients reach when each\n\
         does the one and then the other. Side by side: both at a time with half of the clients each, and the slower of the two.\n\
         Ratios are those of medians. CPU is per checkout."
    );
}
