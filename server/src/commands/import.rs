//! `stockgraph import`: many things at once, from a file.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
    process::ExitCode,
};

use anyhow::Context;
use chrono::TimeDelta;
use indicatif::HumanCount;
use stockgraph_warehouses::{
    domain::import::ImportTotals,
    service::{ImportProgress, ImportStock, ImportStockError, StockImport},
};

use crate::{
    cli::ImportCommand,
    config::{Config, SubgraphName},
    databases::connect_migrated,
    foundation::Foundation,
    parts,
    progress::Progress,
    stock_file::{LineErrors, MOST_BYTES, StockFile, look_up},
};

/// Imports what the command names.
///
/// # Errors
///
/// The file cannot be read, lines are refused, or a database fails; nothing has changed then.
pub async fn run(config: &Config, command: ImportCommand) -> anyhow::Result<ExitCode> {
    match command {
        ImportCommand::Stock { file, key, dry_run } => stock(config, &file, key, dry_run).await,
    }
}

async fn stock(
    config: &Config,
    path: &Path,
    key: Option<String>,
    dry_run: bool,
) -> anyhow::Result<ExitCode> {
    let name = name_of(path);
    let bytes = read(path).with_context(|| format!("{name} cannot be read"))?;
    let file = StockFile::parse(&bytes);
    if file.lines.is_empty() {
        // There is nothing to look up: this is all that can be said.
        refuse(&name, &file.errors)?;
    }
    let foundation = Foundation::without_callers()?;
    let products = connect_migrated(config, SubgraphName::Products).await?;
    let stock = connect_migrated(config, SubgraphName::Warehouses).await?;
    let catalogue = parts::products(&foundation, &products);
    let warehouses = parts::warehouses(&foundation, &stock);
    let warehouses = warehouses.subgraph().warehouses();

    let progress = Progress::start();
    progress.set(0, 1, "looking up the products");
    let started = foundation.clock.now();
    let (lines, errors) = look_up(file, catalogue.subgraph().catalogue(), warehouses).await?;
    refuse(&name, &errors)?;
    let import = ImportStock {
        lines,
        key: key.clone(),
        dry_run,
    };
    let tell = |now: ImportProgress| progress.set(now.done as u64, now.total as u64, now.step);
    let imported = warehouses.import_stock(import, tell).await;
    progress.finish();
    let imported = imported.map_err(|error| explain(error, &name, key.as_deref()))?;
    let time = foundation.clock.now() - started;
    products.close().await?;
    stock.close().await?;
    match imported {
        StockImport::Booked(totals) => println!("{}", summary(&totals, dry_run, time)),
        StockImport::BookedBefore(at) => {
            println!("The lines of {name} were imported already, at {at}: nothing has moved.");
            println!("To book an equal delivery again, name it with a --key of its own.");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn name_of(path: &Path) -> String {
    if path == Path::new("-") {
        "the standard input".to_owned()
    } else {
        path.display().to_string()
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = MOST_BYTES as u64;
    if path == Path::new("-") {
        io::stdin().lock().take(most + 1).read_to_end(&mut bytes)?;
    } else {
        File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    }
    anyhow::ensure!(
        bytes.len() <= MOST_BYTES,
        "it has more than {} MiB",
        MOST_BYTES >> 20
    );
    Ok(bytes)
}

fn refuse(name: &str, errors: &LineErrors) -> anyhow::Result<()> {
    anyhow::ensure!(
        errors.is_empty(),
        "{name} is refused, nothing has moved:{errors}"
    );
    Ok(())
}

/// What a person can put right.
fn explain(error: ImportStockError, name: &str, key: Option<&str>) -> anyhow::Error {
    match error {
        ImportStockError::Refused(lines) => {
            let mut errors = LineErrors::default();
            for line in lines {
                errors.add(line.number, line.why.to_string());
            }
            anyhow::anyhow!("{name} is refused, nothing has moved:{errors}")
        }
        ImportStockError::KeyTaken(at) => anyhow::anyhow!(
            "other lines than those of {name} were imported under the key `{}` at {at}: nothing has moved",
            key.unwrap_or_default()
        ),
        ImportStockError::InvalidKey(broken) => anyhow::anyhow!("--key: {}", broken.message),
        error @ (ImportStockError::LineCount(_) | ImportStockError::WarehouseNotFound(_)) => {
            anyhow::Error::new(error).context(format!("{name} is refused, nothing has moved"))
        }
        ImportStockError::Database(error) => anyhow::Error::new(error).context(format!(
            "{name} could not be imported; try again, for what is booked is not booked twice"
        )),
    }
}

fn summary(totals: &ImportTotals, dry_run: bool, time: TimeDelta) -> String {
    let units = |units: i64| HumanCount(units.unsigned_abs());
    let imported = if dry_run { "Would import" } else { "Imported" };
    let lines = HumanCount(totals.lines as u64);
    let received = units(totals.received);
    let adjusted = if totals.found > 0 || totals.lost > 0 {
        let (found, lost) = (units(totals.found), units(totals.lost));
        format!("adjusted by +{found} and -{lost}, ")
    } else {
        String::new()
    };
    let levels = HumanCount(totals.levels as u64);
    let seconds = time.as_seconds_f64();
    let moved = if dry_run { " Nothing has moved." } else { "" };
    format!(
        "{imported} {lines} lines: {received} units received, {adjusted}{levels} levels changed, in {seconds:.1} s.{moved}"
    )
}
