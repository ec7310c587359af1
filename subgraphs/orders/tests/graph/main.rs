//! Orders through their schema, on both engines. The catalogue and the warehouses are other subgraphs; here stand doubles of them,
//! kept in memory, that can be cut off at any moment.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails where it panics, in its helpers too"
)]

mod cancellation;
mod checkout;
mod doubles;
mod effects;
mod expiry;
mod fulfilment;
mod held_up;
mod payment;
mod reading;
mod schema;
mod shop;
mod subscription;
mod verification;
