//! The checkout beside what its databases do without us, and while very many orders expire: over HTTP, on PostgreSQL.

mod baseline;
mod expiry;
mod overdue;
mod postgres;
mod rate;

use clap::Subcommand;

use crate::{load::LoadOptions, server::ServerOptions};

/// What is measured of the orders.
#[derive(Subcommand)]
pub enum OrdersCommand {
    /// Checkouts per second, of one hot product and of many, in turn with the least SQL that a safe checkout can do in two databases,
    /// sent by pgbench
    Rate(rate::RateOptions),
    /// How long very many overdue orders take to expire by two processes, and how long checkouts take meanwhile
    Expiry(expiry::ExpiryOptions),
}

/// Longer than any load: neither do its own orders fall due meanwhile, nor do its customers have to sign in again.
const SETTINGS: [(&str, &str); 2] = [
    ("STOCKGRAPH_ORDERS__PAYMENT_TIMEOUT_SECONDS", "86400"),
    ("STOCKGRAPH_USERS__SESSIONS__ACCESS_TOKEN_SECONDS", "86400"),
];

/// Measures it.
///
/// # Errors
///
/// The server, the databases or pgbench are not to be had, or what is there afterwards is not what must be.
pub async fn run(
    command: OrdersCommand,
    server: &ServerOptions,
    load: &LoadOptions,
) -> anyhow::Result<()> {
    anyhow::ensure!(
        server.starts_one_on_postgres(),
        "this starts the server itself, in one process, on PostgreSQL: --database 'postgres://…/NAME_{{subgraph}}'"
    );
    match command {
        OrdersCommand::Rate(options) => rate::run(&options, server, load).await,
        OrdersCommand::Expiry(options) => expiry::run(&options, server, load).await,
    }
}
