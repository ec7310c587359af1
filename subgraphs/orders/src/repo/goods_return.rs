//! Returns of goods.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait};
use stockgraph_kit::{id::OrderId, money::Money};

use super::convert;
use crate::{
    domain::{ReturnId, digest::RequestDigest, returns::CheckedReturn},
    entity::{goods_return, return_line},
};

/// A return that is to be written.
pub struct NewReturn<'a> {
    pub id: ReturnId,
    pub order: OrderId,
    pub digest: RequestDigest,
    pub lines: &'a [CheckedReturn],
    pub reason: Option<&'a str>,
    pub refund: Money,
    pub returned_at: DateTime<Utc>,
}

/// The order of the return with this id, and the digest of what was asked for.
pub async fn find(
    db: &impl ConnectionTrait,
    id: ReturnId,
) -> Result<Option<(OrderId, Vec<u8>)>, DbErr> {
    let row = goods_return::Entity::find_by_id(id).one(db).await?;
    Ok(row.map(|row| (row.order_id, row.request_digest)))
}

/// Writes a return and its lines.
pub async fn insert(tx: &DatabaseTransaction, new: &NewReturn<'_>) -> Result<(), DbErr> {
    let row = goods_return::ActiveModel {
        id: Set(new.id),
        order_id: Set(new.order),
        request_digest: Set(new.digest.to_vec()),
        reason: Set(new.reason.map(ToOwned::to_owned)),
        refund: Set(convert::stored_money(new.refund)?),
        returned_at: Set(new.returned_at),
    };
    goods_return::Entity::insert(row)
        .exec_without_returning(tx)
        .await?;
    let lines = new
        .lines
        .iter()
        .map(|line| {
            Ok(return_line::ActiveModel {
                return_id: Set(new.id),
                order_line_id: Set(line.line),
                quantity: Set(convert::stored(line.quantity)?),
            })
        })
        .collect::<Result<Vec<_>, DbErr>>()?;
    return_line::Entity::insert_many(lines)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}
