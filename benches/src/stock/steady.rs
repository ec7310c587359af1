//! A steady load below what the stock bears.

use clap::Args;

use super::{holds, shop::Shop};
use crate::{load::LoadOptions, report};

/// How it is measured.
#[derive(Args)]
pub struct SteadyOptions {
    #[command(flatten)]
    products: super::ProductsOption,
    /// Reservations a second [default: half of what as many callers as connections reach in ten seconds before]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rate: Option<u32>,
}

/// How long the peak is measured, in seconds.
const PEAK_SECONDS: u16 = 10;

/// Measures it for as long as the options say.
///
/// # Errors
///
/// The database is not to be had, or the stock is not sound afterwards.
pub async fn run(
    options: &SteadyOptions,
    database: &str,
    load: &LoadOptions,
) -> anyhow::Result<()> {
    let products = options.products.products;
    let shop = Shop::new(database, products).await?;
    let rate = match options.rate {
        Some(rate) => rate,
        None => {
            let short = LoadOptions {
                seconds: PEAK_SECONDS,
                ..*load
            };
            let peak = holds::as_fast_as_can_be(&shop, products as usize, &short).await?;
            println!("peak         {:.0} per second", peak.per_second());
            ((peak.per_second() / 2.0) as u32).max(1)
        }
    };
    let measured = holds::at_pace(&shop, products as usize, rate, load).await?;
    report::print(&measured, load, shop.engine());
    shop.verify().await?;
    println!("Every rule of the stock holds.");
    shop.end().await
}
