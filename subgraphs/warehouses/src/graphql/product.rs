//! `Product` as far as its stock goes, and `ProductStock`.

use std::sync::Arc;

use async_graphql::{Context, Object};
use stockgraph_kit::{
    error::ApiError, guard::guarded, id::ProductId, instant::Instant, paging::PageArgs,
};

use super::{
    connection::{self, StockMovementConnection},
    loader::{self, InTransit},
    stock,
    stock_level::StockLevel,
};
use crate::{
    domain::{self, movement::MovementFilter},
    service::WatchedStock,
};

/// A product of the catalogue, as far as its stock goes.
#[derive(Clone, Copy, Debug)]
pub struct Product(pub ProductId);

/// A sellable unit; what it is, the catalogue knows.
#[Object]
impl Product {
    /// The product's id.
    async fn id(&self) -> ProductId {
        self.0
    }

    /// What there is of it. Null when the stock is not known just now.
    async fn stock(&self, ctx: &Context<'_>) -> Result<Option<ProductStock>, ApiError> {
        let stock = loader::load(ctx, self.0).await?;
        Ok(stock.map(|stock| ProductStock {
            product: *self,
            stock,
            in_transit: None,
        }))
    }
}

/// What there is of a product. The totals count active warehouses only.
#[derive(Clone, Debug)]
pub struct ProductStock {
    product: Product,
    stock: Arc<domain::product_stock::ProductStock>,
    /// Where it was loaded together with the stock.
    in_transit: Option<i32>,
}

impl From<WatchedStock> for ProductStock {
    fn from(watched: WatchedStock) -> Self {
        Self {
            product: Product(watched.product),
            stock: Arc::new(watched.stock),
            in_transit: Some(watched.in_transit),
        }
    }
}

/// What there is of a product. The totals count active warehouses only.
#[guarded]
#[Object]
impl ProductStock {
    /// The product.
    async fn product(&self) -> Option<Product> {
        Some(self.product)
    }

    /// In the warehouses, reserved or not.
    async fn on_hand(&self) -> i32 {
        self.stock.on_hand()
    }

    /// Held for orders that are not yet paid.
    async fn reserved(&self) -> i32 {
        self.stock.reserved()
    }

    /// What can be ordered now: on hand, less reserved, less the safety stock; never negative.
    async fn available(&self) -> i32 {
        self.stock.available()
    }

    /// On its way between warehouses.
    async fn in_transit(&self, ctx: &Context<'_>) -> Result<i32, ApiError> {
        match self.in_transit {
            Some(quantity) => Ok(quantity),
            None => {
                let quantity = loader::load(ctx, InTransit(self.product.0)).await?;
                Ok(quantity.unwrap_or_default())
            }
        }
    }

    /// Whether any of it can be ordered now.
    async fn in_stock(&self) -> bool {
        self.stock.available() > 0
    }

    /// What there is in each warehouse, in the order in which they give.
    async fn by_warehouse(
        &self,
        #[graphql(
            desc = "Whether inactive warehouses are listed too.",
            default_with = "Some(false)"
        )]
        include_inactive: Option<bool>,
    ) -> Vec<StockLevel> {
        self.stock
            .places(include_inactive.unwrap_or_default())
            .cloned()
            .map(StockLevel::from)
            .collect()
    }

    /// The ledger of this product, newest first.
    #[requires("stock:read")]
    async fn movements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many nodes from the start, at most 100; 20 without it.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many nodes from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<StockMovementConnection, ApiError> {
        let filter = MovementFilter {
            product: Some(self.product.0),
            ..MovementFilter::default()
        };
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        connection::movements(stock(ctx), &filter, args).await
    }

    /// What was on hand at that instant, from the ledger; what happened at it counts. In the warehouses that are active now.
    #[requires("stock:read")]
    async fn on_hand_at(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "When.")] instant: Instant,
    ) -> Result<i32, ApiError> {
        Ok(stock(ctx).on_hand_at(self.product.0, instant.0).await?)
    }
}
