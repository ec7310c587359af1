//! When failed log-ins are forgotten.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Set,
    sea_query::{Expr, OnConflict},
};

use crate::entity::login_throttle;

/// When the failed log-ins of this subject are forgotten; `None` when there are none.
pub(crate) async fn clear_at(
    connection: &impl ConnectionTrait,
    subject: &str,
) -> Result<Option<DateTime<Utc>>, DbErr> {
    let row = login_throttle::Entity::find_by_id(subject)
        .one(connection)
        .await?;
    Ok(row.map(|row| row.clear_at))
}

/// Replaces what [`clear_at`] answered; `false` when somebody else was faster.
pub(crate) async fn replace(
    connection: &impl ConnectionTrait,
    subject: &str,
    old: Option<DateTime<Utc>>,
    new: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let rows = if let Some(old) = old {
        login_throttle::Entity::update_many()
            .col_expr(login_throttle::Column::ClearAt, Expr::val(new))
            .filter(login_throttle::Column::Subject.eq(subject))
            .filter(login_throttle::Column::ClearAt.eq(old))
            .exec(connection)
            .await?
            .rows_affected
    } else {
        let row = login_throttle::ActiveModel {
            subject: Set(subject.to_owned()),
            clear_at: Set(new),
        };
        login_throttle::Entity::insert(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(connection)
            .await?
    };
    Ok(rows == 1)
}

/// Forgets the failed log-ins of this subject.
pub(crate) async fn forget(transaction: &impl ConnectionTrait, subject: &str) -> Result<(), DbErr> {
    login_throttle::Entity::delete_by_id(subject)
        .exec(transaction)
        .await?;
    Ok(())
}

/// Removes the rows that say nothing any more.
pub(crate) async fn purge(
    transaction: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    login_throttle::Entity::delete_many()
        .filter(login_throttle::Column::ClearAt.lte(now))
        .exec(transaction)
        .await?;
    Ok(())
}
