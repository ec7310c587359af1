//! Whether a large stock is as quick as a small one.

use std::time::Instant;

use clap::Args;
use stockgraph_kit::id::ProductId;
use stockgraph_warehouses::service::Warehouses;

use super::{
    generate::{self, ENTRIES_OF_A_PERIOD, Size},
    holds,
    shop::Shop,
    this_process,
};
use crate::{
    figures::median,
    load::{self, Latencies, Load, LoadOptions, Measured},
    report,
};

/// How large it is, and how it is measured.
#[derive(Args)]
pub struct ScaleOptions {
    /// How many levels the large stock has; the small one has a thousand
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1_000..=10_000_000))]
    levels: u32,
    /// How many entries of the ledger each level has, in steps of five
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(5..=1_000))]
    entries: u32,
    /// Reads a second, and reservations a second
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rate: u32,
    /// How often each figure is taken, the small stock in turn with the large one
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=20))]
    rounds: u8,
}

/// The levels of the small stock.
const SMALL: u32 = 1_000;
/// How many products a read asks for.
const READ_AT_ONCE: usize = 50;

/// Generates both stocks, measures them in turn, and verifies the large one.
///
/// # Errors
///
/// The database is not to be had, or a stock is not sound.
pub async fn run(options: &ScaleOptions, database: &str, load: &LoadOptions) -> anyhow::Result<()> {
    let small = stock(database, SMALL, options).await?;
    let large = stock(database, options.levels, options).await?;
    println!("on           {}", large.engine());
    let (mut reads, mut reservations) = ([vec![], vec![]], [vec![], vec![]]);
    for round in 1..=options.rounds {
        println!("round {round} of {}", options.rounds);
        for (which, shop) in [&small, &large].into_iter().enumerate() {
            let read = read(shop, options.rate, load).await?;
            let hold = holds::at_pace(shop, shop.products.len(), options.rate, load).await?;
            println!(
                "  {:>8} levels  reads p95 {} ms, reservations p95 {} ms",
                shop.products.len() * generate::WAREHOUSES as usize,
                report::percentile(&read.latencies, 95.0),
                report::percentile(&hold.latencies, 95.0),
            );
            reads[which].push(p95(&read.latencies));
            reservations[which].push(p95(&hold.latencies));
        }
    }
    println!("\nlarge to small, medians of p95");
    println!(
        "  stock of {READ_AT_ONCE} products by warehouse  {:.2}",
        ratio(reads)
    );
    println!(
        "  reservations                     {:.2}",
        ratio(reservations)
    );
    let begin = Instant::now();
    large.verify().await?;
    println!(
        "Every rule of the large stock holds: verified in {:.0} s.",
        begin.elapsed().as_secs_f64()
    );
    small.end().await?;
    large.end().await
}

async fn stock(database: &str, levels: u32, options: &ScaleOptions) -> anyhow::Result<Shop> {
    let begin = Instant::now();
    let size = Size {
        levels: levels / generate::WAREHOUSES * generate::WAREHOUSES,
        periods: options.entries / ENTRIES_OF_A_PERIOD,
    };
    let mut shop = Shop::empty(database).await?;
    generate::fill(&mut shop, size).await?;
    println!(
        "generated    {} levels and {} entries in {:.0} s",
        size.levels,
        u64::from(size.levels) * u64::from(size.periods * ENTRIES_OF_A_PERIOD),
        begin.elapsed().as_secs_f64()
    );
    Ok(shop)
}

fn p95(latencies: &Latencies) -> f64 {
    latencies.value_at_percentile(95.0) as f64
}

fn ratio([small, large]: [Vec<f64>; 2]) -> f64 {
    median(&large) / median(&small)
}

/// Reads the stock of some products, by warehouse.
struct Reads {
    stock: Warehouses,
    products: Vec<ProductId>,
}

impl Load for Reads {
    async fn send(&self, _: usize, number: u64) -> anyhow::Result<()> {
        // As with the reservations: each read asks for products that are far from each other.
        let first = (number as usize).wrapping_mul(READ_AT_ONCE);
        let some: Vec<_> = (first..first + READ_AT_ONCE)
            .map(|number| self.products[number.wrapping_mul(7_919) % self.products.len()])
            .collect();
        let found = self.stock.stock_of(&some).await?;
        let levels: usize = found
            .values()
            .map(|stock| stock.places(false).count())
            .sum();
        anyhow::ensure!(
            levels == READ_AT_ONCE * generate::WAREHOUSES as usize,
            "{levels} levels were found"
        );
        Ok(())
    }
}

async fn read(shop: &Shop, rate: u32, load: &LoadOptions) -> anyhow::Result<Measured> {
    let reads = Reads {
        stock: shop.stock.clone(),
        products: shop.products.clone(),
    };
    let what = format!("the stock of {READ_AT_ONCE} products by warehouse");
    let measured = load::at_pace(reads, what, rate, load, &this_process()).await?;
    measured.without_errors()?;
    Ok(measured)
}
