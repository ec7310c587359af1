//! What the commands of the binary do.

pub mod audit;
pub mod import;
pub mod keys;
pub mod migrate;
pub mod router;
pub mod schema;
pub mod serve;
pub mod subgraph;
pub mod user;
pub mod verify;
