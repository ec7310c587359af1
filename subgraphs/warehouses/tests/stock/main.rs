//! The stock through its schema, on SQLite and on PostgreSQL.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails where it panics, in its helpers too"
)]

mod at_once;
mod contention;
mod goods;
mod graph;
mod importing;
mod ledger;
mod reading;
mod reservations;
mod returns;
mod rights;
mod rush;
mod together;
mod transfers;
mod verifying;
mod warehouses;
mod watching;
