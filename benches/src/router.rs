//! What the router takes: its parts by themselves, then the same graph in one process and as a router over HTTP.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use anyhow::ensure;
use clap::Args;
use serde_json::{Value, json};
use stockgraph_bench::overhead::{Overhead, QUERY, QUERY_OF_THREE};

use crate::{
    graph::Graph,
    load::{self, LoadOptions, Measured},
    loads::query::Query,
    report,
    server::{ServerOptions, Shape},
};

/// Who may read the customers.
const ADMIN: (&str, &str) = ("admin@example.com", "password123");

/// Nothing of its own.
#[derive(Args)]
pub struct RouterOptions {}

/// Measures it.
///
/// # Errors
///
/// A server cannot be started, or a request was not answered rightly.
pub async fn run(
    _: RouterOptions,
    server: &ServerOptions,
    load: &LoadOptions,
) -> anyhow::Result<()> {
    ensure!(
        !server.is_elsewhere(),
        "the shapes of the graph are measured in turn, so the servers are started here"
    );
    let request = parts().await?;
    for (shape, query, what) in [
        (Shape::AllInOne, QUERY, "two subgraphs in process"),
        (Shape::Http, QUERY_OF_THREE, "three subgraphs over HTTP"),
    ] {
        println!();
        let measured = whole(&server.in_shape(shape), load, query, what).await?;
        if shape == Shape::AllInOne {
            in_proportion(request, &measured);
        }
    }
    Ok(())
}

/// As many times each part is run, after half as many to warm up.
const TIMES: u64 = 4_000;
/// Planning takes a thousand times as long as finding a plan.
const TIMES_COLD: u64 = 200;

/// Prints what each part takes by itself; the time of a request whose plan is kept.
async fn parts() -> anyhow::Result<Duration> {
    let shop = Overhead::of_the_shop().await?;
    let whole = Overhead::of_one_subgraph(20).await?;
    let empty = Overhead::of_one_subgraph(0).await?;
    let sync = |part: fn(&Overhead), times| {
        for _ in 0..times / 2 {
            part(&shop);
        }
        let begin = Instant::now();
        for _ in 0..times {
            part(&shop);
        }
        begin.elapsed() / u32::try_from(times).unwrap_or(u32::MAX)
    };
    let parse = sync(Overhead::parse_and_validate, TIMES_COLD);
    let cold = sync(Overhead::plan_cold, TIMES_COLD);
    let cost = sync(|it| _ = it.cost(), TIMES);
    let find = timed(|times| {
        let shop = &shop;
        async move {
            let begin = Instant::now();
            for _ in 0..times {
                shop.find_plan().await;
            }
            begin.elapsed()
        }
    })
    .await;
    let run = timed(|times| shop.run(times)).await;
    let project = timed(|times| whole.run(times)).await;
    let project = project.saturating_sub(timed(|times| empty.run(times)).await);
    let request = timed(|times| shop.request(times)).await;

    println!("parts        20 products of two subgraphs, whose answers are there beforehand");
    for (part, took) in [
        ("parse, guard, validate", parse),
        ("plan, cold", cold.saturating_sub(parse)),
        ("plan, kept", find),
        ("cost", cost),
        ("execute", run.saturating_sub(project)),
        ("project", project),
        ("request, plan kept", request),
    ] {
        let share = took.as_secs_f64() / request.as_secs_f64();
        println!(
            "             {part:24} {:>9.2} µs, {:.1} % of a request",
            took.as_secs_f64() * 1e6,
            share * 100.0
        );
    }
    Ok(request)
}

/// The mean of a part that takes its own time.
async fn timed<F: Future<Output = Duration>>(part: impl Fn(u64) -> F) -> Duration {
    part(TIMES / 2).await;
    part(TIMES).await / u32::try_from(TIMES).unwrap_or(u32::MAX)
}

async fn whole(
    server: &ServerOptions,
    load: &LoadOptions,
    query: &str,
    what: &str,
) -> anyhow::Result<Measured> {
    let server = server.provide().await?;
    let graph = Graph::new(server.url())?;
    let graph = graph.log_in(ADMIN.0, ADMIN.1).await?;
    let data = graph.execute(query, json!({})).await?;
    let products = data["products"]["nodes"].as_array().map_or(0, Vec::len);
    let is_complete = data.get("users").is_none_or(|users| {
        let first: &Value = &users["nodes"][0]["email"];
        first.is_string()
    });
    ensure!(products == 20 && is_complete, "the graph answers {data}");

    let connections = load.connections_or(50);
    let sent = Query::asking(graph, query);
    let measured = load::run(sent, what.to_owned(), connections, load, server.router()).await;
    if measured.is_err() {
        eprint!("{}", server.log());
    }
    let measured = measured?;
    report::print(&measured, load, server.description());
    if let Some(cpu) = measured.cpu {
        let thousands = measured.latencies.len() as f64 / 1000.0;
        println!(
            "router       {:.0} ms of CPU per 1,000 requests, of the process that clients talk to",
            cpu.as_secs_f64() * 1000.0 / thousands.max(f64::MIN_POSITIVE)
        );
    }
    measured.without_errors()?;
    server.end().await?;
    Ok(measured)
}

/// How much of the CPU time of one process is the router's.
fn in_proportion(request: Duration, measured: &Measured) {
    if let Some(cpu) = measured.cpu {
        let each = cpu.as_secs_f64() / measured.latencies.len().max(1) as f64;
        println!(
            "             of it the router, without HTTP: {:.1} %",
            request.as_secs_f64() / each * 100.0
        );
    }
}
