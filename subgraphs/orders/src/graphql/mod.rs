//! The graph's face of orders.

mod connection;
mod error;
mod loader;
mod mutation;
mod order;
mod payment;
mod query;
mod reference;
mod subscription;
mod user;
mod user_error;

pub(crate) use self::{loader::Loaders, user_error::UserError};
pub use self::{mutation::Mutation, query::Query, subscription::Subscription};
