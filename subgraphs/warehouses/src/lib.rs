//! The warehouses subgraph: where the stock is, who holds it, and every movement that made it so.
//!
//! Stock is one level for each product in each warehouse. Every change of a level is an entry of the ledger, written with it; what is
//! held for an order is a reservation, whose allocations say which level holds how much. [`domain`] has the rules, [`service`] the use
//! cases, and [`service::verify`] checks that the rules hold.

pub mod domain;
mod entity;
mod graphql;
mod repo;
pub mod service;

use async_graphql::{Request, Response, Schema};
use futures_util::{future::BoxFuture, stream::BoxStream};
use stockgraph_kit::{
    loader::Batches,
    subgraph::{Subgraph, sdl},
};

pub use graphql::{Mutation, Query, Subscription};
use service::Warehouses;

/// The subgraph over its stock.
pub struct WarehousesSubgraph {
    warehouses: Warehouses,
    schema: Schema<Query, Mutation, Subscription>,
}

impl WarehousesSubgraph {
    /// The subgraph that shows and moves this stock.
    #[must_use]
    pub fn new(warehouses: Warehouses) -> Self {
        Self {
            schema: graphql::schema(warehouses.clone()),
            warehouses,
        }
    }

    /// The stock, for what goes around the graph: the demo shop and the command line.
    #[must_use]
    pub const fn warehouses(&self) -> &Warehouses {
        &self.warehouses
    }
}

impl Subgraph for WarehousesSubgraph {
    const NAME: &'static str = "warehouses";

    fn sdl(&self) -> String {
        sdl(&self.schema)
    }

    fn with_loaders(&self, request: Request, batches: &Batches) -> Request {
        request.data(graphql::loader::of_request(&self.warehouses, batches))
    }

    fn execute(&self, request: Request) -> BoxFuture<'_, Response> {
        Box::pin(self.schema.execute(request))
    }

    fn execute_stream(&self, request: Request) -> BoxStream<'static, Response> {
        Box::pin(self.schema.execute_stream(request))
    }
}
