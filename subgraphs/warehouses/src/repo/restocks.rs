//! Goods that came back.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, sea_query::OnConflict};

use crate::{
    domain::restock::Restock,
    entity::restock::{Column, Entity, Model},
};

/// Writes a restock, unless there is one with its id: then that one is answered.
pub async fn claim(
    db: &impl ConnectionTrait,
    restock: &Restock,
    now: DateTime<Utc>,
) -> Result<Option<Restock>, DbErr> {
    let row = Model {
        id: restock.id,
        reservation_id: restock.reservation,
        digest: restock.digest.clone(),
        created_at: now,
    };
    let written = Entity::insert(row.into_active_model())
        .on_conflict(OnConflict::column(Column::Id).do_nothing().to_owned())
        .exec_without_returning(db)
        .await?;
    if written == 1 {
        return Ok(None);
    }
    let known = Entity::find_by_id(restock.id).one(db).await?;
    Ok(known.map(|row| Restock {
        id: row.id,
        reservation: row.reservation_id,
        digest: row.digest,
    }))
}
