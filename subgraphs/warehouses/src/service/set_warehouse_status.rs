//! Counts a warehouse's stock as available, or no longer.

use sea_orm::DbErr;
use stockgraph_kit::database::{self, persistently};

use super::{StockNews, Warehouses};
use crate::{
    domain::warehouse::{Warehouse, WarehouseId, WarehouseStatus},
    repo,
};

/// Why a warehouse's status cannot be set.
#[derive(Debug, thiserror::Error)]
pub enum SetWarehouseStatusError {
    /// There is none.
    #[error("there is no warehouse {0}")]
    NotFound(WarehouseId),
    /// The database fails.
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl Warehouses {
    /// Brings a warehouse to this status, if it has another. What is reserved in it stays reserved.
    ///
    /// # Errors
    ///
    /// [`SetWarehouseStatusError`].
    pub async fn set_warehouse_status(
        &self,
        id: WarehouseId,
        status: WarehouseStatus,
    ) -> Result<Warehouse, SetWarehouseStatusError> {
        persistently(|| self.try_to_set_status(id, status)).await
    }

    async fn try_to_set_status(
        &self,
        id: WarehouseId,
        status: WarehouseStatus,
    ) -> Result<Warehouse, SetWarehouseStatusError> {
        let tx = self.database.begin().await?;
        let mut warehouse = repo::warehouses::lock(&tx, id)
            .await?
            .ok_or(SetWarehouseStatusError::NotFound(id))?;
        if warehouse.status == status {
            return Ok(warehouse);
        }
        warehouse.status = status;
        warehouse.updated_at = self.clock.now();
        repo::warehouses::update(&tx, &warehouse).await?;
        let news = [StockNews::Warehouse(id)];
        self.news.announce(&tx, news).await?;
        database::commit(tx, "set warehouse status").await?;
        self.news.publish(StockNews::Warehouse(id));
        Ok(warehouse)
    }
}
