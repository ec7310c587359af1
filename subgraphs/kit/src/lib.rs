//! What all four subgraphs share and no domain owns: ids, money, paging, errors, the caller and their scopes, the clock, the
//! database, and serving a schema over HTTP.
//!
//! A domain's `domain/` rooms use the plain values of this crate (ids, money, clock); its `graphql/` rooms use the GraphQL faces
//! that those values have here, so that a scalar or a shared object is declared once for all subgraphs.

pub mod batcher;
pub mod caller;
pub mod clock;
pub mod database;
pub mod error;
pub mod events;
pub mod faults;
pub mod guard;
pub mod id;
pub mod instant;
pub mod loader;
pub mod money;
pub mod paging;
pub mod random;
pub mod rights;
pub mod serve;
pub mod subgraph;
#[cfg(feature = "testing")]
pub mod testing;
pub mod token;
pub mod user_error;
