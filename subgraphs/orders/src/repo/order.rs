//! Orders, their lines, shipments and timelines.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, ExprTrait, IdenStatic,
    QueryFilter, QueryOrder, QueryTrait,
    sea_query::{Expr, OnConflict},
};
use stockgraph_kit::{
    id::{OrderId, ReservationId, UserId},
    money::Currency,
};

use super::{change, convert};
use crate::{
    domain::{
        OrderLineId,
        digest::RequestDigest,
        lifecycle::OrderStatus,
        number::OrderNumber,
        order::{Order, OrderEvent, OrderEventKind, OrderLine, Shipment},
    },
    entity::{order, order_event, order_line, shipment},
};

/// The most rows that one statement writes: each has no more than 13 values, of which SQLite takes 32,766.
const CHUNK: usize = 2_000;

/// An order that is to be written for the first time.
#[derive(Clone, Debug)]
pub struct NewOrder {
    pub order: Order,
    pub lines: Vec<OrderLine>,
    pub key: String,
    pub digest: RequestDigest,
}

/// Writes orders, up to [`CHUNK`] of them, with their lines and the first events of their timelines. Answers which were written: not
/// those whose key, number or hold is another order's.
pub async fn insert(
    tx: &DatabaseTransaction,
    orders: &[NewOrder],
) -> Result<HashSet<OrderId>, DbErr> {
    let rows = orders.iter().map(row).collect::<Result<Vec<_>, _>>()?;
    let statement = order::Entity::insert_many(rows)
        .into_query()
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .returning_col(order::Column::Id)
        .to_owned();
    let written = tx
        .query_all(&statement)
        .await?
        .iter()
        .map(|row| row.try_get::<OrderId>("", order::Column::Id.as_str()))
        .collect::<Result<HashSet<_>, _>>()?;
    let orders = || orders.iter().filter(|new| written.contains(&new.order.id));
    let lines = orders()
        .flat_map(|new| {
            let lines = new.lines.iter().zip(0..);
            lines.map(|(line, position)| line_row(new.order.id, position, line))
        })
        .collect::<Result<Vec<_>, _>>()?;
    for some in lines.chunks(CHUNK) {
        order_line::Entity::insert_many(some.iter().cloned())
            .exec_without_returning(tx)
            .await?;
    }
    let placed = orders().map(|NewOrder { order, .. }| {
        let placed = OrderEvent {
            kind: OrderEventKind::Placed,
            note: None,
            actor: Some(order.customer),
            occurred_at: order.placed_at,
        };
        change::event_row(order.id, 1, placed)
    });
    change::write(tx, placed.collect(), Vec::new()).await?;
    Ok(written)
}

fn row(new: &NewOrder) -> Result<order::ActiveModel, DbErr> {
    let order = &new.order;
    Ok(order::ActiveModel {
        id: Set(order.id),
        number: Set(order.number.to_string()),
        customer_id: Set(order.customer),
        status: Set(order.status.as_str().to_owned()),
        idempotency_key: Set(new.key.clone()),
        request_digest: Set(new.digest.to_vec()),
        reservation_id: Set(order.reservation),
        currency: Set(order.total.currency().code().to_owned()),
        total: Set(convert::stored_money(order.total)?),
        placed_at: Set(order.placed_at),
        payment_due_at: Set(order.payment_due_at),
        event_count: Set(1),
        effect_count: Set(0),
    })
}

fn line_row(
    order: OrderId,
    position: i32,
    line: &OrderLine,
) -> Result<order_line::ActiveModel, DbErr> {
    Ok(order_line::ActiveModel {
        id: Set(line.id),
        order_id: Set(order),
        position: Set(position),
        product_id: Set(line.product),
        sku: Set(line.sku.clone()),
        name: Set(line.name.clone()),
        quantity: Set(convert::stored(line.quantity)?),
        unit_price: Set(convert::stored_money(line.unit_price)?),
        returned_quantity: Set(convert::stored(line.returned_quantity)?),
    })
}

/// The order that a customer's checkout with this key has made, and the digest of what was asked for.
pub async fn by_key(
    db: &impl ConnectionTrait,
    customer: UserId,
    key: &str,
) -> Result<Option<(Order, Vec<u8>)>, DbErr> {
    let row = order::Entity::find()
        .filter(order::Column::CustomerId.eq(customer))
        .filter(order::Column::IdempotencyKey.eq(key))
        .one(db)
        .await?;
    row.map(|row| {
        let digest = row.request_digest.clone();
        Ok((convert::order(row)?, digest))
    })
    .transpose()
}

/// This order, and how many events its timeline has, which is one more after every change.
pub async fn at_present(
    db: &impl ConnectionTrait,
    id: OrderId,
) -> Result<Option<(Order, i32)>, DbErr> {
    let row = order::Entity::find_by_id(id).one(db).await?;
    row.map(|row| {
        let events = row.event_count;
        Ok((convert::order(row)?, events))
    })
    .transpose()
}

/// These orders, as far as they exist.
pub async fn by_ids(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = OrderId>,
) -> Result<Vec<Order>, DbErr> {
    let rows = order::Entity::find()
        .filter(order::Column::Id.is_in(ids))
        .all(db)
        .await?;
    rows.into_iter().map(convert::order).collect()
}

/// The orders with these numbers, as far as they exist.
pub async fn by_numbers(
    db: &impl ConnectionTrait,
    numbers: &[OrderNumber],
) -> Result<Vec<Order>, DbErr> {
    // PostgreSQL refuses the whole statement for one text that it cannot have.
    let possible = numbers.iter().filter(|number| number.is_possible());
    let rows = order::Entity::find()
        .filter(order::Column::Number.is_in(possible.map(OrderNumber::as_str)))
        .all(db)
        .await?;
    rows.into_iter().map(convert::order).collect()
}

/// An order and the currency that its amounts are in.
pub type InCurrency = (OrderId, Currency);

/// The lines of these orders, in the order in which they were asked for.
pub async fn lines(
    db: &impl ConnectionTrait,
    orders: &[InCurrency],
) -> Result<HashMap<OrderId, Vec<OrderLine>>, DbErr> {
    let currencies: HashMap<_, _> = orders.iter().copied().collect();
    let rows = order_line::Entity::find()
        .filter(order_line::Column::OrderId.is_in(currencies.keys().copied()))
        .order_by_asc(order_line::Column::OrderId)
        .order_by_asc(order_line::Column::Position)
        .all(db)
        .await?;
    let mut lines: HashMap<OrderId, Vec<OrderLine>> = HashMap::new();
    for row in rows {
        let order = row.order_id;
        let currency = currencies
            .get(&order)
            .map_or("", |currency| currency.code());
        let line = convert::line(row, currency)?;
        lines.entry(order).or_default().push(line);
    }
    Ok(lines)
}

/// The lines of one order.
pub async fn lines_of(db: &impl ConnectionTrait, order: &Order) -> Result<Vec<OrderLine>, DbErr> {
    let mut lines = lines(db, &[(order.id, order.total.currency())]).await?;
    Ok(lines.remove(&order.id).unwrap_or_default())
}

/// Notes that so many units of a line came back, if there are so many left to come back.
pub async fn take_back(
    tx: &DatabaseTransaction,
    line: OrderLineId,
    quantity: u32,
) -> Result<(), DbErr> {
    let returned = Expr::col(order_line::Column::ReturnedQuantity).add(convert::stored(quantity)?);
    let saved = order_line::Entity::update_many()
        .col_expr(order_line::Column::ReturnedQuantity, returned.clone())
        .filter(order_line::Column::Id.eq(line))
        .filter(returned.lte(Expr::col(order_line::Column::Quantity)))
        .exec(tx)
        .await?;
    if saved.rows_affected == 1 {
        Ok(())
    } else {
        Err(DbErr::RecordNotUpdated)
    }
}

/// Points a paid order to the hold that takes the place of its lost one. Tells whether it did.
pub async fn move_reservation(
    db: &impl ConnectionTrait,
    id: OrderId,
    lost: ReservationId,
    renewed: ReservationId,
) -> Result<bool, DbErr> {
    let saved = order::Entity::update_many()
        .col_expr(order::Column::ReservationId, Expr::value(renewed))
        .filter(order::Column::Id.eq(id))
        .filter(order::Column::ReservationId.eq(lost))
        .filter(order::Column::Status.eq(OrderStatus::Paid.as_str()))
        .exec(db)
        .await?;
    Ok(saved.rows_affected == 1)
}

/// The timelines of these orders, oldest first.
pub async fn events(
    db: &impl ConnectionTrait,
    orders: &[OrderId],
) -> Result<HashMap<OrderId, Vec<OrderEvent>>, DbErr> {
    let rows = order_event::Entity::find()
        .filter(order_event::Column::OrderId.is_in(orders.iter().copied()))
        .order_by_asc(order_event::Column::OrderId)
        .order_by_asc(order_event::Column::Sequence)
        .all(db)
        .await?;
    let mut events: HashMap<OrderId, Vec<OrderEvent>> = HashMap::new();
    for row in rows {
        let order = row.order_id;
        events.entry(order).or_default().push(convert::event(row)?);
    }
    Ok(events)
}

/// How these orders are sent, as far as they are.
pub async fn shipments(
    db: &impl ConnectionTrait,
    orders: &[OrderId],
) -> Result<HashMap<OrderId, Shipment>, DbErr> {
    let rows = shipment::Entity::find()
        .filter(shipment::Column::OrderId.is_in(orders.iter().copied()))
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.order_id, convert::shipment(row)))
        .collect())
}

/// Writes down how an order is sent.
pub async fn insert_shipment(
    tx: &DatabaseTransaction,
    order: OrderId,
    shipment: &Shipment,
) -> Result<(), DbErr> {
    let row = shipment::ActiveModel {
        order_id: Set(order),
        carrier: Set(shipment.carrier.clone()),
        tracking_number: Set(shipment.tracking_number.clone()),
        shipped_at: Set(shipment.shipped_at),
        delivered_at: Set(shipment.delivered_at),
    };
    shipment::Entity::insert(row)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Writes down when an order arrived.
pub async fn deliver_shipment(
    tx: &DatabaseTransaction,
    order: OrderId,
    delivered_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    shipment::Entity::update_many()
        .col_expr(
            shipment::Column::DeliveredAt,
            Expr::value(Some(delivered_at)),
        )
        .filter(shipment::Column::OrderId.eq(order))
        .exec(tx)
        .await?;
    Ok(())
}
