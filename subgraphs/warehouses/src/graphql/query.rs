//! The queries and the entities.

use async_graphql::{Context, ID, Object};
use stockgraph_kit::{
    caller::{Caller, Scope},
    error::ApiError,
    guard::guarded,
    id::{Id, ProductId, ReservationId},
    paging::PageArgs,
};

use super::{
    connection::{self, StockLevelConnection, StockMovementConnection},
    loader::{self, WarehouseCode},
    may_see,
    movement::{StockMovement, StockMovementFilter},
    product::Product,
    reservation::StockReservation,
    stock,
    stock_level::StockLevel,
    transfer::StockTransfer,
    warehouse::{Warehouse, WarehouseStatus},
};
use crate::domain::{
    level::LevelId, movement::MovementId, transfer::TransferId, warehouse::WarehouseId,
};

/// The root of the queries.
pub struct Query;

/// What can be read.
#[guarded]
#[Object]
impl Query {
    /// One warehouse by id.
    async fn warehouse(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which warehouse.")] id: WarehouseId,
    ) -> Result<Option<Warehouse>, ApiError> {
        Ok(loader::load(ctx, id).await?.map(Warehouse))
    }

    /// All warehouses, in the order in which they give.
    async fn warehouses(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those of this status.")] status: Option<WarehouseStatus>,
    ) -> Result<Vec<Warehouse>, ApiError> {
        let found = stock(ctx).warehouses(status.map(Into::into)).await?;
        Ok(found.into_iter().map(Warehouse).collect())
    }

    /// Stock levels at or under their low-stock threshold, the emptiest first.
    #[requires("stock:read")]
    async fn low_stock(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many nodes from the start, at most 100; 20 without it.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many nodes from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "Only levels of this warehouse.")] warehouse_id: Option<WarehouseId>,
    ) -> Result<StockLevelConnection, ApiError> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        connection::low(stock(ctx), warehouse_id, args).await
    }

    /// The ledger, newest first.
    #[requires("stock:read")]
    async fn stock_movements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many nodes from the start, at most 100; 20 without it.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many nodes from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "Only entries that meet these conditions.")] filter: Option<
            StockMovementFilter,
        >,
    ) -> Result<StockMovementConnection, ApiError> {
        let filter = filter.map(TryInto::try_into).transpose()?;
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        connection::movements(stock(ctx), &filter.unwrap_or_default(), args).await
    }

    /// One reservation by id.
    #[requires("stock:read")]
    async fn stock_reservation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which reservation.")] id: ReservationId,
    ) -> Result<Option<StockReservation>, ApiError> {
        Ok(loader::load(ctx, id).await?.map(StockReservation))
    }

    /// One transfer by id.
    #[requires("stock:read")]
    async fn stock_transfer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which transfer.")] id: TransferId,
    ) -> Result<Option<StockTransfer>, ApiError> {
        Ok(loader::load(ctx, id).await?.map(StockTransfer))
    }

    // What others refer to. Whatever is no id, or is not there, or not for the caller to see, is null and spoils nothing beside it.

    #[graphql(entity)]
    async fn find_product_by_id(&self, id: ID) -> Option<Product> {
        ProductId::parse(&id).ok().map(Product)
    }

    #[graphql(entity)]
    async fn find_stock_level_by_id(
        &self,
        ctx: &Context<'_>,
        id: ID,
    ) -> Result<Option<StockLevel>, ApiError> {
        match LevelId::parse(&id) {
            Ok(id) => Ok(loader::load(ctx, id).await?.map(Into::into)),
            Err(_) => Ok(None),
        }
    }

    #[graphql(entity)]
    async fn find_warehouse_by_id(
        &self,
        ctx: &Context<'_>,
        id: ID,
    ) -> Result<Option<Warehouse>, ApiError> {
        match WarehouseId::parse(&id) {
            Ok(id) => Ok(loader::load(ctx, id).await?.map(Warehouse)),
            Err(_) => Ok(None),
        }
    }

    #[graphql(entity)]
    async fn find_warehouse_by_code(
        &self,
        ctx: &Context<'_>,
        code: String,
    ) -> Result<Option<Warehouse>, ApiError> {
        let found = loader::load(ctx, WarehouseCode(code)).await?;
        Ok(found.map(Warehouse))
    }

    #[graphql(entity)]
    async fn find_stock_reservation_by_id(
        &self,
        ctx: &Context<'_>,
        id: ID,
    ) -> Result<Option<StockReservation>, ApiError> {
        let Ok(id) = ReservationId::parse(&id) else {
            return Ok(None);
        };
        let found = loader::load(ctx, id).await?;
        let found = found.filter(|reservation| may_see(ctx, reservation));
        Ok(found.map(StockReservation))
    }

    #[graphql(entity)]
    async fn find_stock_movement_by_id(
        &self,
        ctx: &Context<'_>,
        id: ID,
    ) -> Result<Option<StockMovement>, ApiError> {
        match MovementId::parse(&id) {
            Ok(id) if Caller::of(ctx).may(Scope::StockRead) => {
                let found = loader::load(ctx, id).await?;
                Ok(found.map(|movement| std::sync::Arc::new(movement).into()))
            }
            Ok(_) | Err(_) => Ok(None),
        }
    }

    #[graphql(entity)]
    async fn find_stock_transfer_by_id(
        &self,
        ctx: &Context<'_>,
        id: ID,
    ) -> Result<Option<StockTransfer>, ApiError> {
        match TransferId::parse(&id) {
            Ok(id) if Caller::of(ctx).may(Scope::StockRead) => {
                Ok(loader::load(ctx, id).await?.map(StockTransfer))
            }
            Ok(_) | Err(_) => Ok(None),
        }
    }
}
