//! When failed log-ins are forgotten.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Set,
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

/// The same of several subjects, by one statement.
pub(crate) async fn clear_at_of(
    connection: &impl ConnectionTrait,
    subjects: impl IntoIterator<Item = &str>,
) -> Result<HashMap<String, DateTime<Utc>>, DbErr> {
    let rows = login_throttle::Entity::find()
        .filter(login_throttle::Column::Subject.is_in(subjects))
        .all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.subject, row.clear_at))
        .collect())
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

/// Removes up to `most` of the rows that say nothing any more; tells how many.
pub(crate) async fn purge(
    connection: &impl ConnectionTrait,
    now: DateTime<Utc>,
    most: u64,
) -> Result<u64, DbErr> {
    let over = login_throttle::Entity::find()
        .select_only()
        .column(login_throttle::Column::Subject)
        .filter(login_throttle::Column::ClearAt.lte(now))
        .limit(most);
    let purged = login_throttle::Entity::delete_many()
        .filter(login_throttle::Column::Subject.in_subquery(over.into_query()))
        // Again, for one that is counted anew meanwhile.
        .filter(login_throttle::Column::ClearAt.lte(now))
        .exec(connection)
        .await?;
    Ok(purged.rows_affected)
}
