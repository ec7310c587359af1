//! What the databases say.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use stockgraph_kit::id::{OrderId, ProductId, UserId};
use stockgraph_orders::domain::{
    OrderLineId, PaymentId, lifecycle::OrderStatus, number::OrderNumber, order::OrderEventKind,
    payment::PaymentStatus,
};
use stockgraph_warehouses::domain::reservation::ReservationStatus;

use super::call::Line;

/// All orders, and the stock.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub orders: Vec<FoundOrder>,
    pub stock: BTreeMap<ProductId, Level>,
}

/// How many units of a product there are, in all warehouses together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Level {
    pub on_hand: i32,
    pub reserved: i32,
}

/// An order.
#[derive(Clone, Debug)]
pub struct FoundOrder {
    pub id: OrderId,
    pub number: OrderNumber,
    pub customer: UserId,
    pub status: OrderStatus,
    pub total: Decimal,
    pub due: DateTime<Utc>,
    pub lines: Vec<FoundLine>,
    pub payments: Vec<FoundPayment>,
    /// Zero where nothing is owed.
    pub refund_due: Decimal,
    pub events: Vec<Event>,
    /// None where the warehouses know of none.
    pub hold: Option<Hold>,
}

/// A line of an order.
#[derive(Clone, Copy, Debug)]
pub struct FoundLine {
    pub id: OrderLineId,
    pub line: Line,
    pub unit_price: Decimal,
    pub returned: i32,
}

/// Money that came in.
#[derive(Clone, Debug)]
pub struct FoundPayment {
    pub id: PaymentId,
    pub reference: String,
    pub amount: Decimal,
    pub status: PaymentStatus,
}

/// An entry of a timeline.
#[derive(Clone, Debug)]
pub struct Event {
    pub kind: OrderEventKind,
    pub at: DateTime<Utc>,
    pub note: String,
}

/// The stock that is held or sold for an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    pub status: ReservationStatus,
    /// In the order of their products.
    pub lines: Vec<Line>,
}

impl FoundOrder {
    /// When this happened, for the first time.
    pub fn when(&self, kind: OrderEventKind) -> Option<DateTime<Utc>> {
        let event = self.events.iter().find(|event| event.kind == kind);
        event.map(|event| event.at)
    }

    /// Whether its goods are the customer's, but for what came back.
    pub const fn is_sold(&self) -> bool {
        match self.status {
            OrderStatus::Paid | OrderStatus::Shipped | OrderStatus::Delivered => true,
            OrderStatus::PendingPayment | OrderStatus::Cancelled | OrderStatus::Expired => false,
        }
    }

    /// What is wanted, in the order of the products.
    pub fn wanted(&self) -> Vec<Line> {
        let mut lines: Vec<_> = self.lines.iter().map(|line| line.line).collect();
        lines.sort_unstable();
        lines
    }
}
