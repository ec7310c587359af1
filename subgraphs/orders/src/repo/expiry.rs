//! Which orders are overdue.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, ExprTrait,
    FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{
        CommonTableExpression, Expr, LockBehavior, LockType, Query, SelectStatement, WithClause,
    },
};

use stockgraph_kit::id::OrderId;

use crate::{domain::lifecycle::OrderStatus, entity::order};

/// Expires up to `limit` orders that are overdue at `now`, the longest overdue first, and answers their rows as they are then.
///
/// Each order's row is locked, compared and changed by the same statement, so a payment that takes the row first wins. Rows that
/// another schedule or a payment has locked are passed over, so nobody waits for anybody; they are materialised first, for a
/// subquery may be run again and would then claim more than `limit`.
pub async fn expire_overdue(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<order::Model>, DbErr> {
    let due: SelectStatement = Query::select()
        .column(order::Column::Id)
        .from(order::Entity)
        .and_where(pending())
        .and_where(order::Column::PaymentDueAt.lte(now))
        .order_by(order::Column::PaymentDueAt, sea_orm::Order::Asc)
        .limit(limit)
        .lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked)
        .take();
    let due = CommonTableExpression::new()
        .query(due)
        .table_name("due")
        .materialized(true)
        .to_owned();
    let one = || Expr::value(1);
    let expire = Query::update()
        .table(order::Entity)
        .value(order::Column::Status, OrderStatus::Expired.as_str())
        .value(
            order::Column::EventCount,
            Expr::col(order::Column::EventCount).add(one()),
        )
        .value(
            order::Column::EffectCount,
            Expr::col(order::Column::EffectCount).add(one()),
        )
        .and_where(
            order::Column::Id
                .in_subquery(Query::select().column(order::Column::Id).from("due").take()),
        )
        .and_where(pending())
        .returning_all()
        .take()
        .with(WithClause::new().cte(due).to_owned());
    tx.query_all(&expire)
        .await?
        .iter()
        .map(|row| order::Model::from_query_result(row, ""))
        .collect()
}

/// Whether any order is overdue at `now`. Asked for in the order of their due times, so that PostgreSQL takes the index of what is
/// pending: it would rather read the table from its beginning, where after a backlog there is nothing but expired orders.
pub async fn any_overdue(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<bool, DbErr> {
    order::Entity::find()
        .filter(pending())
        .filter(order::Column::PaymentDueAt.lte(now))
        .order_by_asc(order::Column::PaymentDueAt)
        .select_only()
        .column(order::Column::Id)
        .into_tuple::<OrderId>()
        .one(db)
        .await
        .map(|overdue| overdue.is_some())
}

/// Spelt out, not bound: or PostgreSQL cannot know that the partial index of what is pending serves.
fn pending() -> Expr {
    Expr::col(order::Column::Status).eq(Expr::cust("'PENDING_PAYMENT'"))
}
