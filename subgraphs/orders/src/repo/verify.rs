//! What this database knows of the agreement between orders and their holds.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use stockgraph_kit::id::OrderId;

use super::convert;
use crate::{
    domain::{
        effect::{EffectKind, EffectOutcome},
        order::Order,
    },
    entity::{order, stock_effect},
};

/// Up to `limit` orders after this one, by id.
pub async fn orders_after(
    db: &impl ConnectionTrait,
    after: Option<OrderId>,
    limit: u64,
) -> Result<Vec<Order>, DbErr> {
    let mut query = order::Entity::find();
    if let Some(after) = after {
        query = query.filter(order::Column::Id.gt(after));
    }
    let rows = query
        .order_by_asc(order::Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(convert::order).collect()
}

/// Of an order's effects, what tells which state its hold must be in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EffectSummary {
    /// Whether any is not done.
    pub open: bool,
    /// Whether the sale of the stock was confirmed.
    pub sold: bool,
}

/// The effects of these orders.
pub async fn effects_of(
    db: &impl ConnectionTrait,
    orders: &[OrderId],
) -> Result<HashMap<OrderId, EffectSummary>, DbErr> {
    let rows: Vec<(OrderId, String, Option<String>)> = stock_effect::Entity::find()
        .select_only()
        .column(stock_effect::Column::OrderId)
        .column(stock_effect::Column::Kind)
        .column(stock_effect::Column::Outcome)
        .filter(stock_effect::Column::OrderId.is_in(orders.iter().copied()))
        .into_tuple()
        .all(db)
        .await?;
    let mut summaries: HashMap<_, EffectSummary> = HashMap::new();
    for (order, kind, outcome) in rows {
        let summary = summaries.entry(order).or_default();
        summary.open |= outcome.is_none();
        summary.sold |= kind == EffectKind::Commit.as_str()
            && outcome.as_deref() == Some(EffectOutcome::Done.as_str());
    }
    Ok(summaries)
}

/// Up to `limit` effects that have been owed since before this instant, the oldest first.
pub async fn effects_open_since(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<stock_effect::Model>, DbErr> {
    stock_effect::Entity::find()
        .filter(stock_effect::Column::DoneAt.is_null())
        .filter(stock_effect::Column::CreatedAt.lt(before))
        .order_by_asc(stock_effect::Column::CreatedAt)
        .limit(limit)
        .all(db)
        .await
}

/// How many effects have been owed since before this instant.
pub async fn count_effects_open_since(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
) -> Result<u64, DbErr> {
    stock_effect::Entity::find()
        .filter(stock_effect::Column::DoneAt.is_null())
        .filter(stock_effect::Column::CreatedAt.lt(before))
        .count(db)
        .await
}

/// How many effects are not done.
pub async fn count_open_effects(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    stock_effect::Entity::find()
        .filter(stock_effect::Column::DoneAt.is_null())
        .count(db)
        .await
}
