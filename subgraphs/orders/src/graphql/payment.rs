//! Payments.

use async_graphql::{Enum, Object};
use stockgraph_kit::{instant::Instant, money::MoneyObject};

use crate::domain::{
    PaymentId,
    payment::{self, Payment},
};

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "payment::PaymentStatus")]
pub enum PaymentStatus {
    /// The shop has the money.
    Captured,
    /// It, or a part of it, is to be paid back: it was not the order's total, it came after the order expired or was cancelled, or
    /// twice, or goods came back.
    RefundDue,
    /// It was paid back.
    Refunded,
}

/// Money that came in for an order.
pub struct PaymentObject(pub(super) Payment);

/// Money that came in for an order.
#[Object(name = "Payment")]
impl PaymentObject {
    /// Which payment.
    async fn id(&self) -> PaymentId {
        self.0.id
    }

    /// The payment provider's id of it.
    async fn reference(&self) -> &str {
        &self.0.reference
    }

    /// How much came in.
    async fn amount(&self) -> MoneyObject {
        self.0.amount.into()
    }

    /// Where it stands.
    async fn status(&self) -> PaymentStatus {
        self.0.status().into()
    }

    /// When it was recorded.
    async fn recorded_at(&self) -> Instant {
        self.0.recorded_at.into()
    }
}
