//! Queries for products that are known by id, SKU or family, and all that writes.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Alias, Expr, LockType, OnConflict},
};
use stockgraph_kit::{
    database::Engine,
    id::ProductId,
    money::{Money, MoneyError},
};

use crate::{
    domain::{Product, ProductOption, ProductStatus},
    entity::product::{self, ActiveModel, Column, Entity, Model, Options, Status},
};

/// These products, whatever their status; those that do not exist are left out.
///
/// # Errors
///
/// The database's.
pub async fn by_ids(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = ProductId>,
) -> Result<Vec<Product>, DbErr> {
    fetch(db, Entity::find().filter(Column::Id.is_in(ids))).await
}

/// The products with these SKUs, whatever their status; those that do not exist are left out.
///
/// # Errors
///
/// The database's.
pub async fn by_skus<'s>(
    db: &impl ConnectionTrait,
    skus: impl IntoIterator<Item = &'s str>,
) -> Result<Vec<Product>, DbErr> {
    fetch(db, Entity::find().filter(Column::Sku.is_in(skus))).await
}

/// How many values go into one statement: far below the bound on its parameters (32,766 on SQLite, 65,535 on PostgreSQL).
const CHUNK: usize = 1_000;

/// The SKUs and ids of the products with these SKUs, however many; those that do not exist are left out.
///
/// # Errors
///
/// The database's.
pub async fn ids_by_skus(
    db: &impl ConnectionTrait,
    skus: &[&str],
) -> Result<Vec<(String, ProductId)>, DbErr> {
    let mut found = Vec::with_capacity(skus.len());
    for chunk in skus.chunks(CHUNK) {
        let query = Entity::find()
            .select_only()
            .columns([Column::Sku, Column::Id])
            .filter(Column::Sku.is_in(chunk.iter().copied()));
        found.extend(query.into_tuple::<(String, ProductId)>().all(db).await?);
    }
    Ok(found)
}

/// Those of these products that exist, however many are asked for.
///
/// # Errors
///
/// The database's.
pub async fn existing(
    db: &impl ConnectionTrait,
    ids: &[ProductId],
) -> Result<Vec<ProductId>, DbErr> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let query = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::Id.is_in(chunk.iter().copied()));
        found.extend(query.into_tuple::<ProductId>().all(db).await?);
    }
    Ok(found)
}

/// The products of these families, whatever their status, by name.
///
/// # Errors
///
/// The database's.
pub async fn by_families<'s>(
    db: &impl ConnectionTrait,
    families: impl IntoIterator<Item = &'s str>,
) -> Result<Vec<Product>, DbErr> {
    let query = Entity::find().filter(Column::Family.is_in(families));
    let query = query
        .order_by_asc(Expr::col((Entity, Alias::new("sort_name"))))
        .order_by_asc(Column::Id);
    fetch(db, query).await
}

/// One product, locked until the transaction ends.
///
/// # Errors
///
/// The database's.
pub async fn lock_by_id(
    db: &impl ConnectionTrait,
    id: ProductId,
) -> Result<Option<Product>, DbErr> {
    let query = Entity::find_by_id(id).lock(LockType::NoKeyUpdate);
    query.one(db).await?.map(product).transpose()
}

/// The products with these SKUs, locked until the transaction ends, in the order in which everybody locks them.
///
/// # Errors
///
/// The database's.
pub async fn lock_by_skus<'s>(
    db: &impl ConnectionTrait,
    skus: impl IntoIterator<Item = &'s str>,
) -> Result<Vec<Product>, DbErr> {
    let query = Entity::find().filter(Column::Sku.is_in(skus));
    let query = query.order_by_asc(Column::Id).lock(LockType::NoKeyUpdate);
    fetch(db, query).await
}

/// Makes imports take turns: two that insert the same SKUs would wait for each other. On SQLite all that write take turns anyway.
///
/// # Errors
///
/// The database's.
pub async fn await_turn_to_import(db: &impl ConnectionTrait, engine: Engine) -> Result<(), DbErr> {
    match engine {
        Engine::Sqlite => Ok(()),
        Engine::Postgres => {
            // Any number will do that nobody else locks in this database.
            let lock = "SELECT pg_advisory_xact_lock(7029345016)";
            db.execute_unprepared(lock).await.map(|_| ())
        }
    }
}

/// Inserts a product.
///
/// # Errors
///
/// The database's: a unique violation when its SKU (or its id) is taken, a foreign key violation when there is no such category.
pub async fn insert(db: &impl ConnectionTrait, product: &Product) -> Result<(), DbErr> {
    Entity::insert(row(product)?)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Writes a product that exists.
///
/// # Errors
///
/// The database's: a foreign key violation when there is no such category.
pub async fn update(db: &impl ConnectionTrait, product: &Product) -> Result<(), DbErr> {
    Entity::update(row(product)?).exec(db).await?;
    Ok(())
}

/// Inserts these products, and writes those whose SKU exists over what there is; their ids and the instants at which they were made
/// stay.
///
/// # Errors
///
/// The database's: a foreign key violation when there is no such category.
pub async fn upsert(db: &impl ConnectionTrait, products: &[Product]) -> Result<(), DbErr> {
    let rows = products.iter().map(row).collect::<Result<Vec<_>, _>>()?;
    if rows.is_empty() {
        return Ok(());
    }
    let mut on_conflict = OnConflict::column(Column::Sku);
    on_conflict.update_columns([
        Column::Name,
        Column::Description,
        Column::PriceAmount,
        Column::PriceCurrency,
        Column::Status,
        Column::CategoryId,
        Column::Family,
        Column::Options,
        Column::ImageUrl,
        Column::UpdatedAt,
    ]);
    Entity::insert_many(rows)
        .on_conflict(on_conflict)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

async fn fetch(db: &impl ConnectionTrait, query: Select<Entity>) -> Result<Vec<Product>, DbErr> {
    query.all(db).await?.into_iter().map(product).collect()
}

/// The product that a row keeps.
pub(super) fn product(row: Model) -> Result<Product, DbErr> {
    let price = Money::from_stored(row.price_amount, &row.price_currency).map_err(unreadable)?;
    let option = |option: product::ProductOption| ProductOption {
        name: option.name,
        value: option.value,
    };
    Ok(Product {
        id: row.id,
        sku: row.sku,
        name: row.name,
        description: row.description,
        price,
        status: match row.status {
            Status::Draft => ProductStatus::Draft,
            Status::Active => ProductStatus::Active,
            Status::Archived => ProductStatus::Archived,
        },
        category: row.category_id,
        family: row.family,
        options: row.options.0.into_iter().map(option).collect(),
        image_url: row.image_url,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn row(product: &Product) -> Result<ActiveModel, DbErr> {
    let option = |option: &ProductOption| product::ProductOption {
        name: option.name.clone(),
        value: option.value.clone(),
    };
    let row = Model {
        id: product.id,
        sku: product.sku.clone(),
        name: product.name.clone(),
        description: product.description.clone(),
        price_amount: product.price.stored_amount().map_err(unreadable)?,
        price_currency: product.price.currency().code().to_owned(),
        status: stored_status(product.status),
        category_id: product.category,
        family: product.family.clone(),
        options: Options(product.options.iter().map(option).collect()),
        image_url: product.image_url.clone(),
        created_at: product.created_at,
        updated_at: product.updated_at,
    };
    Ok(row.into_active_model().reset_all())
}

/// What the database keeps of a status.
pub(super) const fn stored_status(status: ProductStatus) -> Status {
    match status {
        ProductStatus::Draft => Status::Draft,
        ProductStatus::Active => Status::Active,
        ProductStatus::Archived => Status::Archived,
    }
}

fn unreadable(error: MoneyError) -> DbErr {
    DbErr::Type(error.to_string())
}
