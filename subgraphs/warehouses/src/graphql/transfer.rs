//! `StockTransfer`.

use async_graphql::{Context, Enum, Object, SimpleObject};
use stockgraph_kit::{error::ApiError, instant::Instant};

use super::{
    loader::{self, LinesOf},
    product::Product,
    warehouse::{self, Warehouse},
};
use crate::domain::transfer::{Transfer, TransferId, TransferStatus as Status};

/// How far a transfer has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Status")]
pub enum StockTransferStatus {
    /// The goods have left the source, and have not arrived.
    InTransit,
    /// The goods are in the destination.
    Received,
    /// The goods are back in the source.
    Cancelled,
}

/// A move of goods between warehouses.
pub struct StockTransfer(pub Transfer);

/// A move of goods between warehouses.
#[Object]
impl StockTransfer {
    /// The transfer's id.
    async fn id(&self) -> TransferId {
        self.0.id
    }

    /// How far it has come.
    async fn status(&self) -> StockTransferStatus {
        self.0.status.into()
    }

    /// Where the goods come from.
    async fn source(&self, ctx: &Context<'_>) -> Result<Warehouse, ApiError> {
        warehouse::referred(ctx, self.0.source).await
    }

    /// Where the goods go.
    async fn destination(&self, ctx: &Context<'_>) -> Result<Warehouse, ApiError> {
        warehouse::referred(ctx, self.0.destination).await
    }

    /// What is moved.
    async fn lines(&self, ctx: &Context<'_>) -> Result<Vec<StockTransferLine>, ApiError> {
        let lines = loader::load(ctx, LinesOf(self.0.id)).await?;
        let line = |line: crate::domain::line::Line| StockTransferLine {
            product: Some(Product(line.product)),
            quantity: line.quantity,
        };
        Ok(lines.unwrap_or_default().into_iter().map(line).collect())
    }

    /// When the goods left.
    async fn created_at(&self) -> Instant {
        self.0.created_at.into()
    }

    /// When the goods arrived, or were back.
    async fn closed_at(&self) -> Option<Instant> {
        self.0.closed_at.map(Into::into)
    }
}

/// A product of a transfer.
#[derive(SimpleObject)]
pub struct StockTransferLine {
    /// The product.
    product: Option<Product>,
    /// How many units of it are moved.
    quantity: i32,
}
