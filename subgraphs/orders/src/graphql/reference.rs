//! What other subgraphs know more of: an id each.

use async_graphql::SimpleObject;
use stockgraph_kit::id::{ProductId, ReservationId};

/// A product of the catalogue.
#[derive(Clone, Copy, Debug, SimpleObject)]
#[graphql(name = "Product", unresolvable)]
pub struct ProductReference {
    /// Which product.
    id: ProductId,
}

impl From<ProductId> for ProductReference {
    fn from(id: ProductId) -> Self {
        Self { id }
    }
}

/// Stock that is held or sold.
#[derive(Clone, Copy, Debug, SimpleObject)]
#[graphql(name = "StockReservation", unresolvable)]
pub struct ReservationReference {
    /// Which hold.
    id: ReservationId,
}

impl From<ReservationId> for ReservationReference {
    fn from(id: ReservationId) -> Self {
        Self { id }
    }
}
