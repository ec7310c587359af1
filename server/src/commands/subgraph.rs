//! `stockgraph subgraph NAME`: one subgraph over HTTP.

use std::{net::SocketAddr, process::ExitCode};

use axum::Router;
use stockgraph_kit::{
    database::Database,
    rights::ServiceName,
    serve::{self, Lifetime},
    subgraph::Service,
};
use stockgraph_orders::OrdersSubgraph;
use tokio_util::task::TaskTracker;

use crate::{
    config::{Config, SubgraphName},
    databases, effects, exposure,
    foundation::{Foundation, Process},
    graph, http_server,
    identity::{self, RevocationSource},
    metrics, parts,
    readiness::Readiness,
    routes,
    shutdown::Shutdown,
    webhooks,
};

/// Serves the subgraph until Ctrl-C or SIGTERM.
///
/// # Errors
///
/// The port is in use, or its database cannot be opened.
pub async fn run(
    config: Config,
    name: SubgraphName,
    listen: Option<SocketAddr>,
) -> anyhow::Result<ExitCode> {
    let listener = http_server::listen(listen.unwrap_or(name.default_listen())).await?;
    let (foundation, _) = Foundation::of_process(&config, Process::Subgraph(name))?;
    let gate = parts::gate(&config, &foundation);
    let options = config.database.options(name, &config.data_dir);
    let database = databases::open(&options, name).await?;
    let shutdown = Shutdown::default();
    let stop = shutdown.begun().clone();
    let tasks = TaskTracker::new();
    let websockets = Lifetime::until(stop.clone());
    let mut stock = None;
    let mut owing = None;
    let mut revocations = RevocationSource::Http;
    let mut accounts = None;
    let routes: Router = match name {
        SubgraphName::Users => {
            let service = parts::users(&config, &foundation, &database)?;
            let users = service.subgraph().users().clone();
            revocations = RevocationSource::Database(Box::new(users.clone()));
            accounts = Some(users.clone());
            serve::routes_until(service, gate, websockets.clone())
                .merge(routes::keys(foundation.clone()))
                .merge(identity::revocation_routes(users))
        }
        SubgraphName::Products => {
            let products = parts::products(&foundation, &database);
            serve::routes_until(products, gate, websockets.clone())
        }
        SubgraphName::Warehouses => {
            let warehouses = parts::warehouses(&foundation, &database);
            stock = Some(warehouses.subgraph().warehouses().clone());
            serve::routes_until(warehouses, gate, websockets.clone())
        }
        SubgraphName::Orders => {
            let orders = orders(&config, &foundation, &database)?;
            effects::start(&orders, &foundation, &config.orders, &stop, &tasks);
            owing = Some(orders.clone());
            let payments = webhooks::payments::routes(
                &config.webhooks.payments,
                &foundation,
                graph::local(name, &orders),
            );
            serve::routes_until(orders, gate, websockets.clone())
                .merge(routes::keys(foundation.clone()))
                .merge(payments)
        }
    }
    .merge(metrics::routes(&foundation, owing.clone(), None))
    .merge(
        Readiness::until(shutdown.clone())
            .with(name.as_str(), &database)
            .routes(),
    );
    exposure::warn(&config.server, listener.local_addr()?, accounts.as_ref()).await?;
    identity::keep_up(&config, &foundation, revocations, &stop, &tasks).await?;
    println!(
        "The subgraph {name} serves http://{}/graphql",
        listener.local_addr()?
    );
    shutdown.on_signal(config.server.shutdown_delay());
    let ended = websockets.ended();
    http_server::serve_to_the_end(listener, routes, &config.server, &shutdown, ended, &tasks)
        .await?;
    if let Some(orders) = owing {
        orders.subgraph().orders().close().await;
    }
    if let Some(stock) = stock {
        stock.close().await;
    }
    database.close().await?;
    Ok(ExitCode::SUCCESS)
}

/// The orders, whose checkout asks the catalogue and the warehouses over HTTP.
fn orders(
    config: &Config,
    foundation: &Foundation,
    database: &Database,
) -> anyhow::Result<Service<OrdersSubgraph>> {
    let client = |of| graph::http(config, foundation, ServiceName::Checkout, of);
    let products = client(SubgraphName::Products)?;
    let warehouses = client(SubgraphName::Warehouses)?;
    Ok(parts::orders(
        config, foundation, database, products, warehouses,
    ))
}
