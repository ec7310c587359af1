//! `StockLevel`.

use async_graphql::{Context, Object};
use stockgraph_kit::{error::ApiError, instant::Instant};

use super::{
    product::Product,
    warehouse::{self, Warehouse},
};
use crate::domain::{
    level::{Level, LevelId},
    product_stock::Place,
};

/// One product in one warehouse.
#[derive(Clone, Debug)]
pub struct StockLevel {
    level: Level,
    /// Where the level was loaded together with it.
    warehouse: Option<Warehouse>,
}

impl From<Level> for StockLevel {
    fn from(level: Level) -> Self {
        Self {
            level,
            warehouse: None,
        }
    }
}

impl From<Place> for StockLevel {
    fn from(place: Place) -> Self {
        Self {
            level: place.level,
            warehouse: Some(Warehouse(place.warehouse)),
        }
    }
}

/// One product in one warehouse.
#[Object]
impl StockLevel {
    /// The level's id.
    async fn id(&self) -> LevelId {
        self.level.id
    }

    /// The product.
    async fn product(&self) -> Option<Product> {
        Some(Product(self.level.product))
    }

    /// The warehouse.
    async fn warehouse(&self, ctx: &Context<'_>) -> Result<Warehouse, ApiError> {
        match &self.warehouse {
            Some(warehouse) => Ok(warehouse.clone()),
            None => warehouse::referred(ctx, self.level.warehouse).await,
        }
    }

    /// In the warehouse, reserved or not.
    async fn on_hand(&self) -> i32 {
        self.level.on_hand
    }

    /// Held for orders that are not yet paid.
    async fn reserved(&self) -> i32 {
        self.level.reserved
    }

    /// On hand, less reserved, less the safety stock; never negative. In an inactive warehouse it cannot be ordered all the same.
    async fn available(&self) -> i32 {
        self.level.available()
    }

    /// How much is kept back from sale.
    async fn safety_stock(&self) -> i32 {
        self.level.safety_stock
    }

    /// From which number of available units the stock counts as low.
    async fn low_stock_threshold(&self) -> i32 {
        self.level.low_stock_threshold
    }

    /// When the level was changed last.
    async fn updated_at(&self) -> Instant {
        self.level.updated_at.into()
    }
}
