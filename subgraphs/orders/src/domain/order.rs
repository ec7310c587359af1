//! An order and what stands beside it.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use stockgraph_kit::{
    id::{OrderId, ProductId, ReservationId, UserId},
    money::Money,
};

use super::{
    OrderLineId,
    lifecycle::{OrderStatus, UnknownName},
    number::OrderNumber,
};

/// A customer's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Which order.
    pub id: OrderId,
    /// Its number, for people.
    pub number: OrderNumber,
    /// Who placed it.
    pub customer: UserId,
    /// Where it stands.
    pub status: OrderStatus,
    /// The hold on its stock.
    pub reservation: ReservationId,
    /// What it costs.
    pub total: Money,
    /// When it was placed.
    pub placed_at: DateTime<Utc>,
    /// When it expires unless it is paid.
    pub payment_due_at: DateTime<Utc>,
}

impl Order {
    /// Whether a payment at this instant is in time.
    #[must_use]
    pub fn is_payable_at(&self, now: DateTime<Utc>) -> bool {
        self.status == OrderStatus::PendingPayment && now < self.payment_due_at
    }
}

/// So many of a product, at the price of the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderLine {
    /// Which line.
    pub id: OrderLineId,
    /// Which product.
    pub product: ProductId,
    /// Its SKU when the order was placed.
    pub sku: String,
    /// Its name when the order was placed.
    pub name: String,
    /// How many units.
    pub quantity: u32,
    /// The price of one unit when the order was placed.
    pub unit_price: Money,
    /// How many units came back.
    pub returned_quantity: u32,
}

/// How an order is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shipment {
    /// Who carries it.
    pub carrier: Option<String>,
    /// The carrier's number of it.
    pub tracking_number: Option<String>,
    /// When it was handed over.
    pub shipped_at: DateTime<Utc>,
    /// When it arrived.
    pub delivered_at: Option<DateTime<Utc>>,
}

/// What happens to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderEventKind {
    /// It was placed.
    Placed,
    /// Its payment was confirmed.
    PaymentConfirmed,
    /// It was handed to a carrier.
    Shipped,
    /// It arrived.
    Delivered,
    /// It was given up.
    Cancelled,
    /// It was not paid in time.
    Expired,
    /// Goods came back.
    Returned,
    /// Money is owed to the customer.
    RefundDue,
    /// The money went back.
    Refunded,
}

impl OrderEventKind {
    /// Every kind there is.
    pub const ALL: [Self; 9] = [
        Self::Placed,
        Self::PaymentConfirmed,
        Self::Shipped,
        Self::Delivered,
        Self::Cancelled,
        Self::Expired,
        Self::Returned,
        Self::RefundDue,
        Self::Refunded,
    ];

    /// The kind as text, e.g. `REFUND_DUE`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Placed => "PLACED",
            Self::PaymentConfirmed => "PAYMENT_CONFIRMED",
            Self::Shipped => "SHIPPED",
            Self::Delivered => "DELIVERED",
            Self::Cancelled => "CANCELLED",
            Self::Expired => "EXPIRED",
            Self::Returned => "RETURNED",
            Self::RefundDue => "REFUND_DUE",
            Self::Refunded => "REFUNDED",
        }
    }
}

impl FromStr for OrderEventKind {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| UnknownName(text.to_owned()))
    }
}

/// An entry of an order's timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderEvent {
    /// What happened.
    pub kind: OrderEventKind,
    /// More of it, for people.
    pub note: Option<String>,
    /// Which user did it; nobody where a part of the system did.
    pub actor: Option<UserId>,
    /// When.
    pub occurred_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_kind_reads_back_from_its_text() {
        for kind in OrderEventKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
    }
}
