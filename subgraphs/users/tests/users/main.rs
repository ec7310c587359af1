//! Accounts through their schema, on SQLite and on PostgreSQL.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails where it panics, in its helpers too"
)]

mod administration;
mod audit;
mod graph;
mod log_in;
mod passwords;
mod profile;
mod queries;
mod registration;
mod revocation;
mod sessions;
mod throttle;
