//! `Warehouse`.

use async_graphql::{Context, Enum, Object};
use stockgraph_kit::{error::ApiError, instant::Instant, paging::PageArgs};

use super::{
    connection::{self, StockLevelConnection},
    loader, stock,
};
use crate::domain::{
    self,
    warehouse::{WarehouseId, WarehouseStatus as Status},
};

/// Whether a warehouse's stock can be ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Status")]
pub enum WarehouseStatus {
    /// Its stock can be ordered.
    Active,
    /// Its stock cannot be ordered; what is reserved there can still be sold or given back.
    Inactive,
}

/// A place that stock is in.
#[derive(Clone, Debug)]
pub struct Warehouse(pub domain::warehouse::Warehouse);

/// A place that stock is in.
#[Object]
impl Warehouse {
    /// The warehouse's id.
    async fn id(&self) -> WarehouseId {
        self.0.id
    }

    /// Short and unique, e.g. `JKT`.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// The warehouse's name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Where it is, in words.
    async fn location(&self) -> Option<&str> {
        self.0.location.as_deref()
    }

    /// Whether its stock can be ordered.
    async fn status(&self) -> WarehouseStatus {
        self.0.status.into()
    }

    /// Stock is taken from the warehouse with the lowest number first.
    async fn priority(&self) -> i32 {
        self.0.priority
    }

    /// What is in the warehouse, a level for each product that was ever there.
    async fn stock_levels(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many nodes from the start, at most 100; 20 without it.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many nodes from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<StockLevelConnection, ApiError> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        connection::of_warehouse(stock(ctx), self.0.id, args).await
    }

    /// Since when the warehouse is known.
    async fn created_at(&self) -> Instant {
        self.0.created_at.into()
    }

    /// When the warehouse was changed last.
    async fn updated_at(&self) -> Instant {
        self.0.updated_at.into()
    }
}

/// The warehouse with this id, which a row refers to.
pub(super) async fn referred(ctx: &Context<'_>, id: WarehouseId) -> Result<Warehouse, ApiError> {
    loader::load(ctx, id)
        .await?
        .map(Warehouse)
        .ok_or_else(|| ApiError::internal(&format!("no warehouse {id} for a row that names it")))
}
