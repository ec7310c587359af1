//! Checkout, payment and expiry, by hundreds of customers, while processes are killed, networks are cut and the database crashes.

mod call;
mod check;
mod check_order;
mod crowd;
mod found;
mod goods;
mod line;
mod proofs;
mod reading;
mod rigged;
mod scheduler;
mod shop;
mod told;
mod trial;
mod wishes;

use self::{shop::Shop, trial::Trial};
use crate::{report::Report, setting};

/// How many rounds there are unless more are asked for.
const ROUNDS: u64 = 6;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_shop_in_one_process_on_sqlite_loses_no_order_no_unit_and_no_money() {
    let seed = setting("ORDERS_SEED", 42);
    let report = Report::named(&format!("One process on SQLite, ORDERS_SEED={seed}"));
    let shop = Shop::in_one_process(&report).await;
    let trial = Trial::new(shop, report, seed).await;
    trial.run(setting("ORDERS_ROUNDS", ROUNDS)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_shop_in_six_processes_on_postgres_loses_no_order_no_unit_and_no_money() {
    let seed = setting("ORDERS_SEED", 42);
    let report = Report::named(&format!("Six processes on PostgreSQL, ORDERS_SEED={seed}"));
    let shop = Shop::in_processes(&report).await;
    let trial = Trial::new(shop, report, seed).await;
    trial.run(setting("ORDERS_ROUNDS", ROUNDS)).await;
}
