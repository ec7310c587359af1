//! How many reservations a second, beside what the database does by itself.

use clap::Args;
use stockgraph_kit::database::Engine;

use super::{baseline::Baseline, holds, shop::Shop};
use crate::{
    figures::told,
    load::{LoadOptions, Measured},
    report,
};

/// How it is measured.
#[derive(Args)]
pub struct RateOptions {
    #[command(flatten)]
    products: super::ProductsOption,
    /// How often each figure is taken, in turn with the others
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=20))]
    rounds: u8,
    /// The pgbench program, for PostgreSQL
    #[arg(long, default_value = "pgbench")]
    pgbench: String,
    /// Only ours, without the baseline
    #[arg(long)]
    only_ours: bool,
}

/// The figures of one number of products, a round each.
#[derive(Default)]
struct Figures {
    baseline: Vec<f64>,
    /// Our own, with nothing settled together; only on SQLite.
    alone: Vec<f64>,
    ours: Vec<Measured>,
}

impl Figures {
    fn ours(&self) -> Vec<f64> {
        self.ours.iter().map(Measured::per_second).collect()
    }

    fn ratios(&self, to: &[f64]) -> Vec<f64> {
        let pairs = self.ours().into_iter().zip(to);
        pairs.map(|(ours, other)| ours / other).collect()
    }
}

/// Measures one hot product and many, in turn with the baseline.
///
/// # Errors
///
/// The database or pgbench is not to be had, or the stock is not sound afterwards.
pub async fn run(options: &RateOptions, database: &str, load: &LoadOptions) -> anyhow::Result<()> {
    let many = options.products.products;
    let shop = Shop::new(database, many).await?;
    let baseline = if options.only_ours {
        None
    } else {
        Some(Baseline::new(database, many, &options.pgbench).await?)
    };
    println!("on           {}", shop.engine());
    if let Some(baseline) = &baseline {
        println!("baseline     {}", baseline.description());
    }
    let mut hot = Figures::default();
    let mut spread = Figures::default();
    for round in 1..=options.rounds {
        println!("round {round} of {}", options.rounds);
        for (products, figures) in [(1, &mut hot), (many, &mut spread)] {
            if let Some(baseline) = &baseline {
                let rate = baseline.run(products, load).await?;
                println!("  {products:>6} products  baseline {rate:>8.0} per second");
                figures.baseline.push(rate);
            }
            if baseline.is_some() && shop.database.engine() == Engine::Sqlite {
                let alone = holds::one_by_one(&shop, products as usize, load).await?;
                let rate = alone.per_second();
                println!("  {products:>6} products  alone    {rate:>8.0} per second");
                figures.alone.push(rate);
            }
            let measured = holds::as_fast_as_can_be(&shop, products as usize, load).await?;
            println!(
                "  {products:>6} products  ours     {:>8.0} per second, p50 {}, p99 {} ms, CPU of callers and stock {:.3} ms each",
                measured.per_second(),
                report::percentile(&measured.latencies, 50.0),
                report::percentile(&measured.latencies, 99.0),
                measured
                    .cpu
                    .map_or(f64::NAN, |cpu| cpu.as_secs_f64() * 1_000.0
                        / measured.latencies.len().max(1) as f64),
            );
            figures.ours.push(measured);
        }
    }
    print_medians(many, &hot, &spread);
    shop.verify().await?;
    println!("Every rule of the stock holds.");
    if let Some(baseline) = baseline {
        baseline.end().await?;
    }
    shop.end().await
}

fn print_medians(many: u32, hot: &Figures, spread: &Figures) {
    println!("\nmedians (least to most)");
    for (products, figures) in [(1, hot), (many, spread)] {
        println!(
            "  {products:>6} products  ours       {}",
            told(&figures.ours(), 0)
        );
        for (name, others) in [("baseline", &figures.baseline), ("alone", &figures.alone)] {
            if !others.is_empty() {
                println!(
                    "  {products:>6} products  {name:8}   {}, ratio {}",
                    told(others, 0),
                    told(&figures.ratios(others), 2)
                );
            }
        }
    }
    let between = hot.ours().into_iter().zip(spread.ours());
    let ratios: Vec<f64> = between.map(|(hot, spread)| hot / spread).collect();
    println!("  one hot product / {many} products   {}", told(&ratios, 2));
}
