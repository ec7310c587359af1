//! The users subgraph: who may sign in, how, and with which rights.
//!
//! People register with an e-mail address and, if they like, a phone number, and sign in with either. A session is an access token
//! (a short-lived JWT that every subgraph verifies for itself) and a refresh token (opaque, good once). Rights are scopes; which
//! role has which stands in [`domain::role`] alone.

pub mod domain;
mod entity;
mod graphql;
mod repo;
pub mod service;

use async_graphql::{EmptySubscription, Request, Response, Schema};
use futures_util::{future::BoxFuture, stream::BoxStream};
use stockgraph_kit::{
    loader::Batches,
    subgraph::{Subgraph, sdl},
};

pub use graphql::{Mutation, Query};
use service::Users;

/// The subgraph over its accounts.
pub struct UsersSubgraph {
    users: Users,
    schema: Schema<Query, Mutation, EmptySubscription>,
}

impl UsersSubgraph {
    /// The subgraph that shows and changes these accounts.
    #[must_use]
    pub fn new(users: Users) -> Self {
        Self {
            schema: graphql::schema(users.clone()),
            users,
        }
    }

    /// The accounts, for what goes around the graph: the demo shop and the command line.
    #[must_use]
    pub const fn users(&self) -> &Users {
        &self.users
    }
}

impl Subgraph for UsersSubgraph {
    const NAME: &'static str = "users";

    fn sdl(&self) -> String {
        sdl(&self.schema)
    }

    fn with_loaders(&self, request: Request, batches: &Batches) -> Request {
        request.data(batches.loader(graphql::UserLoader(self.users.clone())))
    }

    fn execute(&self, request: Request) -> BoxFuture<'_, Response> {
        Box::pin(self.schema.execute(request))
    }

    fn execute_stream(&self, request: Request) -> BoxStream<'static, Response> {
        Box::pin(self.schema.execute_stream(request))
    }
}
