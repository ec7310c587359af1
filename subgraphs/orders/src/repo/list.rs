//! Lists of orders, newest first, page by page.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult,
    Order as Direction, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Query, WindowStatement},
};
use stockgraph_kit::{
    id::{Id, UserId},
    paging::{Page, PageRequest},
};
use uuid::Uuid;

use super::convert;
use crate::{
    domain::{lifecycle::OrderStatus, order::Order},
    entity::order as row,
};

/// Where an order stands in a list: (placed at, id).
pub type PlacedKey = (DateTime<Utc>, Uuid);

/// The key of an order.
#[must_use]
pub fn key(order: &Order) -> PlacedKey {
    (order.placed_at, order.id.uuid())
}

/// Which orders a list holds.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// In one of these states; nothing: in any.
    pub status: Option<Vec<OrderStatus>>,
    /// Of this customer.
    pub customer: Option<UserId>,
    /// Placed at this instant or later.
    pub placed_from: Option<DateTime<Utc>>,
    /// Placed before this instant.
    pub placed_to: Option<DateTime<Utc>>,
}

impl Filter {
    fn condition(&self) -> Condition {
        let status = self.status.as_ref().map(|statuses| {
            row::Column::Status.is_in(statuses.iter().map(|status| status.as_str()))
        });
        Condition::all()
            .add_option(status)
            .add_option(self.customer.map(|id| row::Column::CustomerId.eq(id)))
            .add_option(self.placed_from.map(|from| row::Column::PlacedAt.gte(from)))
            .add_option(self.placed_to.map(|to| row::Column::PlacedAt.lt(to)))
    }
}

/// After and before, in a list whose newest order comes first.
fn between(page: &PageRequest<PlacedKey>) -> Condition {
    let place = || Expr::tuple([Expr::col(row::Column::PlacedAt), Expr::col(row::Column::Id)]);
    let cursor =
        |(placed_at, id): PlacedKey| Expr::tuple([Expr::value(placed_at), Expr::value(id)]);
    Condition::all()
        .add_option(page.after.map(|key| place().lt(cursor(key))))
        .add_option(page.before.map(|key| place().gt(cursor(key))))
}

const fn direction(page: &PageRequest<PlacedKey>) -> Direction {
    if page.from_end {
        Direction::Asc
    } else {
        Direction::Desc
    }
}

/// A page of the orders that pass the filter.
pub async fn page(
    db: &impl ConnectionTrait,
    filter: &Filter,
    page: &PageRequest<PlacedKey>,
) -> Result<Page<Order>, DbErr> {
    let rows = row::Entity::find()
        .filter(filter.condition())
        .filter(between(page))
        .order_by(row::Column::PlacedAt, direction(page))
        .order_by(row::Column::Id, direction(page))
        .limit(page.rows())
        .all(db)
        .await?;
    let mut orders = rows
        .into_iter()
        .map(convert::order)
        .collect::<Result<Vec<_>, _>>()?;
    if page.from_end {
        orders.reverse();
    }
    Ok(page.page(orders))
}

/// How many orders pass the filter.
pub async fn count(db: &impl ConnectionTrait, filter: &Filter) -> Result<u64, DbErr> {
    row::Entity::find()
        .filter(filter.condition())
        .count(db)
        .await
}

/// The same page of each of these users' orders, by one statement.
pub async fn pages_of(
    db: &impl ConnectionTrait,
    users: &[UserId],
    page_request: &PageRequest<PlacedKey>,
) -> Result<HashMap<UserId, Page<Order>>, DbErr> {
    if let [user] = users {
        // The common case, for which the index has the rows in order.
        let filter = Filter {
            customer: Some(*user),
            ..Filter::default()
        };
        let found = page(db, &filter, page_request).await?;
        return Ok(HashMap::from([(*user, found)]));
    }
    let mut of_user: HashMap<UserId, Vec<Order>> =
        users.iter().map(|user| (*user, Vec::new())).collect();
    for found in db.query_all(&numbered(users, page_request)).await? {
        let order = convert::order(row::Model::from_query_result(&found, "")?)?;
        of_user.entry(order.customer).or_default().push(order);
    }
    Ok(of_user
        .into_iter()
        .map(|(user, mut orders)| {
            orders.sort_by_key(|order| std::cmp::Reverse(key(order)));
            (user, page_request.page(orders))
        })
        .collect())
}

/// The first rows of each user's orders.
fn numbered(
    users: &[UserId],
    page: &PageRequest<PlacedKey>,
) -> sea_orm::sea_query::SelectStatement {
    const PLACE: &str = "place";
    let window = WindowStatement::partition_by(row::Column::CustomerId)
        .order_by(row::Column::PlacedAt, direction(page))
        .order_by(row::Column::Id, direction(page))
        .take();
    let numbered = Query::select()
        .expr(Expr::cust("*"))
        .expr_window_as(Expr::cust("ROW_NUMBER()"), window, PLACE)
        .from(row::Entity)
        .and_where(row::Column::CustomerId.is_in(users.iter().copied()))
        .cond_where(between(page))
        .take();
    Query::select()
        .expr(Expr::cust("*"))
        .from_subquery(numbered, "numbered")
        .and_where(Expr::col(PLACE).lte(page.rows()))
        .take()
}

/// How many orders each of these users has.
pub async fn counts_of(
    db: &impl ConnectionTrait,
    users: &[UserId],
) -> Result<HashMap<UserId, u64>, DbErr> {
    let counts: Vec<(UserId, i64)> = row::Entity::find()
        .select_only()
        .column(row::Column::CustomerId)
        .column_as(row::Column::Id.count(), "orders")
        .filter(row::Column::CustomerId.is_in(users.iter().copied()))
        .group_by(row::Column::CustomerId)
        .into_tuple()
        .all(db)
        .await?;
    Ok(counts
        .into_iter()
        .map(|(user, count)| (user, u64::try_from(count).unwrap_or_default()))
        .collect())
}
