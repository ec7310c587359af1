//! The stock through its schema, on SQLite and on PostgreSQL.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails where it panics, in its helpers too"
)]

mod actor;
mod at_once;
mod goods;
mod graph;
mod importing;
mod ledger;
mod reading;
mod reservations;
mod returns;
mod rights;
mod together;
mod transfers;
mod warehouses;
mod watching;
