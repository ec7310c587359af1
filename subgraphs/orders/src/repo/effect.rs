//! What is owed to the warehouses.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, ExprTrait,
    FromQueryResult, QueryFilter, SelectExt,
    sea_query::{CommonTableExpression, Expr, LockBehavior, LockType, Query, WithClause},
};
use stockgraph_kit::id::OrderId;

use super::convert;
use crate::{
    domain::{
        EffectId,
        effect::{ClaimedEffect, EffectKind, EffectOutcome},
    },
    entity::stock_effect as row,
};

/// Takes up to `limit` effects that are due, of these orders or of any, until `leased_until`. Nobody else takes them before that.
///
/// Of each order only the oldest effect that is not done is taken, so that they are carried out one after the other.
pub async fn claim(
    tx: &impl ConnectionTrait,
    orders: Option<&[OrderId]>,
    now: DateTime<Utc>,
    leased_until: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<ClaimedEffect>, DbErr> {
    let mut due = Query::select();
    due.column((row::Entity, row::Column::Id))
        .from(row::Entity)
        .and_where(Expr::col((row::Entity, row::Column::DoneAt)).is_null())
        .and_where(Expr::col((row::Entity, row::Column::NextAttemptAt)).lte(now))
        .and_where(Expr::not_exists(earlier_undone()))
        .order_by(
            (row::Entity, row::Column::NextAttemptAt),
            sea_orm::Order::Asc,
        )
        .limit(limit)
        .lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked);
    if let Some(orders) = orders {
        due.and_where(Expr::col((row::Entity, row::Column::OrderId)).is_in(orders.iter().copied()));
    }
    let due = CommonTableExpression::new()
        .query(due)
        .table_name("due")
        .materialized(true)
        .to_owned();
    let claim = Query::update()
        .table(row::Entity)
        .value(row::Column::NextAttemptAt, leased_until)
        .value(
            row::Column::Attempts,
            Expr::col(row::Column::Attempts).add(Expr::value(1)),
        )
        .and_where(
            row::Column::Id.in_subquery(Query::select().column(row::Column::Id).from("due").take()),
        )
        .and_where(Expr::col(row::Column::DoneAt).is_null())
        .returning_all()
        .take()
        .with(WithClause::new().cte(due).to_owned());
    tx.query_all(&claim)
        .await?
        .iter()
        .map(|found| convert::effect(row::Model::from_query_result(found, "")?))
        .collect()
}

fn earlier_undone() -> sea_orm::sea_query::SelectStatement {
    const EARLIER: &str = "earlier";
    Query::select()
        .expr(Expr::value(1))
        .from_as(row::Entity, EARLIER)
        .and_where(
            Expr::col((EARLIER, row::Column::OrderId)).equals((row::Entity, row::Column::OrderId)),
        )
        .and_where(
            Expr::col((EARLIER, row::Column::Sequence))
                .lt(Expr::col((row::Entity, row::Column::Sequence))),
        )
        .and_where(Expr::col((EARLIER, row::Column::DoneAt)).is_null())
        .take()
}

/// Notes how these effects ended.
pub async fn finish(
    db: &impl ConnectionTrait,
    ids: &[EffectId],
    outcome: EffectOutcome,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    if ids.is_empty() {
        return Ok(());
    }
    row::Entity::update_many()
        .col_expr(row::Column::DoneAt, Expr::value(Some(now)))
        .col_expr(row::Column::Outcome, Expr::value(Some(outcome.as_str())))
        .col_expr(row::Column::LastError, Expr::value(None::<String>))
        .filter(row::Column::Id.is_in(ids.iter().copied()))
        .filter(row::Column::DoneAt.is_null())
        .exec(db)
        .await?;
    Ok(())
}

/// Notes that an effect failed, and when it is tried again. Nothing where another has taken it since.
pub async fn postpone(
    db: &impl ConnectionTrait,
    effect: &ClaimedEffect,
    error: &str,
    next_attempt_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    row::Entity::update_many()
        .col_expr(row::Column::NextAttemptAt, Expr::value(next_attempt_at))
        .col_expr(row::Column::LastError, Expr::value(Some(error)))
        .filter(row::Column::Id.eq(effect.id))
        .filter(row::Column::Attempts.eq(convert::stored(effect.attempts)?))
        .filter(row::Column::DoneAt.is_null())
        .exec(db)
        .await?;
    Ok(())
}

/// Notes that there is nothing left to do for an order.
pub async fn void_all(
    tx: &DatabaseTransaction,
    order: OrderId,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    row::Entity::update_many()
        .col_expr(row::Column::DoneAt, Expr::value(Some(now)))
        .col_expr(
            row::Column::Outcome,
            Expr::value(Some(EffectOutcome::Void.as_str())),
        )
        .filter(row::Column::OrderId.eq(order))
        .filter(row::Column::DoneAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Whether the sale of an order's stock is not yet confirmed by the warehouses.
pub async fn sale_is_open(db: &impl ConnectionTrait, order: OrderId) -> Result<bool, DbErr> {
    row::Entity::find()
        .filter(row::Column::OrderId.eq(order))
        .filter(row::Column::Kind.eq(EffectKind::Commit.as_str()))
        .filter(row::Column::DoneAt.is_null())
        .exists(db)
        .await
}
