//! The accounts as the graph shows them.

mod loader;
mod mutation;
mod origin;
mod query;
mod role;
mod session;
mod user;
mod user_error;

use async_graphql::{EmptySubscription, Schema};

use crate::service::Users;

pub(crate) use loader::UserLoader;
pub use mutation::Mutation;
pub use query::Query;

/// The schema over these accounts.
pub(crate) fn schema(users: Users) -> Schema<Query, Mutation, EmptySubscription> {
    Schema::build(Query, Mutation::default(), EmptySubscription)
        .register_output_type::<user_error::UserError>()
        .data(users)
        .finish()
}
