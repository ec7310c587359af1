//! The router over foreign subgraphs: what it fetches, merges, answers and reports.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod aliases;
mod doubles;
mod errors;
mod faulty;
mod garbage;
mod http;
mod introspection;
mod limits;
mod nulls;
mod plans;
mod selections;
mod shop;
mod traffic;
mod transports;
mod variables;
mod walls;
