//! Reservations, their lines and their allocations.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{LockBehavior, LockType, OnConflict},
};
use stockgraph_kit::id::ReservationId;

use super::{changed_all, known, levels, padded, pieces};
use crate::{
    domain::{
        allocation::Allocation,
        level::{Level, LevelId},
        line::Line,
        reservation::{Reservation, ReservationStatus},
        settlement::Opened,
    },
    entity::{
        reservation::{Column, Entity, Model},
        reservation_allocation, reservation_line,
    },
};

fn from_row(row: Model) -> Result<Reservation, DbErr> {
    Ok(Reservation {
        id: row.id,
        status: known(ReservationStatus::parse(&row.status), "reservations.status")?,
        digest: row.digest,
        owner: row.owner_id,
        expires_at: row.expires_at,
        created_at: row.created_at,
        closed_at: row.closed_at,
    })
}

/// These reservations.
pub async fn by_ids(
    db: &impl ConnectionTrait,
    ids: &[ReservationId],
) -> Result<Vec<Reservation>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Id.is_in(padded(ids)))
        .all(db)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// Locks these reservations, by id; before any level, so that who ends a reservation and who expires it do not wait for each other.
pub async fn lock(
    db: &impl ConnectionTrait,
    ids: &[ReservationId],
) -> Result<Vec<Reservation>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Id.is_in(padded(ids)))
        .order_by_asc(Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(db)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// Locks up to `limit` reservations whose time is up, those first that have waited longest; on PostgreSQL without those that
/// somebody else has locked.
pub async fn lock_due(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<ReservationId>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Status.eq(ReservationStatus::Held.as_str()))
        .filter(Column::ExpiresAt.lte(now))
        .order_by_asc(Column::ExpiresAt)
        .order_by_asc(Column::Id)
        .limit(limit)
        .lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked)
        .into_tuple()
        .all(db)
        .await
}

/// Whether there is a reservation whose time is up.
pub async fn any_due(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let due: Option<ReservationId> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Status.eq(ReservationStatus::Held.as_str()))
        .filter(Column::ExpiresAt.lte(now))
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    Ok(due.is_some())
}

/// Writes new reservations. In the order of their ids, so that two who write the same do not wait for each other.
pub async fn insert(db: &impl ConnectionTrait, opened: &[Opened]) -> Result<(), DbErr> {
    let reservations = opened.iter().map(|opened| {
        let reservation = &opened.holding.reservation;
        Model {
            id: reservation.id,
            status: reservation.status.as_str().to_owned(),
            digest: reservation.digest.clone(),
            owner_id: reservation.owner,
            expires_at: reservation.expires_at,
            created_at: reservation.created_at,
            closed_at: reservation.closed_at,
        }
    });
    let reservations: Vec<_> = reservations.collect();
    for chunk in pieces(db.get_database_backend(), &reservations) {
        let rows = chunk
            .iter()
            .cloned()
            .map(IntoActiveModel::into_active_model);
        Entity::insert_many(rows).exec_without_returning(db).await?;
    }
    insert_lines(db, opened).await?;
    insert_allocations(db, opened).await
}

async fn insert_lines(db: &impl ConnectionTrait, opened: &[Opened]) -> Result<(), DbErr> {
    let rows: Vec<_> = opened
        .iter()
        .flat_map(|opened| {
            let reservation = opened.holding.reservation.id;
            (0..)
                .zip(opened.lines.as_slice())
                .map(move |(position, line)| reservation_line::ActiveModel {
                    reservation_id: Set(reservation),
                    product_id: Set(line.product),
                    position: Set(position),
                    quantity: Set(line.quantity),
                })
        })
        .collect();
    for chunk in pieces(db.get_database_backend(), &rows) {
        reservation_line::Entity::insert_many(chunk.iter().cloned())
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

async fn insert_allocations(db: &impl ConnectionTrait, opened: &[Opened]) -> Result<(), DbErr> {
    let rows: Vec<_> = opened
        .iter()
        .flat_map(|opened| {
            let reservation = opened.holding.reservation.id;
            let parts = opened.holding.allocations.iter();
            parts.map(move |part| allocation_row(reservation, part))
        })
        .collect();
    for chunk in pieces(db.get_database_backend(), &rows) {
        reservation_allocation::Entity::insert_many(chunk.iter().cloned())
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

fn allocation_row(
    reservation: ReservationId,
    part: &Allocation,
) -> reservation_allocation::ActiveModel {
    reservation_allocation::ActiveModel {
        reservation_id: Set(reservation),
        level_id: Set(part.level),
        quantity: Set(part.quantity),
        returned: Set(part.returned),
    }
}

/// Writes the end of reservations that are locked and held.
pub async fn end(db: &impl ConnectionTrait, ended: &[Reservation]) -> Result<(), DbErr> {
    for status in ReservationStatus::ALL {
        let ids: Vec<_> = ended
            .iter()
            .filter(|reservation| reservation.status == *status)
            .map(|reservation| reservation.id)
            .collect();
        let Some(closed_at) = ended.first().and_then(|reservation| reservation.closed_at) else {
            continue;
        };
        for chunk in pieces(db.get_database_backend(), &ids) {
            let changed = Entity::update_many()
                .col_expr(Column::Status, status.as_str().into())
                .col_expr(Column::ClosedAt, closed_at.into())
                .filter(Column::Id.is_in(padded(chunk)))
                .filter(Column::Status.eq(ReservationStatus::Held.as_str()))
                .exec(db)
                .await?;
            changed_all(changed.rows_affected, chunk.len(), "reservations that end")?;
        }
    }
    Ok(())
}

/// The lines of these reservations, of each as its caller ordered them.
pub async fn lines(
    db: &impl ConnectionTrait,
    ids: &[ReservationId],
) -> Result<Vec<(ReservationId, Line)>, DbErr> {
    let rows = reservation_line::Entity::find()
        .filter(reservation_line::Column::ReservationId.is_in(padded(ids)))
        .order_by_asc(reservation_line::Column::ReservationId)
        .order_by_asc(reservation_line::Column::Position)
        .all(db)
        .await?;
    let line = |row: reservation_line::Model| {
        let line = Line {
            product: row.product_id,
            quantity: row.quantity,
        };
        (row.reservation_id, line)
    };
    Ok(rows.into_iter().map(line).collect())
}

/// So many units of a level, held for a reservation, before it is known whose the level is.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    /// By which reservation.
    pub reservation: ReservationId,
    /// Of which level.
    pub level: LevelId,
    quantity: i32,
    returned: i32,
}

impl Held {
    /// The allocation, with its level at hand.
    pub const fn of(&self, level: &Level) -> Allocation {
        Allocation {
            level: self.level,
            product: level.product,
            warehouse: level.warehouse,
            quantity: self.quantity,
            returned: self.returned,
        }
    }
}

/// What these reservations hold of which level.
pub async fn held(db: &impl ConnectionTrait, ids: &[ReservationId]) -> Result<Vec<Held>, DbErr> {
    let rows = reservation_allocation::Entity::find()
        .filter(reservation_allocation::Column::ReservationId.is_in(padded(ids)))
        .order_by_asc(reservation_allocation::Column::ReservationId)
        .order_by_asc(reservation_allocation::Column::LevelId)
        .all(db)
        .await?;
    let held = |row: reservation_allocation::Model| Held {
        reservation: row.reservation_id,
        level: row.level_id,
        quantity: row.quantity,
        returned: row.returned,
    };
    Ok(rows.into_iter().map(held).collect())
}

/// The allocations of these reservations. Two statements: a level's product and warehouse never change.
pub async fn allocations(
    db: &impl ConnectionTrait,
    ids: &[ReservationId],
) -> Result<Vec<(ReservationId, Allocation)>, DbErr> {
    let held = held(db, ids).await?;
    let mut level_ids: Vec<_> = held.iter().map(|part| part.level).collect();
    level_ids.sort_unstable();
    level_ids.dedup();
    let levels = levels::by_ids(db, &level_ids).await?;
    let by_id: std::collections::HashMap<_, _> =
        levels.iter().map(|level| (level.id, level)).collect();
    Ok(held
        .iter()
        .filter_map(|part| Some((part.reservation, part.of(by_id.get(&part.level)?))))
        .collect())
}

/// Writes how much of the allocations of a locked reservation has come back.
pub async fn save_returned(
    db: &impl ConnectionTrait,
    reservation: ReservationId,
    allocations: &[Allocation],
) -> Result<(), DbErr> {
    use reservation_allocation::{Column, Entity};
    for chunk in pieces(db.get_database_backend(), allocations) {
        let update = OnConflict::columns([Column::ReservationId, Column::LevelId])
            .update_column(Column::Returned)
            .to_owned();
        let rows = chunk.iter().map(|part| allocation_row(reservation, part));
        let changed = Entity::insert_many(rows)
            .on_conflict(update)
            .exec_without_returning(db)
            .await?;
        changed_all(changed, chunk.len(), "returned allocations")?;
    }
    Ok(())
}
