//! The ledger: written once, read for ever.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect, Statement,
};
use stockgraph_kit::{id::ProductId, paging::PageRequest};
use uuid::Uuid;

use super::{known, padded, pieces};
use crate::{
    domain::{
        level::LevelId,
        movement::{Cause, Entry, Movement, MovementFilter, MovementId, MovementKind, Reference},
        warehouse::WarehouseStatus,
    },
    entity::stock_movement::{ActiveModel, Column, Entity, Model},
};

fn from_row(row: Model) -> Result<Movement, DbErr> {
    let kind = known(MovementKind::parse(&row.kind), "stock_movements.kind")?;
    Ok(Movement {
        id: row.id,
        entry: Entry {
            level: row.level_id,
            sequence: row.sequence,
            product: row.product_id,
            warehouse: row.warehouse_id,
            cause: Cause {
                kind,
                reference: row.reference_id.and_then(|id| Reference::of(kind, id)),
                reason: row.reason,
                actor: row.actor_id,
            },
            on_hand_delta: row.on_hand_delta,
            reserved_delta: row.reserved_delta,
            on_hand_after: row.on_hand_after,
            reserved_after: row.reserved_after,
            occurred_at: row.occurred_at,
        },
    })
}

fn to_row(movement: Movement) -> ActiveModel {
    let Movement { id, entry } = movement;
    ActiveModel {
        id: Set(id),
        level_id: Set(entry.level),
        sequence: Set(entry.sequence),
        product_id: Set(entry.product),
        warehouse_id: Set(entry.warehouse),
        kind: Set(entry.cause.kind.as_str().to_owned()),
        on_hand_delta: Set(entry.on_hand_delta),
        reserved_delta: Set(entry.reserved_delta),
        on_hand_after: Set(entry.on_hand_after),
        reserved_after: Set(entry.reserved_after),
        reason: Set(entry.cause.reason),
        reference_id: Set(entry.cause.reference.map(Reference::uuid)),
        actor_id: Set(entry.cause.actor),
        occurred_at: Set(entry.occurred_at),
    }
}

/// Writes entries.
pub async fn insert(db: &impl ConnectionTrait, movements: Vec<Movement>) -> Result<(), DbErr> {
    let rows: Vec<_> = movements.into_iter().map(to_row).collect();
    for chunk in pieces(db.get_database_backend(), &rows) {
        Entity::insert_many(chunk.iter().cloned())
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

/// These entries.
pub async fn by_ids(db: &impl ConnectionTrait, ids: &[MovementId]) -> Result<Vec<Movement>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Id.is_in(padded(ids)))
        .all(db)
        .await?;
    rows.into_iter().map(from_row).collect()
}

fn condition(filter: &MovementFilter) -> Condition {
    let mut which = Condition::all()
        .add_option(filter.product.map(|id| Column::ProductId.eq(id)))
        .add_option(filter.warehouse.map(|id| Column::WarehouseId.eq(id)))
        .add_option(filter.kind.map(|kind| Column::Kind.eq(kind.as_str())))
        // The ids sort by instant, and the index has them.
        .add_option(
            filter
                .from
                .map(|from| Column::Id.gte(MovementId::first_at(from))),
        )
        .add_option(filter.to.map(|to| Column::Id.lt(MovementId::first_at(to))));
    if let Some(reference) = filter.reference {
        let kinds = reference.kinds().iter().map(|kind| kind.as_str());
        which = which
            .add(Column::ReferenceId.eq(reference.uuid()))
            .add(Column::Kind.is_in(kinds));
    }
    which
}

/// A page of the ledger, newest first.
pub async fn page(
    db: &impl ConnectionTrait,
    filter: &MovementFilter,
    page: &PageRequest<Uuid>,
) -> Result<Vec<Movement>, DbErr> {
    let mut cursor = Entity::find()
        .filter(condition(filter))
        .cursor_by(Column::Id);
    cursor.desc();
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
    rows.into_iter().map(from_row).collect()
}

/// What was on hand of a product at that instant, what happened at it included, in the warehouses that are active now.
pub async fn on_hand_at(
    db: &impl ConnectionTrait,
    product: ProductId,
    instant: DateTime<Utc>,
) -> Result<i64, DbErr> {
    let end = instant
        .checked_add_signed(TimeDelta::microseconds(1))
        .unwrap_or(DateTime::<Utc>::MAX_UTC);
    // Of each level the last entry before the end, which says what the level was after it.
    let statement = Statement::from_sql_and_values(
        db.get_database_backend(),
        "SELECT CAST(COALESCE(SUM(last.on_hand_after), 0) AS BIGINT) AS on_hand FROM (\
           SELECT (\
             SELECT entry.on_hand_after FROM stock_movements entry \
             WHERE entry.product_id = level.product_id AND entry.level_id = level.id AND entry.id < $2 \
             ORDER BY entry.id DESC LIMIT 1\
           ) AS on_hand_after \
           FROM stock_levels level JOIN warehouses ON warehouses.id = level.warehouse_id \
           WHERE level.product_id = $1 AND warehouses.status = $3\
         ) AS last",
        [
            product.into(),
            MovementId::first_at(end).into(),
            WarehouseStatus::Active.as_str().into(),
        ],
    );
    match db.query_one_raw(statement).await? {
        Some(row) => row.try_get("", "on_hand"),
        None => Ok(0),
    }
}

/// The levels that this moved, by id.
pub async fn levels_of(
    db: &impl ConnectionTrait,
    reference: Reference,
) -> Result<Vec<LevelId>, DbErr> {
    let filter = MovementFilter {
        reference: Some(reference),
        ..MovementFilter::default()
    };
    Entity::find()
        .select_only()
        .column(Column::LevelId)
        .distinct()
        .filter(condition(&filter))
        .order_by_asc(Column::LevelId)
        .into_tuple()
        .all(db)
        .await
}
