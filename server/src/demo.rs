//! The demo shop: accounts, a catalogue, stock in two warehouses, and orders in every state.
//!
//! It is built by the use cases of the subgraphs, as people would have built it over the last days, so that it keeps every rule
//! that the shop keeps. Its ids are fixed, so that the playground's examples run as they stand.

mod accounts;
mod catalogue;
mod ids;
mod orders;
mod seed;

pub use accounts::{ACCOUNTS, DemoAccount, PASSWORD, open_accounts};
pub use seed::{seed, seed_if_wanted};
