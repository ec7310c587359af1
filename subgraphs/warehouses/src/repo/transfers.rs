//! Transfers and their lines.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, sea_query::LockType,
};
use stockgraph_kit::id::ProductId;

use super::{changed_all, known};
use crate::{
    domain::{
        line::Line,
        transfer::{Transfer, TransferId, TransferStatus},
    },
    entity::{
        transfer::{Column, Entity, Model},
        transfer_line,
    },
};

fn from_row(row: Model) -> Result<Transfer, DbErr> {
    Ok(Transfer {
        id: row.id,
        status: known(TransferStatus::parse(&row.status), "transfers.status")?,
        source: row.source_id,
        destination: row.destination_id,
        created_at: row.created_at,
        closed_at: row.closed_at,
    })
}

/// These transfers.
pub async fn by_ids(db: &impl ConnectionTrait, ids: &[TransferId]) -> Result<Vec<Transfer>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// Locks a transfer; before any level.
pub async fn lock(db: &impl ConnectionTrait, id: TransferId) -> Result<Option<Transfer>, DbErr> {
    let row = Entity::find_by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(db)
        .await?;
    row.map(from_row).transpose()
}

/// Writes a new transfer.
pub async fn insert(
    db: &impl ConnectionTrait,
    transfer: &Transfer,
    lines: &[Line],
) -> Result<(), DbErr> {
    let row = Model {
        id: transfer.id,
        source_id: transfer.source,
        destination_id: transfer.destination,
        status: transfer.status.as_str().to_owned(),
        created_at: transfer.created_at,
        closed_at: transfer.closed_at,
    };
    Entity::insert(row.into_active_model())
        .exec_without_returning(db)
        .await?;
    let rows = (0..)
        .zip(lines)
        .map(|(position, line)| transfer_line::ActiveModel {
            transfer_id: Set(transfer.id),
            product_id: Set(line.product),
            position: Set(position),
            quantity: Set(line.quantity),
        });
    transfer_line::Entity::insert_many(rows)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Writes the end of a transfer that is locked and in transit.
pub async fn close(db: &impl ConnectionTrait, transfer: &Transfer) -> Result<(), DbErr> {
    let changed = Entity::update_many()
        .col_expr(Column::Status, transfer.status.as_str().into())
        .col_expr(Column::ClosedAt, transfer.closed_at.into())
        .filter(Column::Id.eq(transfer.id))
        .filter(Column::Status.eq(TransferStatus::InTransit.as_str()))
        .exec(db)
        .await?;
    changed_all(changed.rows_affected, 1, "a transfer that ends")
}

/// The lines of these transfers, of each as its caller ordered them.
pub async fn lines(
    db: &impl ConnectionTrait,
    ids: &[TransferId],
) -> Result<Vec<(TransferId, Line)>, DbErr> {
    let rows = transfer_line::Entity::find()
        .filter(transfer_line::Column::TransferId.is_in(ids.iter().copied()))
        .order_by_asc(transfer_line::Column::TransferId)
        .order_by_asc(transfer_line::Column::Position)
        .all(db)
        .await?;
    let line = |row: transfer_line::Model| {
        let line = Line {
            product: row.product_id,
            quantity: row.quantity,
        };
        (row.transfer_id, line)
    };
    Ok(rows.into_iter().map(line).collect())
}

/// How much of these products is on its way; those of which nothing is are left out.
pub async fn in_transit(
    db: &impl ConnectionTrait,
    products: &[ProductId],
) -> Result<Vec<(ProductId, i64)>, DbErr> {
    use transfer_line::Column as Line;
    let under_way = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Status.eq(TransferStatus::InTransit.as_str()))
        .into_query();
    transfer_line::Entity::find()
        .select_only()
        .column(Line::ProductId)
        .column_as(Line::Quantity.sum(), "quantity")
        .filter(Line::ProductId.is_in(products.iter().copied()))
        .filter(Line::TransferId.in_subquery(under_way))
        .group_by(Line::ProductId)
        .into_tuple()
        .all(db)
        .await
}
