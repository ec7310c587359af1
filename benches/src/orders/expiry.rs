//! Very many orders fall due at once, while two processes look for overdue orders and customers go on buying.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use chrono::TimeDelta;
use clap::Args;
use stockgraph_kit::{
    clock::Clock,
    id::{Id, ProductId, UserId},
};
use tokio::{
    sync::watch,
    time::{sleep, sleep_until},
};

use super::{SETTINGS, overdue::Overdue, postgres};
use crate::{
    graph::Graph,
    load::{Latencies, LoadOptions},
    loads::checkout::Shop,
    pace::{self, Sent},
    report::percentile,
    server::{Server, ServerOptions},
};

/// How many, and what goes on meanwhile.
#[derive(Args)]
pub struct ExpiryOptions {
    /// How many orders fall due
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..=500_000))]
    orders: u32,
    /// How many products they and the checkouts are spread over
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u16).range(1..=5_000))]
    products: u16,
    /// Checkouts a second, before and meanwhile
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rate: u32,
    /// The longest that it may take, in seconds
    #[arg(long, default_value_t = 3_600, value_parser = clap::value_parser!(u64).range(1..=36_000))]
    at_most: u64,
}

const PROCESSES: usize = 2;
const CUSTOMERS: u16 = 16;
/// How often it is looked whether all is done.
const LOOK: Duration = Duration::from_millis(250);
/// How many orders a second are given another due time, at the least; what is left of the time is waited for.
const DUE_PER_SECOND: i64 = 2_000;

/// When what came about.
struct Moments {
    due: Instant,
    expired: Instant,
    back: Instant,
}

/// Measures it.
///
/// # Errors
///
/// The server or a database is not to be had, a checkout failed, or not every order expired once.
pub async fn run(
    options: &ExpiryOptions,
    server: &ServerOptions,
    load: &LoadOptions,
) -> anyhow::Result<()> {
    let database = server.database();
    let server = server.provide_with(&SETTINGS, PROCESSES).await?;
    let measured = measure(options, database, &server, load).await;
    if measured.is_err() {
        eprint!("{}", server.log());
    }
    measured?;
    server.end().await
}

async fn measure(
    options: &ExpiryOptions,
    database: &str,
    server: &Server,
    load: &LoadOptions,
) -> anyhow::Result<()> {
    let clock = Clock::system();
    let mut shop = Shop::open(&Graph::new(server.url())?, options.products, CUSTOMERS).await?;
    let mut overdue = overdue(options, database, &shop, &clock).await?;
    let begin = Instant::now();
    overdue.write().await?;
    println!(
        "generated    {} orders with their holds in {:.1} s",
        options.orders,
        begin.elapsed().as_secs_f64()
    );
    server.verify().await?;
    // Before the load begins: the change of so many rows is no part of what is measured.
    let before = Duration::from_secs((load.warm_up + load.seconds).into());
    let wait = TimeDelta::seconds(5 + i64::from(options.orders) / DUE_PER_SECOND);
    let due_at = clock.now() + wait + TimeDelta::from_std(before)?;
    overdue.fall_due_at(due_at).await?;
    let left = (due_at - clock.now()).to_std().unwrap_or_default();
    let due = Instant::now() + left;
    ensure!(
        left >= before,
        "the orders fall due before the load has begun"
    );
    sleep_until((due - before).into()).await;

    // The customers are spread over the processes.
    for (customer, url) in shop
        .customers
        .iter_mut()
        .zip(server.urls().into_iter().cycle())
    {
        *customer = customer.at(url);
    }
    let checkouts = Arc::new(shop.checkouts(options.products.into()));
    let (stop, stopped) = watch::channel(false);
    let sending = tokio::spawn(pace::run(checkouts, options.rate, stopped));
    let moments = await_all(&overdue, due, Duration::from_secs(options.at_most)).await;
    stop.send_replace(true);
    let sent = sending.await?.context("checkouts failed")?;
    print(options, server, load, &sent, &moments?);

    overdue.check().await?;
    let (reserved, placed) = (overdue.reserved().await?, sent.len());
    ensure!(
        reserved == placed as u64,
        "{placed} checkouts were answered, but {reserved} units are reserved"
    );
    overdue.end().await?;
    server.verify().await?;
    println!(
        "Each order expired once, {reserved} units are reserved for {placed} open checkouts, and every rule holds."
    );
    Ok(())
}

async fn overdue(
    options: &ExpiryOptions,
    database: &str,
    shop: &Shop,
    clock: &Clock,
) -> anyhow::Result<Overdue> {
    let databases = [
        postgres::connect(database, "orders").await?,
        postgres::connect(database, "warehouses").await?,
    ];
    let products = shop.products.iter().map(|id| ProductId::parse(id));
    let products = products.collect::<Result<Vec<_>, _>>()?;
    let mut customers = Vec::new();
    for customer in &shop.customers {
        let data = customer
            .execute("{ me { id } }", serde_json::json!({}))
            .await?;
        let id = data["me"]["id"].as_str().context("a customer has an id")?;
        customers.push(UserId::parse(id)?);
    }
    let now = clock.now();
    let far = now + TimeDelta::days(2);
    Ok(Overdue::new(
        databases,
        options.orders,
        [now, far],
        &products,
        &customers,
    ))
}

async fn await_all(overdue: &Overdue, due: Instant, at_most: Duration) -> anyhow::Result<Moments> {
    sleep_until(due.into()).await;
    let mut expired = None;
    loop {
        let progress = overdue.progress().await?;
        let now = Instant::now();
        if progress.all_expired {
            expired.get_or_insert(now);
        }
        if let Some(expired) = expired
            && progress.all_back
        {
            return Ok(Moments {
                due,
                expired,
                back: now,
            });
        }
        ensure!(
            due.elapsed() < at_most,
            "it takes longer than {} s",
            at_most.as_secs()
        );
        sleep(LOOK).await;
    }
}

fn print(
    options: &ExpiryOptions,
    server: &Server,
    load: &LoadOptions,
    sent: &[Sent],
    moments: &Moments,
) {
    let begin = moments.due - Duration::from_secs(load.seconds.into());
    let before = pace::between(sent, begin, moments.due);
    let during = pace::between(sent, moments.due, moments.back);
    let since_due = |moment: Instant| (moment - moments.due).as_secs_f64();
    println!(
        "on           {PROCESSES} processes, each {}",
        server.description()
    );
    println!(
        "how          {} checkouts a second as they are due, over {} products; latencies count from then",
        options.rate, options.products
    );
    println!("orders       {}", options.orders);
    println!("expired      after {:.1} s", since_due(moments.expired));
    println!(
        "stock back   after {:.1} s, {:.0} orders a second",
        since_due(moments.back),
        f64::from(options.orders) / since_due(moments.back).max(1e-9)
    );
    for (when, latencies) in [("before", &before), ("during", &during)] {
        println!(
            "{when:12} {} checkouts, p50 {}, p99 {}, longest {} ms",
            latencies.len(),
            percentile(latencies, 50.0),
            percentile(latencies, 99.0),
            percentile(latencies, 100.0),
        );
    }
    println!(
        "ratio        p50 {:.2}, p99 {:.2}",
        ratio(&during, &before, 50.0),
        ratio(&during, &before, 99.0)
    );
}

fn ratio(during: &Latencies, before: &Latencies, per_cent: f64) -> f64 {
    during.value_at_percentile(per_cent) as f64 / before.value_at_percentile(per_cent).max(1) as f64
}
