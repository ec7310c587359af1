//! How much is owed to the warehouses.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use super::convert;
use crate::{domain::effect::EffectKind, entity::stock_effect as row};

/// Of the effects of one kind that are not done, how many there are and since when the oldest is owed. Kinds without any are left out.
pub async fn open_by_kind(
    db: &impl ConnectionTrait,
) -> Result<Vec<(EffectKind, u64, DateTime<Utc>)>, DbErr> {
    let rows: Vec<(String, i64, DateTime<Utc>)> = row::Entity::find()
        .select_only()
        .column(row::Column::Kind)
        .column_as(row::Column::Id.count(), "number")
        .column_as(row::Column::CreatedAt.min(), "oldest")
        .filter(row::Column::DoneAt.is_null())
        .group_by(row::Column::Kind)
        .into_tuple()
        .all(db)
        .await?;
    rows.into_iter()
        .map(|(kind, number, oldest)| {
            let kind = kind.parse().map_err(convert::corrupt)?;
            let number = u64::try_from(number).map_err(convert::corrupt)?;
            Ok((kind, number, oldest))
        })
        .collect()
}
