//! Queries for lists of products: filtered, sorted, page by page.

use std::collections::HashMap;

use chrono::DateTime;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect,
    QueryTrait, Select, Value,
    sea_query::{Alias, Asterisk, Expr, ExprTrait, JoinType, Order as SqlOrder, Query},
};
use stockgraph_kit::{database::Engine, id::Id, paging::PageRequest};
use uuid::Uuid;

use super::{
    category::{TREE, tree},
    product::{product, stored_status},
    search::{MATCHES, key, matches},
};
use crate::{
    domain::{
        CategoryId, Product,
        listing::{Audience, Direction, Order, ProductFilter, SortField, SortKey},
    },
    entity::product::{Column, Entity, Model, Status},
};

/// A place in a list: the sort key, and the id to make it unique.
pub type Place = (SortKey, Uuid);

/// A product in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The product.
    pub product: Product,
    /// What the list sorts it by.
    pub key: SortKey,
}

impl Listed {
    /// Its place in the list.
    #[must_use]
    pub fn place(&self) -> Place {
        (self.key.clone(), self.product.id.uuid())
    }
}

/// The rows of a page: as many as `page` wants, in the list's order.
///
/// # Errors
///
/// The database's.
pub async fn page(
    db: &impl ConnectionTrait,
    engine: Engine,
    filter: &ProductFilter,
    audience: Audience,
    order: Order,
    page: &PageRequest<Place>,
) -> Result<Vec<Listed>, DbErr> {
    if filter.is_impossible() {
        return Ok(Vec::new());
    }
    let mut select = filtered(engine, filter, audience);
    seek(&mut select, order, page);
    let statement = QueryTrait::query(&mut select);
    let direction = direction(order, page.from_end);
    for column in columns(order) {
        statement.order_by_expr(column, direction.clone());
    }
    statement.limit(page.rows());
    let mut listed: Vec<Listed> = match order {
        Order::BestMatch => {
            let select = select.expr_as(Expr::col((MATCHES, "score")), "score");
            let rows = select.into_model::<Matched>().all(db).await?;
            rows.into_iter().map(matched).collect::<Result<_, _>>()?
        }
        Order::By(field, _) => {
            let rows = select.all(db).await?;
            let listed = |row| product(row).map(|product| listed_by(field, product));
            rows.into_iter().map(listed).collect::<Result<_, _>>()?
        }
    };
    if page.from_end {
        listed.reverse();
    }
    Ok(listed)
}

/// How many products there are on all pages.
///
/// # Errors
///
/// The database's.
pub async fn count(
    db: &impl ConnectionTrait,
    engine: Engine,
    filter: &ProductFilter,
    audience: Audience,
) -> Result<u64, DbErr> {
    if filter.is_impossible() {
        return Ok(0);
    }
    let select = filtered(engine, filter, audience);
    let count = select
        .select_only()
        .column_as(Column::Id.count(), "count")
        .into_tuple::<i64>()
        .one(db)
        .await?;
    Ok(count
        .and_then(|count| u64::try_from(count).ok())
        .unwrap_or_default())
}

/// The rows of the same page, by name, of each of these categories with all below them: one statement for all.
///
/// # Errors
///
/// The database's.
pub async fn pages_by_category(
    db: &impl ConnectionTrait,
    categories: &[CategoryId],
    audience: Audience,
    page: &PageRequest<Place>,
) -> Result<HashMap<CategoryId, Vec<Listed>>, DbErr> {
    let order = Order::by_name();
    let mut rows = visible(audience);
    seek(&mut rows, order, page);
    let direction = if page.from_end { "DESC" } else { "ASC" };
    let position = format!(
        "row_number() OVER (PARTITION BY {TREE}.root ORDER BY products.sort_name {direction}, products.id {direction})"
    );
    let rows = QueryTrait::query(&mut rows)
        .join(JoinType::InnerJoin, TREE, in_tree())
        .expr_as(Expr::col((TREE, "root")), "root")
        .expr_as(Expr::cust(position), "position")
        .take();
    let ranked = Query::select()
        .column(Asterisk)
        .from_subquery(rows, "ranked")
        .and_where(Expr::col("position").lte(page.rows()))
        .order_by("position", SqlOrder::Asc)
        .with_cte(tree(categories.iter().copied()))
        .take();
    let mut pages: HashMap<CategoryId, Vec<Listed>> = HashMap::new();
    for row in db.query_all(&ranked).await? {
        let listed = listed_by(
            SortField::Name,
            product(Model::from_query_result(&row, "")?)?,
        );
        pages
            .entry(row.try_get("", "root")?)
            .or_default()
            .push(listed);
    }
    if page.from_end {
        pages.values_mut().for_each(|page| page.reverse());
    }
    Ok(pages)
}

/// How many products there are in each of these categories with all below them; those without any are left out.
///
/// # Errors
///
/// The database's.
pub async fn counts_by_category(
    db: &impl ConnectionTrait,
    categories: &[CategoryId],
    audience: Audience,
) -> Result<HashMap<CategoryId, u64>, DbErr> {
    let mut rows = visible(audience).select_only();
    QueryTrait::query(&mut rows)
        .join(JoinType::InnerJoin, TREE, in_tree())
        .group_by_col((TREE, "root"))
        .with_cte(tree(categories.iter().copied()));
    let counts = rows
        .expr_as(Expr::col((TREE, "root")), "root")
        .column_as(Column::Id.count(), "count")
        .into_tuple::<(CategoryId, i64)>()
        .all(db)
        .await?;
    let count = |(category, count)| (category, u64::try_from(count).unwrap_or_default());
    Ok(counts.into_iter().map(count).collect())
}

/// A match of a search, and how good it is.
#[derive(FromQueryResult)]
struct Matched {
    #[sea_orm(nested)]
    product: Model,
    score: i64,
}

fn matched(row: Matched) -> Result<Listed, DbErr> {
    Ok(Listed {
        product: product(row.product)?,
        key: SortKey::Match(row.score),
    })
}

fn listed_by(field: SortField, product: Product) -> Listed {
    let key = match field {
        SortField::Name => SortKey::Name(product.sort_name()),
        // It was read from what is asked for.
        SortField::Price => SortKey::Price(product.price.stored_amount().unwrap_or_default()),
        SortField::CreatedAt => SortKey::CreatedAt(product.created_at.timestamp_micros()),
    };
    Listed { product, key }
}

fn visible(audience: Audience) -> Select<Entity> {
    let select = Entity::find();
    match audience {
        Audience::Customers => select.filter(Column::Status.eq(Status::Active)),
        Audience::Staff => select,
    }
}

/// The same for products that are named one by one. The status is hidden from SQLite's planner, which would read all that is on sale,
/// because an index has it in the order that is wanted.
fn visible_of_few(audience: Audience) -> Select<Entity> {
    let select = Entity::find();
    match audience {
        Audience::Customers => select.filter(Expr::cust("products.status || ''").eq("ACTIVE")),
        Audience::Staff => select,
    }
}

fn filtered(engine: Engine, filter: &ProductFilter, audience: Audience) -> Select<Entity> {
    let few = filter.ids.is_some() || filter.skus.is_some();
    let select = if few {
        visible_of_few(audience)
    } else {
        visible(audience)
    };
    let mut select = select
        .apply_if(filter.status, |select, status| {
            select.filter(Column::Status.eq(stored_status(status)))
        })
        .apply_if(filter.ids.as_ref(), |select, ids| {
            select.filter(Column::Id.is_in(ids.iter().copied()))
        })
        .apply_if(filter.skus.as_ref(), |select, skus| {
            select.filter(Column::Sku.is_in(skus))
        })
        .apply_if(filter.min_price, |select, price| {
            select.filter(Column::PriceAmount.gte(price))
        })
        .apply_if(filter.max_price, |select, price| {
            select.filter(Column::PriceAmount.lte(price))
        });
    let statement = QueryTrait::query(&mut select);
    if let Some(category) = filter.category {
        statement
            .join(JoinType::InnerJoin, TREE, in_tree())
            .with_cte(tree([category]));
    }
    if let Some(words) = &filter.words {
        let key = key(engine);
        statement.join_subquery(
            JoinType::InnerJoin,
            matches(engine, words),
            MATCHES,
            Expr::col((MATCHES, key)).equals((Entity, Alias::new(key))),
        );
    }
    select
}

/// That a product is in a category of the tree.
fn in_tree() -> Expr {
    Expr::col((TREE, "id")).equals((Entity, Column::CategoryId))
}

/// The columns that a list is sorted by, all of them the same way, so that a place in it can be sought in an index by one comparison.
fn columns(order: Order) -> [Expr; 2] {
    let column = match order {
        Order::By(SortField::Name, _) => Expr::col((Entity, Alias::new("sort_name"))),
        Order::By(SortField::Price, _) => Expr::col((Entity, Column::PriceAmount)),
        Order::By(SortField::CreatedAt, _) => Expr::col((Entity, Column::CreatedAt)),
        Order::BestMatch => Expr::col((MATCHES, "score")),
    };
    [column, Expr::col((Entity, Column::Id))]
}

fn is_ascending(order: Order) -> bool {
    matches!(order, Order::By(_, Direction::Ascending))
}

fn direction(order: Order, from_end: bool) -> SqlOrder {
    if is_ascending(order) == from_end {
        SqlOrder::Desc
    } else {
        SqlOrder::Asc
    }
}

/// Leaves what comes after the one place and before the other.
///
/// SeaORM's own cursors compare column by column with OR, which no index can seek.
fn seek(select: &mut Select<Entity>, order: Order, page: &PageRequest<Place>) {
    let statement = QueryTrait::query(select);
    let ascending = is_ascending(order);
    for (place, larger) in [(&page.after, ascending), (&page.before, !ascending)] {
        let Some((key, id)) = place else { continue };
        let columns = Expr::tuple(columns(order));
        let place = Expr::tuple([Expr::val(value(key)), Expr::val(*id)]);
        statement.and_where(if larger {
            columns.gt(place)
        } else {
            columns.lt(place)
        });
    }
}

fn value(key: &SortKey) -> Value {
    match key {
        SortKey::Name(name) => name.as_str().into(),
        SortKey::Price(number) | SortKey::Match(number) => (*number).into(),
        SortKey::CreatedAt(micros) => DateTime::from_timestamp_micros(*micros).into(),
    }
}
