//! Queries for categories.

use std::collections::HashSet;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QuerySelect, Select,
    sea_query::{CommonTableExpression, Expr, ExprTrait, JoinType, Query, UnionType, WithClause},
};

use crate::{
    domain::{Category, CategoryId},
    entity::category::{Column, Entity, Model},
};

/// All categories, by name.
///
/// # Errors
///
/// The database's.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Category>, DbErr> {
    fetch(db, Entity::find()).await
}

/// These categories; those that do not exist are left out.
///
/// # Errors
///
/// The database's.
pub async fn by_ids(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = CategoryId>,
) -> Result<Vec<Category>, DbErr> {
    fetch(db, Entity::find().filter(Column::Id.is_in(ids))).await
}

/// The categories right below these, by name.
///
/// # Errors
///
/// The database's.
pub async fn by_parents(
    db: &impl ConnectionTrait,
    parents: impl IntoIterator<Item = CategoryId>,
) -> Result<Vec<Category>, DbErr> {
    fetch(db, Entity::find().filter(Column::ParentId.is_in(parents))).await
}

/// Which of these categories exist.
///
/// # Errors
///
/// The database's.
pub async fn existing(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = CategoryId>,
) -> Result<HashSet<CategoryId>, DbErr> {
    let query = Entity::find().select_only().column(Column::Id);
    let ids = query
        .filter(Column::Id.is_in(ids))
        .into_tuple::<CategoryId>()
        .all(db)
        .await?;
    Ok(ids.into_iter().collect())
}

/// Inserts a category.
///
/// # Errors
///
/// The database's: a unique violation when its slug is taken, a foreign key violation when there is no such parent.
pub async fn insert(db: &impl ConnectionTrait, category: &Category) -> Result<(), DbErr> {
    let row = Model {
        id: category.id,
        parent_id: category.parent,
        name: category.name.clone(),
        slug: category.slug.clone(),
        created_at: category.created_at,
    };
    Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// The name of the table that [`tree`] makes, with the columns `root` and `id`.
pub(super) const TREE: &str = "tree";

/// Makes the table [`TREE`] of these categories and all below them: each with the one of these that it is below, or is.
pub(super) fn tree(roots: impl IntoIterator<Item = CategoryId>) -> WithClause {
    let mut rows = Query::select()
        .expr_as(Expr::col("id"), "root")
        .column("id")
        .from(Entity)
        .and_where(Column::Id.is_in(roots))
        .take();
    let below = Query::select()
        .column((TREE, "root"))
        .column((Entity, Column::Id))
        .from(Entity)
        .join(
            JoinType::InnerJoin,
            TREE,
            Expr::col((TREE, "id")).equals((Entity, Column::ParentId)),
        )
        .take();
    rows.union(UnionType::All, below);
    let table = CommonTableExpression::new()
        .table_name(TREE)
        .columns(["root", "id"])
        .query(rows)
        .to_owned();
    Query::with().recursive(true).cte(table).to_owned()
}

async fn fetch(db: &impl ConnectionTrait, query: Select<Entity>) -> Result<Vec<Category>, DbErr> {
    let rows = query.all(db).await?;
    let mut categories: Vec<Category> = rows.into_iter().map(category).collect();
    // Here and not in the database, whose collations differ from one installation to the next.
    categories.sort_by_cached_key(|category| (category.name.to_lowercase(), category.id));
    Ok(categories)
}

fn category(row: Model) -> Category {
    Category {
        id: row.id,
        parent: row.parent_id,
        name: row.name,
        slug: row.slug,
        created_at: row.created_at,
    }
}
