//! The products subgraph: what is sold, at what price, and how it is found.

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

use graphql::{loader, mutation::Mutation, query::Query, user_error::UserError};
use service::Catalogue;

/// The subgraph `products` on one database.
pub struct ProductsSubgraph {
    schema: Schema<Query, Mutation, EmptySubscription>,
    catalogue: Catalogue,
}

impl ProductsSubgraph {
    /// The subgraph of this catalogue.
    #[must_use]
    pub fn new(catalogue: Catalogue) -> Self {
        let schema = Schema::build(Query, Mutation::default(), EmptySubscription)
            .enable_federation()
            .register_output_type::<UserError>()
            .data(catalogue.clone())
            .finish();
        Self { schema, catalogue }
    }

    /// The use cases, for whoever does without GraphQL.
    #[must_use]
    pub const fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }
}

impl Subgraph for ProductsSubgraph {
    const NAME: &'static str = "products";

    fn sdl(&self) -> String {
        sdl(&self.schema)
    }

    fn with_loaders(&self, request: Request, batches: &Batches) -> Request {
        request.data(loader::of_request(self.catalogue.database(), batches))
    }

    fn execute(&self, request: Request) -> BoxFuture<'_, Response> {
        Box::pin(self.schema.execute(request))
    }

    fn execute_stream(&self, request: Request) -> BoxStream<'static, Response> {
        Box::pin(self.schema.execute_stream(request))
    }
}
