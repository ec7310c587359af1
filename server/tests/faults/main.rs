//! The running binary is hurt under load: killed, cut off, and its database with it. What it answered holds, what it did not answer can
//! be found out by asking again, and no unit, no order and no money is lost, or there twice.
//!
//! `stock` asks the warehouses alone. `STOCK_KILLS` and `STOCK_DATABASE_STOPS` choose how often it hurts them, `STOCK_SEED` what is
//! asked for.
//!
//! `orders` is the whole shop: checkout, payment, expiry, fulfilment and returns, in one process on SQLite, and in six on PostgreSQL with
//! two routers and two networks that can be cut, slowed down and made to lose answers. `ORDERS_ROUNDS` chooses how many faults there
//! are (after every ten of them all is proved), `ORDERS_SEED` which, and what is asked for. The moments at which things meet differ
//! from run to run all the same.
//!
//! With `--nocapture`, each test prints what it did and what came of it; it always does so where it fails.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed, and says where"
)]

mod client;
mod crashes;
mod orders;
mod process;
mod proxy;
mod report;
mod stock;

/// A number from the environment.
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .map_or(default, |text| text.parse().unwrap())
}
