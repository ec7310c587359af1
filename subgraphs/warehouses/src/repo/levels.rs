//! Stock levels. Whoever changes levels locks them here first: in one order, by id, so that no two wait for each other.

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, Order,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, LockType, OnConflict},
};
use stockgraph_kit::{
    id::{Id, ProductId},
    paging::PageRequest,
};
use uuid::Uuid;

use super::{changed_all, padded, pieces};
use crate::{
    domain::{
        level::{Level, LevelId},
        warehouse::WarehouseId,
    },
    entity::stock_level::{ActiveModel, Column, Entity, Model},
};

fn from_row(row: Model) -> Level {
    Level {
        id: row.id,
        product: row.product_id,
        warehouse: row.warehouse_id,
        on_hand: row.on_hand,
        reserved: row.reserved,
        safety_stock: row.safety_stock,
        low_stock_threshold: row.low_stock_threshold,
        sequence: row.sequence,
        updated_at: row.updated_at,
    }
}

fn to_row(level: &Level) -> ActiveModel {
    Model {
        id: level.id,
        product_id: level.product,
        warehouse_id: level.warehouse,
        on_hand: level.on_hand,
        reserved: level.reserved,
        safety_stock: level.safety_stock,
        low_stock_threshold: level.low_stock_threshold,
        sequence: level.sequence,
        updated_at: level.updated_at,
    }
    .into_active_model()
}

async fn select(db: &impl ConnectionTrait, which: Condition) -> Result<Vec<Level>, DbErr> {
    let rows = Entity::find().filter(which).all(db).await?;
    Ok(rows.into_iter().map(from_row).collect())
}

async fn lock(db: &impl ConnectionTrait, which: Condition) -> Result<Vec<Level>, DbErr> {
    let rows = Entity::find()
        .filter(which)
        .order_by_asc(Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(from_row).collect())
}

/// These levels.
pub async fn by_ids(db: &impl ConnectionTrait, ids: &[LevelId]) -> Result<Vec<Level>, DbErr> {
    let which = Column::Id.is_in(padded(ids));
    select(db, Condition::all().add(which)).await
}

/// The levels of these products, in every warehouse.
pub async fn of_products(
    db: &impl ConnectionTrait,
    products: &[ProductId],
) -> Result<Vec<Level>, DbErr> {
    let which = Column::ProductId.is_in(padded(products));
    select(db, Condition::all().add(which)).await
}

/// The levels of these products in these warehouses.
pub async fn at(
    db: &impl ConnectionTrait,
    warehouses: &[WarehouseId],
    products: &[ProductId],
) -> Result<Vec<Level>, DbErr> {
    select(db, places(warehouses, products)).await
}

fn places(warehouses: &[WarehouseId], products: &[ProductId]) -> Condition {
    Condition::all()
        .add(Column::WarehouseId.is_in(padded(warehouses)))
        .add(Column::ProductId.is_in(padded(products)))
}

/// Locks the levels of these products in these warehouses.
pub async fn lock_at(
    db: &impl ConnectionTrait,
    warehouses: &[WarehouseId],
    products: &[ProductId],
) -> Result<Vec<Level>, DbErr> {
    lock(db, places(warehouses, products)).await
}

/// Locks these levels, and those of these products in every warehouse.
pub async fn lock_for(
    db: &impl ConnectionTrait,
    ids: &[LevelId],
    products: &[ProductId],
) -> Result<Vec<Level>, DbErr> {
    let mut which = Condition::any();
    if !ids.is_empty() {
        which = which.add(Column::Id.is_in(padded(ids)));
    }
    if !products.is_empty() {
        which = which.add(Column::ProductId.is_in(padded(products)));
    }
    if which.is_empty() {
        return Ok(Vec::new());
    }
    lock(db, which).await
}

/// Writes these empty levels where there is none yet, and tells how many it wrote. In the order of their places, so that two who write
/// the same do not wait for each other; before any level is locked, for the same reason.
pub async fn ensure(db: &impl ConnectionTrait, mut levels: Vec<Level>) -> Result<u64, DbErr> {
    let mut written = 0;
    levels.sort_unstable_by_key(|level| (level.product, level.warehouse));
    for chunk in pieces(db.get_database_backend(), &levels) {
        let nothing = OnConflict::columns([Column::ProductId, Column::WarehouseId])
            .do_nothing()
            .to_owned();
        written += Entity::insert_many(chunk.iter().map(to_row))
            .on_conflict(nothing)
            .exec_without_returning(db)
            .await?;
    }
    Ok(written)
}

/// Writes what changed on locked levels, each by as many entries as its sequence has moved on.
pub async fn save(db: &impl ConnectionTrait, levels: &[Level]) -> Result<(), DbErr> {
    for chunk in pieces(db.get_database_backend(), levels) {
        // Every row exists, so this is an update of many rows with values of their own, in one statement that both engines know.
        // A row on which somebody else has written an entry since it was read is left alone, and that is told.
        let update = OnConflict::column(Column::Id)
            .update_columns([
                Column::OnHand,
                Column::Reserved,
                Column::Sequence,
                Column::UpdatedAt,
            ])
            .action_and_where(
                Expr::col((Entity, Column::Sequence)).lt(Expr::col(("excluded", Column::Sequence))),
            )
            .to_owned();
        let changed = Entity::insert_many(chunk.iter().map(to_row))
            .on_conflict(update)
            .exec_without_returning(db)
            .await?;
        changed_all(changed, chunk.len(), "stock levels")?;
    }
    Ok(())
}

/// Writes the policy of a locked level: its safety stock and its threshold.
pub async fn save_policy(db: &impl ConnectionTrait, level: &Level) -> Result<(), DbErr> {
    let changed = Entity::update_many()
        .col_expr(Column::SafetyStock, level.safety_stock.into())
        .col_expr(Column::LowStockThreshold, level.low_stock_threshold.into())
        .col_expr(Column::UpdatedAt, level.updated_at.into())
        .filter(Column::Id.eq(level.id))
        .filter(Column::Sequence.eq(level.sequence))
        .exec(db)
        .await?;
    changed_all(changed.rows_affected, 1, "the policy of a stock level")
}

/// A page of a warehouse's levels, by id.
pub async fn page_of_warehouse(
    db: &impl ConnectionTrait,
    warehouse: WarehouseId,
    page: &PageRequest<Uuid>,
) -> Result<Vec<Level>, DbErr> {
    let mut cursor = Entity::find()
        .filter(Column::WarehouseId.eq(warehouse))
        .cursor_by(Column::Id);
    if let Some(after) = page.after {
        cursor.after(after);
    }
    if let Some(before) = page.before {
        cursor.before(before);
    }
    if page.from_end {
        cursor.last(page.rows());
    } else {
        cursor.first(page.rows());
    }
    let rows = cursor.all(db).await?;
    Ok(rows.into_iter().map(from_row).collect())
}

/// How many levels a warehouse has.
pub async fn count_of_warehouse(
    db: &impl ConnectionTrait,
    warehouse: WarehouseId,
) -> Result<u64, DbErr> {
    Entity::find()
        .filter(Column::WarehouseId.eq(warehouse))
        .count(db)
        .await
}

/// What the low levels are sorted by: the headroom, and the id.
pub type LowKey = (i32, Uuid);

/// [`Level::headroom`] in the database.
fn headroom() -> Expr {
    Expr::cust("on_hand - reserved - safety_stock")
}

fn low(warehouse: Option<WarehouseId>) -> Condition {
    // As the partial index has it.
    Condition::all()
        .add(Expr::cust("low"))
        .add_option(warehouse.map(|id| Column::WarehouseId.eq(id)))
}

/// A page of the levels at or under their threshold, the emptiest first.
pub async fn page_of_low(
    db: &impl ConnectionTrait,
    warehouse: Option<WarehouseId>,
    page: &PageRequest<LowKey>,
) -> Result<Vec<Level>, DbErr> {
    let behind = |(room, id): LowKey| {
        let same = headroom()
            .eq(room)
            .and(Column::Id.gt(LevelId::from_uuid(id)));
        headroom().gt(room).or(same)
    };
    let ahead = |(room, id): LowKey| {
        let same = headroom()
            .eq(room)
            .and(Column::Id.lt(LevelId::from_uuid(id)));
        headroom().lt(room).or(same)
    };
    let which = low(warehouse)
        .add_option(page.after.map(behind))
        .add_option(page.before.map(ahead));
    let order = if page.from_end {
        Order::Desc
    } else {
        Order::Asc
    };
    let mut rows = Entity::find()
        .filter(which)
        .order_by(headroom(), order.clone())
        .order_by(Column::Id, order)
        .limit(page.rows())
        .all(db)
        .await?;
    if page.from_end {
        rows.reverse();
    }
    Ok(rows.into_iter().map(from_row).collect())
}

/// How many levels are at or under their threshold.
pub async fn count_low(
    db: &impl ConnectionTrait,
    warehouse: Option<WarehouseId>,
) -> Result<u64, DbErr> {
    Entity::find().filter(low(warehouse)).count(db).await
}
