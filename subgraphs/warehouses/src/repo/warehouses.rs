//! Warehouses.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, sea_query::LockType,
};

use super::known;
use crate::{
    domain::warehouse::{Warehouse, WarehouseId, WarehouseStatus},
    entity::warehouse::{ActiveModel, Column, Entity, Model},
};

fn from_row(row: Model) -> Result<Warehouse, DbErr> {
    Ok(Warehouse {
        id: row.id,
        code: row.code,
        name: row.name,
        location: row.location,
        status: known(WarehouseStatus::parse(&row.status), "warehouses.status")?,
        priority: row.priority,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn to_row(warehouse: &Warehouse) -> ActiveModel {
    Model {
        id: warehouse.id,
        code: warehouse.code.clone(),
        name: warehouse.name.clone(),
        location: warehouse.location.clone(),
        status: warehouse.status.as_str().to_owned(),
        priority: warehouse.priority,
        created_at: warehouse.created_at,
        updated_at: warehouse.updated_at,
    }
    .into_active_model()
}

/// All warehouses, or those of one status, by rank.
pub async fn all(
    db: &impl ConnectionTrait,
    status: Option<WarehouseStatus>,
) -> Result<Vec<Warehouse>, DbErr> {
    let mut query = Entity::find();
    if let Some(status) = status {
        query = query.filter(Column::Status.eq(status.as_str()));
    }
    let rows = query
        .order_by_asc(Column::Priority)
        .order_by_asc(Column::Code)
        .all(db)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// These warehouses.
pub async fn by_ids(
    db: &impl ConnectionTrait,
    ids: &[WarehouseId],
) -> Result<Vec<Warehouse>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// The warehouses with these codes.
pub async fn by_codes(
    db: &impl ConnectionTrait,
    codes: &[String],
) -> Result<Vec<Warehouse>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Code.is_in(codes.iter().cloned()))
        .all(db)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// Locks a warehouse.
pub async fn lock(db: &impl ConnectionTrait, id: WarehouseId) -> Result<Option<Warehouse>, DbErr> {
    let row = Entity::find_by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(db)
        .await?;
    row.map(from_row).transpose()
}

/// Writes a new warehouse.
pub async fn insert(db: &impl ConnectionTrait, warehouse: &Warehouse) -> Result<(), DbErr> {
    Entity::insert(to_row(warehouse))
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Writes a warehouse that is locked.
pub async fn update(db: &impl ConnectionTrait, warehouse: &Warehouse) -> Result<(), DbErr> {
    Entity::update(to_row(warehouse).reset_all())
        .exec_without_returning(db)
        .await?;
    Ok(())
}
