//! `StockReservation`.

use async_graphql::{Context, Enum, Object, SimpleObject};
use stockgraph_kit::{error::ApiError, id::ReservationId, instant::Instant};

use super::{
    loader::{self, ContentOf},
    product::Product,
    warehouse::{self, Warehouse},
};
use crate::domain::{
    allocation::Allocation,
    reservation::{Reservation, ReservationStatus as Status},
};

/// What has become of a reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Status")]
pub enum ReservationStatus {
    /// The stock is held.
    Held,
    /// Sold: taken off hand.
    Committed,
    /// Given back.
    Released,
    /// Given back because its time was up.
    Expired,
}

/// Stock held for a reference, by default for one order.
#[derive(Clone, Debug)]
pub struct StockReservation(pub Reservation);

/// Stock held for a reference, by default for one order.
#[Object]
impl StockReservation {
    /// The reservation's id, as its caller chose it.
    async fn id(&self) -> ReservationId {
        self.0.id
    }

    /// What has become of it.
    async fn status(&self) -> ReservationStatus {
        self.0.status.into()
    }

    /// From when on the stock is given back, if it is still held.
    async fn expires_at(&self) -> Instant {
        self.0.expires_at.into()
    }

    /// What is held, or was.
    async fn lines(&self, ctx: &Context<'_>) -> Result<Vec<StockReservationLine>, ApiError> {
        let content = loader::load(ctx, ContentOf(self.0.id))
            .await?
            .unwrap_or_default();
        let lines = content.lines.iter().map(|line| StockReservationLine {
            product: Some(Product(line.product)),
            quantity: line.quantity,
            allocations: content
                .allocations
                .iter()
                .filter(|part| part.product == line.product)
                .map(|part| StockAllocation(*part))
                .collect(),
        });
        Ok(lines.collect())
    }

    /// Since when the stock is held.
    async fn created_at(&self) -> Instant {
        self.0.created_at.into()
    }

    /// Since when the stock is no longer held.
    async fn closed_at(&self) -> Option<Instant> {
        self.0.closed_at.map(Into::into)
    }
}

/// A product of a reservation.
#[derive(SimpleObject)]
pub struct StockReservationLine {
    /// The product.
    product: Option<Product>,
    /// How many units of it are held.
    quantity: i32,
    /// Which warehouse holds how much of it.
    allocations: Vec<StockAllocation>,
}

/// So many units that a warehouse holds.
pub struct StockAllocation(Allocation);

/// So many units that a warehouse holds.
#[Object]
impl StockAllocation {
    /// The warehouse.
    async fn warehouse(&self, ctx: &Context<'_>) -> Result<Warehouse, ApiError> {
        warehouse::referred(ctx, self.0.warehouse).await
    }

    /// How many units.
    async fn quantity(&self) -> i32 {
        self.0.quantity
    }
}
