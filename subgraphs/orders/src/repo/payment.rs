//! Payments.

use std::collections::HashMap;

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    QueryFilter, QueryOrder, sea_query::Expr,
};
use stockgraph_kit::id::OrderId;

use super::{convert, order::InCurrency};
use crate::{
    domain::{order::Order, payment::Payment},
    entity::payment,
};

/// Whose payment has this reference. Its amounts are in that order's currency.
pub async fn owner(db: &impl ConnectionTrait, reference: &str) -> Result<Option<OrderId>, DbErr> {
    let row = payment::Entity::find()
        .filter(payment::Column::Reference.eq(reference))
        .one(db)
        .await?;
    Ok(row.map(|row| row.order_id))
}

/// The payments for these orders, in the order in which they came.
pub async fn by_orders(
    db: &impl ConnectionTrait,
    orders: &[InCurrency],
) -> Result<HashMap<OrderId, Vec<Payment>>, DbErr> {
    let currencies: HashMap<_, _> = orders.iter().copied().collect();
    let rows = payment::Entity::find()
        .filter(payment::Column::OrderId.is_in(currencies.keys().copied()))
        .order_by_asc(payment::Column::RecordedAt)
        .order_by_asc(payment::Column::Id)
        .all(db)
        .await?;
    let mut payments: HashMap<OrderId, Vec<Payment>> = HashMap::new();
    for row in rows {
        let order = row.order_id;
        let currency = currencies
            .get(&order)
            .map_or("", |currency| currency.code());
        let payment = convert::payment(row, currency)?;
        payments.entry(order).or_default().push(payment);
    }
    Ok(payments)
}

/// The payments for one order.
pub async fn of_order(db: &impl ConnectionTrait, order: &Order) -> Result<Vec<Payment>, DbErr> {
    let mut payments = by_orders(db, &[(order.id, order.total.currency())]).await?;
    Ok(payments.remove(&order.id).unwrap_or_default())
}

/// Writes a payment down.
pub async fn insert(
    tx: &DatabaseTransaction,
    order: OrderId,
    payment: &Payment,
) -> Result<(), DbErr> {
    let row = payment::ActiveModel {
        id: Set(payment.id),
        order_id: Set(order),
        reference: Set(payment.reference.clone()),
        amount: Set(convert::stored_money(payment.amount)?),
        settles: Set(payment.settles),
        refund_due: Set(convert::stored_money(payment.refund_due)?),
        refunded: Set(convert::stored_money(payment.refunded)?),
        recorded_at: Set(payment.recorded_at),
    };
    payment::Entity::insert(row)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Writes down the amount that a payment has after all, and that it settles. The order's row must be locked.
pub async fn correct(tx: &DatabaseTransaction, payment: &Payment) -> Result<(), DbErr> {
    let amount = convert::stored_money(payment.amount)?;
    payment::Entity::update_many()
        .col_expr(payment::Column::Amount, Expr::value(amount))
        .col_expr(payment::Column::Settles, Expr::value(payment.settles))
        .col_expr(payment::Column::RefundDue, Expr::value(0_i64))
        .filter(payment::Column::Id.eq(payment.id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Writes down what is owed and what went back of a payment. The order's row must be locked.
pub async fn save(tx: &DatabaseTransaction, payment: &Payment) -> Result<(), DbErr> {
    let refund_due = convert::stored_money(payment.refund_due)?;
    let refunded = convert::stored_money(payment.refunded)?;
    payment::Entity::update_many()
        .col_expr(payment::Column::RefundDue, Expr::value(refund_due))
        .col_expr(payment::Column::Refunded, Expr::value(refunded))
        .filter(payment::Column::Id.eq(payment.id))
        .exec(tx)
        .await?;
    Ok(())
}
