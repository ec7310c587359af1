//! `stockgraph router`: the router alone, with the subgraphs at the URLs of the configuration.

use std::process::ExitCode;

use crate::{
    cli::RouterOptions,
    config::{Config, SubgraphName},
    exposure,
    foundation::{Foundation, Process},
    graph, http_server,
    identity::{self, RevocationSource},
    jobs, metrics,
    readiness::Readiness,
    reload::Followed,
    routes,
    shutdown::Shutdown,
    supergraph::Sources,
    webhooks,
};
use stockgraph_kit::rights::ServiceName;
use tokio_util::task::TaskTracker;

/// Fetches and composes the subgraphs' schemas, or reads a supergraph, then serves the graph and runs the scheduled jobs until Ctrl-C or SIGTERM.
///
/// # Errors
///
/// The port is in use, a subgraph cannot be reached, or they do not compose.
pub async fn run(mut config: Config, options: &RouterOptions) -> anyhow::Result<ExitCode> {
    let sources = match &options.supergraph {
        Some(file) => Sources::of_supergraph(file, &options.subgraphs)?,
        None => Sources::of_subgraphs(&config, &options.subgraphs, &options.sdls, options.only)?,
    };
    sources.adjust(&mut config);
    let listener = http_server::listen(config.server.listen).await?;
    let (foundation, _) = Foundation::of_process(&config, Process::Router)?;
    let shutdown = Shutdown::default();
    let stop = shutdown.begun().clone();
    let tasks = TaskTracker::new();
    identity::keep_up(&config, &foundation, RevocationSource::None, &stop, &tasks).await?;
    let is_foreign = sources.is_foreign();
    let followed = Followed::start(sources, &config, &foundation).await?;
    let router = followed.live();
    if is_foreign {
        jobs::leave_out_foreign(&mut config.jobs, &router.current()).await;
    }
    jobs::start(&config, &foundation, router.clone(), &stop, &tasks)?;
    let address = listener.local_addr()?;
    exposure::warn(&config.server, address, None).await?;
    println!("The router serves http://{address}/graphql");
    if config.router.playground {
        println!("The playground is at http://{address}/");
    }
    shutdown.on_signal(config.server.shutdown_delay());
    followed.follow(config.router.poll_seconds, &stop, &tasks);
    let payments = webhooks::payments::routes(
        &config.webhooks.payments,
        &foundation,
        graph::http(
            &config,
            &foundation,
            ServiceName::Router,
            SubgraphName::Orders,
        )?,
    );
    let streaming = config.router.streaming(&stop);
    let routes = routes::of_router(
        router,
        foundation.clone(),
        &config.router,
        streaming.clone(),
    )?
    .merge(payments)
    .merge(metrics::routes(&foundation, None, Some(streaming.clone())))
    .merge(Readiness::until(shutdown.clone()).routes());
    let ended = streaming.ended();
    http_server::serve_to_the_end(listener, routes, &config.server, &shutdown, ended, &tasks)
        .await?;
    Ok(ExitCode::SUCCESS)
}
