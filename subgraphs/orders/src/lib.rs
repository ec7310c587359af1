//! The orders subgraph: checkout, payment, fulfilment, and the expiry of what nobody paid.
//!
//! An order is decided here, in one transaction with what it owes the warehouses (its *effects*), and the warehouses are told until
//! they have heard it. What can become of an order, and who may bring it about, is one table: [`domain::lifecycle`].

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

use graphql::{Loaders, UserError};
pub use graphql::{Mutation, Query, Subscription};
use service::Orders;

/// The subgraph over its orders.
pub struct OrdersSubgraph {
    orders: Orders,
    schema: Schema<Query, Mutation, Subscription>,
}

impl OrdersSubgraph {
    /// The subgraph that shows and changes these orders.
    #[must_use]
    pub fn new(orders: Orders) -> Self {
        let schema = Schema::build(Query, Mutation::default(), Subscription)
            .enable_federation()
            .enable_subscription_in_federation()
            .register_output_type::<UserError>()
            .data(orders.clone())
            .finish();
        Self { orders, schema }
    }

    /// The orders, for what goes around the graph: the demo shop, payment providers, and the loop that carries out effects.
    #[must_use]
    pub const fn orders(&self) -> &Orders {
        &self.orders
    }
}

impl Subgraph for OrdersSubgraph {
    const NAME: &'static str = "orders";

    fn sdl(&self) -> String {
        sdl(&self.schema)
    }

    fn with_loaders(&self, request: Request, batches: &Batches) -> Request {
        request.data(Loaders::new(self.orders.clone(), batches))
    }

    fn execute(&self, request: Request) -> BoxFuture<'_, Response> {
        Box::pin(self.schema.execute(request))
    }

    fn execute_stream(&self, request: Request) -> BoxStream<'static, Response> {
        Box::pin(self.schema.execute_stream(request))
    }
}
