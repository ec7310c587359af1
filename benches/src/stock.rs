//! The stock by itself: the use cases of `warehouses`, called in this process on a database of their own, without HTTP and GraphQL. So
//! the figures are those of the stock and its database, and can be held against what the database does without us.

pub mod baseline;
mod generate;
mod holds;
mod rate;
mod scale;
pub mod shop;
mod steady;

use clap::{Args, Subcommand};

use crate::load::LoadOptions;

/// What is measured of the stock.
#[derive(Subcommand)]
pub enum StockCommand {
    /// Reservations per second, of one hot product and of many, in turn with the least SQL that a safe reservation can do: by pgbench
    /// on PostgreSQL, by one transaction for each on SQLite
    Rate(rate::RateOptions),
    /// Reservations at half of the rate that the stock bears: how long they take, and what memory the process has meanwhile
    Steady(steady::SteadyOptions),
    /// Reads and reservations on a stock of many levels with a long ledger, in turn with a small one
    Scale(scale::ScaleOptions),
}

/// How many products, where it is for the caller to say.
#[derive(Args)]
pub struct ProductsOption {
    /// How many products the reservations are spread over: 1 is the hot product that everybody wants
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub products: u32,
}

/// Measures it on this database: `sqlite`, or the URL of a PostgreSQL server on which databases may be made.
///
/// # Errors
///
/// The database cannot be had, or the stock is not as it must be afterwards.
pub async fn run(command: StockCommand, database: &str, load: &LoadOptions) -> anyhow::Result<()> {
    match command {
        StockCommand::Rate(options) => rate::run(&options, database, load).await,
        StockCommand::Steady(options) => steady::run(&options, database, load).await,
        StockCommand::Scale(options) => scale::run(&options, database, load).await,
    }
}

/// This process, which is the one that is measured.
fn this_process() -> [u32; 1] {
    [std::process::id()]
}
