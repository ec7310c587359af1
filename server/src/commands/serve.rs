//! `stockgraph` without a command: everything in this process.

use std::process::ExitCode;

use tokio_util::task::TaskTracker;

use crate::{
    config::Config,
    databases::Databases,
    demo, effects, exposure,
    foundation::{Foundation, Process},
    graph::Graph,
    http_server,
    identity::{self, RevocationSource},
    jobs, metrics,
    readiness::Readiness,
    routes,
    shutdown::Shutdown,
    webhooks,
};

/// Serves the graph until Ctrl-C or SIGTERM.
///
/// # Errors
///
/// A database cannot be opened, the port is in use, …: what a person can put right.
pub async fn run(config: Config) -> anyhow::Result<ExitCode> {
    // The port comes first: a second process on the same data must not get further than this.
    let listener = http_server::listen(config.server.listen).await?;
    let (foundation, new_key) = Foundation::of_process(&config, Process::Whole)?;
    if new_key {
        let folder = config.auth.keys_dir(&config.data_dir);
        println!("Made a signing key in {}.", folder.display());
    }
    let databases = Databases::open(&config).await?;
    let seeded = demo::seed_if_wanted(&config, &foundation, &databases).await?;
    let graph = Graph::assemble(&config, &foundation, &databases)?;

    let shutdown = Shutdown::default();
    let stop = shutdown.begun().clone();
    let tasks = TaskTracker::new();
    let users = graph.users.subgraph().users().clone();
    exposure::warn(&config.server, listener.local_addr()?, Some(&users)).await?;
    let revocations = RevocationSource::Database(Box::new(users));
    identity::keep_up(&config, &foundation, revocations, &stop, &tasks).await?;
    jobs::start(&config, &foundation, graph.router.clone(), &stop, &tasks)?;
    effects::start(&graph.orders, &foundation, &config.orders, &stop, &tasks);
    announce(&config, &listener.local_addr()?.to_string(), seeded);

    shutdown.on_signal(config.server.shutdown_delay());
    let streaming = config.router.streaming(&stop);
    let payments = &config.webhooks.payments;
    let routes = routes::of_router(
        graph.router.clone(),
        foundation.clone(),
        &config.router,
        streaming.clone(),
    )?
    .merge(webhooks::payments::routes(
        payments,
        &foundation,
        graph.orders_client(),
    ))
    .merge(metrics::routes(
        &foundation,
        Some(graph.orders.clone()),
        Some(streaming.clone()),
    ))
    .merge(
        Readiness::until(shutdown.clone())
            .with_all(&databases)
            .routes(),
    );
    let ended = streaming.ended();
    http_server::serve_to_the_end(listener, routes, &config.server, &shutdown, ended, &tasks)
        .await?;
    graph.orders.subgraph().orders().close().await;
    graph.warehouses.subgraph().warehouses().close().await;
    databases.close().await?;
    println!("Stopped.");
    Ok(ExitCode::SUCCESS)
}

fn announce(config: &Config, address: &str, seeded: bool) {
    if config.database.is_embedded() {
        println!("The databases are in {}.", config.data_dir.display());
    } else {
        println!("The databases are where the configuration says.");
    }
    if seeded {
        println!("They were empty: filled them with the demo shop.");
    }
    for (name, job) in config.jobs.iter().filter(|(_, job)| job.enabled) {
        println!("Job {name}: {}", job.schedule);
    }
    println!();
    println!("The graph is open:");
    println!("  GraphQL     http://{address}/graphql");
    if !config.webhooks.payments.secrets.is_empty() {
        println!("  Payments    http://{address}{}", webhooks::payments::PATH);
    }
    if config.router.playground {
        println!("  Playground  http://{address}/");
    }
    if seeded {
        println!();
        println!("Demo accounts, all with the password {}:", demo::PASSWORD);
        for account in demo::ACCOUNTS {
            println!(
                "  {:20} {:14} {}",
                account.email, account.phone, account.what
            );
        }
    }
    println!();
    println!("Ctrl-C stops it.");
}
