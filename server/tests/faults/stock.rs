//! The stock alone: holds, sales, returns and transfers, while the processes and the database are killed.

mod call;
mod found;
mod load;
mod model;
mod reading;
mod rigged;
mod trial;
mod wishes;

use self::trial::{Fault, Trial};
use crate::{process::Site, setting};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_process_on_sqlite_loses_nothing_and_doubles_nothing() {
    let seed = setting("STOCK_SEED", 42);
    println!("SQLite: STOCK_SEED={seed}");
    let mut trial = Trial::new(Site::embedded(), 1, seed).await;
    trial.round(Fault::Nothing).await;
    for _ in 0..setting("STOCK_KILLS", 4) {
        trial.round(Fault::Kill(0)).await;
    }
    println!(
        "One process on SQLite, STOCK_SEED={seed}\n{}",
        trial.finish().await
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_on_postgres_lose_nothing_when_they_or_it_are_killed() {
    let seed = setting("STOCK_SEED", 42);
    println!("PostgreSQL: STOCK_SEED={seed}");
    let mut trial = Trial::new(Site::on_postgres(), 2, seed).await;
    trial.round(Fault::Nothing).await;
    for number in 0..setting("STOCK_KILLS", 4) {
        let process = if number % 2 == 0 { 0 } else { 1 };
        trial.round(Fault::Kill(process)).await;
    }
    for _ in 0..setting("STOCK_DATABASE_STOPS", 2) {
        trial.round(Fault::Database).await;
    }
    println!(
        "Two processes on PostgreSQL, STOCK_SEED={seed}\n{}",
        trial.finish().await
    );
}
