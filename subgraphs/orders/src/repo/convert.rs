//! From rows to values of the domain. A row that is no value was not written by this code, and is told as a database error.

use std::fmt::Display;

use sea_orm::DbErr;
use stockgraph_kit::money::Money;

use crate::{
    domain::{
        effect::{ClaimedEffect, Effect, EffectKind},
        number::OrderNumber,
        order::{Order, OrderEvent, OrderLine, Shipment},
        payment::Payment,
    },
    entity::{order, order_event, order_line, payment, shipment, stock_effect},
};

/// A stored value that breaks a rule.
pub fn corrupt(cause: impl Display) -> DbErr {
    DbErr::Type(format!("a stored value breaks a rule: {cause}"))
}

/// A stored number that is never negative.
pub fn unsigned(number: i32) -> Result<u32, DbErr> {
    u32::try_from(number).map_err(corrupt)
}

/// A number as it is stored.
pub fn stored(number: u32) -> Result<i32, DbErr> {
    i32::try_from(number).map_err(corrupt)
}

/// An amount as it is stored.
pub fn stored_money(money: Money) -> Result<i64, DbErr> {
    money.stored_amount().map_err(corrupt)
}

/// A stored amount.
pub fn money(amount: i64, currency: &str) -> Result<Money, DbErr> {
    Money::from_stored(amount, currency).map_err(corrupt)
}

pub fn order(row: order::Model) -> Result<Order, DbErr> {
    Ok(Order {
        id: row.id,
        number: OrderNumber::typed(&row.number),
        customer: row.customer_id,
        status: row.status.parse().map_err(corrupt)?,
        reservation: row.reservation_id,
        total: money(row.total, &row.currency)?,
        placed_at: row.placed_at,
        payment_due_at: row.payment_due_at,
    })
}

pub fn line(row: order_line::Model, currency: &str) -> Result<OrderLine, DbErr> {
    Ok(OrderLine {
        id: row.id,
        product: row.product_id,
        sku: row.sku,
        name: row.name,
        quantity: unsigned(row.quantity)?,
        unit_price: money(row.unit_price, currency)?,
        returned_quantity: unsigned(row.returned_quantity)?,
    })
}

pub fn shipment(row: shipment::Model) -> Shipment {
    Shipment {
        carrier: row.carrier,
        tracking_number: row.tracking_number,
        shipped_at: row.shipped_at,
        delivered_at: row.delivered_at,
    }
}

pub fn event(row: order_event::Model) -> Result<OrderEvent, DbErr> {
    Ok(OrderEvent {
        kind: row.kind.parse().map_err(corrupt)?,
        note: row.note,
        actor: row.actor_id,
        occurred_at: row.occurred_at,
    })
}

pub fn payment(row: payment::Model, currency: &str) -> Result<Payment, DbErr> {
    Ok(Payment {
        id: row.id,
        reference: row.reference,
        amount: money(row.amount, currency)?,
        settles: row.settles,
        refund_due: money(row.refund_due, currency)?,
        refunded: money(row.refunded, currency)?,
        recorded_at: row.recorded_at,
    })
}

pub fn effect(row: stock_effect::Model) -> Result<ClaimedEffect, DbErr> {
    let kind: EffectKind = row.kind.parse().map_err(corrupt)?;
    let effect = match kind {
        EffectKind::Commit => Effect::Commit,
        EffectKind::Release => Effect::Release,
        EffectKind::Restock => {
            let payload = row.payload.as_deref().unwrap_or_default();
            Effect::Restock(serde_json::from_str(payload).map_err(corrupt)?)
        }
    };
    Ok(ClaimedEffect {
        id: row.id,
        order: row.order_id,
        effect,
        attempts: unsigned(row.attempts)?,
        created_at: row.created_at,
    })
}
