//! The four subgraphs, each on its database.

use std::sync::Arc;

use anyhow::Context;
use chrono::TimeDelta;
use stockgraph_kit::{database::Database, serve::RouterGate, subgraph::Service};
use stockgraph_orders::{
    OrdersSubgraph,
    service::{Orders, OrdersOptions, OrdersParts},
};
use stockgraph_products::{ProductsSubgraph, service::Catalogue};
use stockgraph_router::transport::SubgraphClient;
use stockgraph_users::{UsersSubgraph, service::Users};
use stockgraph_warehouses::{WarehousesSubgraph, service::Warehouses};

use crate::{
    config::{Config, Secret},
    foundation::Foundation,
    ports::{GraphCatalogue, GraphStock},
};

/// Who is a router to a subgraph over HTTP.
#[must_use]
pub fn gate(config: &Config, foundation: &Foundation) -> RouterGate {
    let secrets = config.auth.router_secrets.iter().map(Secret::as_bytes);
    RouterGate::new(foundation.authenticator.clone(), secrets)
        .with_introspection(config.subgraphs.introspection)
}

/// Accounts.
///
/// # Errors
///
/// A setting is wrong.
pub fn users(
    config: &Config,
    foundation: &Foundation,
    database: &Database,
) -> anyhow::Result<Service<UsersSubgraph>> {
    let users = Users::new(
        database.clone(),
        foundation.clock.clone(),
        foundation.random.clone(),
        foundation.issuer.clone(),
        foundation.authenticator.revocations().clone(),
        config.users.clone(),
    )
    .context("the settings under `users`")?;
    Ok(Service::new(
        UsersSubgraph::new(users),
        foundation.authenticator.clone(),
    ))
}

/// The catalogue.
#[must_use]
pub fn products(foundation: &Foundation, database: &Database) -> Service<ProductsSubgraph> {
    let catalogue = Catalogue::new(
        database.clone(),
        foundation.clock.clone(),
        foundation.ids.clone(),
    );
    Service::new(
        ProductsSubgraph::new(catalogue),
        foundation.authenticator.clone(),
    )
}

/// Warehouses and their stock.
#[must_use]
pub fn warehouses(foundation: &Foundation, database: &Database) -> Service<WarehousesSubgraph> {
    let warehouses = Warehouses::new(
        database.clone(),
        foundation.clock.clone(),
        foundation.ids.clone(),
    );
    Service::new(
        WarehousesSubgraph::new(warehouses),
        foundation.authenticator.clone(),
    )
}

/// Orders, which reach the catalogue and the stock by these clients.
#[must_use]
pub fn orders(
    config: &Config,
    foundation: &Foundation,
    database: &Database,
    products: SubgraphClient,
    warehouses: SubgraphClient,
) -> Service<OrdersSubgraph> {
    let stock = GraphStock::new(
        warehouses,
        foundation.issuer.clone(),
        foundation.clock.clone(),
    );
    let orders = Orders::new(OrdersParts {
        database: database.clone(),
        clock: foundation.clock.clone(),
        random: foundation.random.clone(),
        catalogue: Arc::new(GraphCatalogue::new(products)),
        stock: Arc::new(stock),
        options: OrdersOptions {
            payment_timeout: TimeDelta::seconds(config.orders.payment_timeout_seconds.into()),
            hold_grace: TimeDelta::seconds(config.orders.hold_grace_seconds.into()),
            effect_lease: TimeDelta::seconds(config.orders.effect_lease_seconds.into()),
            effect_stuck_after: TimeDelta::seconds(config.orders.effect_stuck_after_seconds.into()),
            ..OrdersOptions::default()
        },
    });
    Service::new(
        OrdersSubgraph::new(orders),
        foundation.authenticator.clone(),
    )
}
