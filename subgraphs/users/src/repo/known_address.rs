//! The networks that accounts were signed in to from.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Set,
    sea_query::{Expr, ExprTrait as _, OnConflict},
};
use stockgraph_kit::id::UserId;

use crate::{domain::origin::Network, entity::known_address};

/// When the user signed in from this network last, as far as it is remembered.
pub(crate) async fn seen_at(
    connection: &impl ConnectionTrait,
    user: UserId,
    network: Network,
) -> Result<Option<DateTime<Utc>>, DbErr> {
    let row = known_address::Entity::find_by_id((user, network.to_string()))
        .one(connection)
        .await?;
    Ok(row.map(|row| row.seen_at))
}

/// Remembers that the user signed in from this network; of each user's, the `most` that were seen last are kept.
pub(crate) async fn remember(
    transaction: &impl ConnectionTrait,
    user: UserId,
    network: Network,
    now: DateTime<Utc>,
    most: u64,
) -> Result<(), DbErr> {
    let row = known_address::ActiveModel {
        user_id: Set(user),
        network: Set(network.to_string()),
        seen_at: Set(now),
    };
    known_address::Entity::insert(row)
        .on_conflict(
            OnConflict::columns([
                known_address::Column::UserId,
                known_address::Column::Network,
            ])
            .update_column(known_address::Column::SeenAt)
            .to_owned(),
        )
        .exec_without_returning(transaction)
        .await?;
    let kept = known_address::Entity::find()
        .select_only()
        .column(known_address::Column::Network)
        .filter(known_address::Column::UserId.eq(user))
        .order_by_desc(known_address::Column::SeenAt)
        .order_by_desc(known_address::Column::Network)
        .limit(most);
    known_address::Entity::delete_many()
        .filter(known_address::Column::UserId.eq(user))
        .filter(known_address::Column::Network.not_in_subquery(kept.into_query()))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Removes up to `most` of those that were seen at this instant or before; tells how many.
pub(crate) async fn purge(
    connection: &impl ConnectionTrait,
    seen_until: DateTime<Utc>,
    most: u64,
) -> Result<u64, DbErr> {
    let key = [
        Expr::col(known_address::Column::UserId),
        Expr::col(known_address::Column::Network),
    ];
    let old = known_address::Entity::find()
        .select_only()
        .columns([
            known_address::Column::UserId,
            known_address::Column::Network,
        ])
        .filter(known_address::Column::SeenAt.lte(seen_until))
        .limit(most);
    let purged = known_address::Entity::delete_many()
        .filter(Expr::tuple(key).in_subquery(old.into_query()))
        // Again, for one that is seen anew meanwhile.
        .filter(known_address::Column::SeenAt.lte(seen_until))
        .exec(connection)
        .await?;
    Ok(purged.rows_affected)
}
