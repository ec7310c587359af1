//! Pages of levels and of the ledger.

use std::sync::Arc;

use futures_util::FutureExt;
use stockgraph_kit::{
    error::ApiError,
    id::Id,
    paging::{
        CountedConnection, PageArgs, PageRequest, TotalCount, UncountedConnection, counted,
        uncounted,
    },
};
use uuid::Uuid;

use super::{movement::StockMovement, stock_level::StockLevel};
use crate::{
    domain::{
        level::Level,
        movement::{Movement, MovementFilter},
        warehouse::WarehouseId,
    },
    service::{Warehouses, reading::LowKey},
};

/// A page of levels. All lists of levels share one kind of cursor; where the order is by id alone, its number is 0.
pub type StockLevelConnection = CountedConnection<LowKey, StockLevel>;

/// A page of the ledger.
pub type StockMovementConnection = UncountedConnection<Uuid, StockMovement>;

/// The levels of a warehouse.
pub(super) async fn of_warehouse(
    stock: &Warehouses,
    id: WarehouseId,
    args: PageArgs,
) -> Result<StockLevelConnection, ApiError> {
    let request: PageRequest<LowKey> = args.check()?;
    let by_id = PageRequest {
        after: request.after.map(|key| key.1),
        before: request.before.map(|key| key.1),
        size: request.size,
        from_end: request.from_end,
    };
    let page = request.page(stock.levels_of_warehouse(id, &by_id).await?);
    let counted_stock = stock.clone();
    let total = TotalCount::new(move || {
        let stock = counted_stock.clone();
        async move { Ok(stock.count_levels_of_warehouse(id).await?) }.boxed()
    });
    Ok(counted(page, total, |level: &Level| (0, level.id.uuid())))
}

/// The levels that are low.
pub(super) async fn low(
    stock: &Warehouses,
    warehouse: Option<WarehouseId>,
    args: PageArgs,
) -> Result<StockLevelConnection, ApiError> {
    let request: PageRequest<LowKey> = args.check()?;
    let page = request.page(stock.low_stock(warehouse, &request).await?);
    let counted_stock = stock.clone();
    let total = TotalCount::new(move || {
        let stock = counted_stock.clone();
        async move { Ok(stock.count_low_stock(warehouse).await?) }.boxed()
    });
    Ok(counted(page, total, |level: &Level| {
        (level.headroom(), level.id.uuid())
    }))
}

/// The part of the ledger that meets the filter, newest first.
pub(super) async fn movements(
    stock: &Warehouses,
    filter: &MovementFilter,
    args: PageArgs,
) -> Result<StockMovementConnection, ApiError> {
    let request: PageRequest<Uuid> = args.check()?;
    let page = request.page(stock.movements(filter, &request).await?);
    let page = page.map(Arc::new);
    Ok(uncounted(page, |movement: &Arc<Movement>| {
        movement.id.uuid()
    }))
}
