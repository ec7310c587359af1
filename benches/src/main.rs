//! The load program: what the graph and its checkout bear, measured over HTTP as clients meet it. `README.md` beside it says how
//! it is used.

mod accounts;
mod figures;
mod graph;
mod load;
mod loads;
mod orders;
mod pace;
mod pgbench;
mod process;
mod report;
mod router;
mod server;
mod stock;

use std::process::ExitCode;

use clap::Parser;
use loads::{checkout, query};

/// Loads a Stockgraph server and says what it bore.
///
/// Without --url it starts the binary itself, on a fresh demo shop in a temporary folder, and ends it afterwards. The server and
/// this program share the machine's processors, so compare figures of one machine only, and see the server's CPU time too.
#[derive(Parser)]
#[command(name = "stockgraph-bench")]
struct Cli {
    #[command(flatten)]
    server: server::ServerOptions,
    #[command(flatten)]
    load: load::LoadOptions,
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    #[command(flatten)]
    OverHttp(OverHttp),
    /// The stock by itself, without HTTP and GraphQL, beside what its database does without us
    #[command(subcommand)]
    Stock(stock::StockCommand),
    /// The accounts under attack
    #[command(subcommand)]
    Accounts(accounts::AccountsCommand),
    /// The checkout over HTTP, beside what its databases do without us, and while very many orders expire
    #[command(subcommand)]
    Orders(orders::OrdersCommand),
    /// The router: its parts by themselves, and a whole graph in one process and over HTTP
    Router(router::RouterOptions),
}

/// What clients of the graph ask for.
#[derive(clap::Subcommand)]
enum OverHttp {
    /// The first 20 products with their price and their stock by warehouse: one query across two subgraphs
    Query(query::QueryOptions),
    /// Orders of one unit of one product, by several customers
    Checkout(checkout::CheckoutOptions),
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = tokio::select! {
        done = run(Cli::parse()) => done,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("stockgraph-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    // The HTTP client and the database ask for a TLS provider, although nothing here uses TLS.
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow::anyhow!("a TLS provider is installed already"))?;
    match cli.what {
        What::Stock(command) => stock::run(command, cli.server.database(), &cli.load).await,
        What::Orders(command) => orders::run(command, &cli.server, &cli.load).await,
        What::Accounts(command) => accounts::run(command, &cli.server, &cli.load).await,
        What::Router(options) => router::run(options, &cli.server, &cli.load).await,
        What::OverHttp(load) => over_http(load, &cli.server, &cli.load).await,
    }
}

async fn over_http(
    what: OverHttp,
    server: &server::ServerOptions,
    load: &load::LoadOptions,
) -> anyhow::Result<()> {
    let server = server.provide().await?;
    let graph = graph::Graph::new(server.url())?;
    let measured = match what {
        OverHttp::Query(options) => query::run(options, &graph, load, &server).await,
        OverHttp::Checkout(options) => checkout::run(options, &graph, load, &server).await,
    };
    if measured.is_err() {
        eprint!("{}", server.log());
    }
    let measured = measured?;
    report::print(&measured, load, server.description());
    server.end().await?;
    anyhow::ensure!(measured.errors.is_empty(), "requests failed");
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_fits_together() {
        super::Cli::command().debug_assert();
    }
}
