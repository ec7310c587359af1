//! Orders, their lines, shipments and timelines.

use async_graphql::{Context, Enum, Object, SimpleObject};
use stockgraph_kit::{
    caller::{Caller, Scope},
    error::ApiError,
    id::OrderId,
    instant::Instant,
    money::MoneyObject,
};

use super::{
    loader::{EventsOf, LinesOf, Loaders, PaymentsOf, ShipmentOf},
    payment::PaymentObject,
    reference::{ProductReference, ReservationReference},
    user::UserObject,
};
use crate::domain::{
    OrderLineId, lifecycle,
    order::{self, Order, OrderEvent, OrderLine, Shipment},
    payment,
};

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "lifecycle::OrderStatus")]
pub enum OrderStatus {
    /// The stock is held; waiting for the payment.
    PendingPayment,
    /// Paid, the stock is sold; waiting to be shipped.
    Paid,
    /// On its way to the customer.
    Shipped,
    /// With the customer.
    Delivered,
    /// Given up by the customer or by staff.
    Cancelled,
    /// Not paid in time; the stock was given back.
    Expired,
}

/// What happens to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "order::OrderEventKind")]
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

/// A customer's order.
#[derive(Clone)]
pub struct OrderObject(pub(super) Order);

impl From<Order> for OrderObject {
    fn from(order: Order) -> Self {
        Self(order)
    }
}

impl OrderObject {
    /// The order, if the caller may see it: their own, or any with the right to.
    pub(super) fn visible_to(caller: &Caller, order: Order) -> Option<Self> {
        let own = caller.user_id() == Some(order.customer);
        (own || caller.may(Scope::OrdersRead)).then_some(Self(order))
    }
}

/// A customer's order.
#[Object(name = "Order")]
impl OrderObject {
    /// Which order.
    async fn id(&self) -> OrderId {
        self.0.id
    }

    /// For people, unique, e.g. `SO-2026-7K3M9QX`. Numbers are drawn by lot: they tell nothing of how many orders there are.
    async fn number(&self) -> &str {
        self.0.number.as_str()
    }

    /// Who placed it.
    async fn customer(&self) -> Option<UserObject> {
        Some(self.0.customer.into())
    }

    /// Where it stands.
    async fn status(&self) -> OrderStatus {
        self.0.status.into()
    }

    /// What was ordered.
    async fn lines(&self, ctx: &Context<'_>) -> Result<Vec<OrderLineObject>, ApiError> {
        let key = LinesOf(self.0.id, self.0.total.currency());
        let lines = Loaders::of(ctx).load(key).await?.unwrap_or_default();
        Ok(lines.into_iter().map(OrderLineObject).collect())
    }

    /// What it costs.
    async fn total(&self) -> MoneyObject {
        self.0.total.into()
    }

    /// When it was placed.
    async fn placed_at(&self) -> Instant {
        self.0.placed_at.into()
    }

    /// When an unpaid order expires.
    async fn payment_due_at(&self) -> Instant {
        self.0.payment_due_at.into()
    }

    /// The money that came in for it, oldest first.
    async fn payments(&self, ctx: &Context<'_>) -> Result<Vec<PaymentObject>, ApiError> {
        let payments = self.load_payments(ctx).await?;
        Ok(payments.into_iter().map(PaymentObject).collect())
    }

    /// What is owed back to the customer; null when nothing is.
    async fn refund_due(&self, ctx: &Context<'_>) -> Result<Option<MoneyObject>, ApiError> {
        let payments = self.load_payments(ctx).await?;
        let due = payment::refund_due(&payments).map_err(|error| ApiError::internal(&error))?;
        Ok(due.map(MoneyObject::from))
    }

    /// The stock held or sold for the order.
    async fn reservation(&self) -> Option<ReservationReference> {
        Some(self.0.reservation.into())
    }

    /// How it is sent; null until it is.
    async fn shipment(&self, ctx: &Context<'_>) -> Result<Option<ShipmentObject>, ApiError> {
        let shipment = Loaders::of(ctx).load(ShipmentOf(self.0.id)).await?;
        Ok(shipment.map(ShipmentObject::from))
    }

    /// All that has happened to the order, oldest first.
    async fn timeline(&self, ctx: &Context<'_>) -> Result<Vec<OrderEventObject>, ApiError> {
        let events = Loaders::of(ctx).load(EventsOf(self.0.id)).await?;
        let events = events.unwrap_or_default();
        Ok(events.into_iter().map(OrderEventObject::from).collect())
    }
}

impl OrderObject {
    async fn load_payments(&self, ctx: &Context<'_>) -> Result<Vec<payment::Payment>, ApiError> {
        let key = PaymentsOf(self.0.id, self.0.total.currency());
        Ok(Loaders::of(ctx).load(key).await?.unwrap_or_default())
    }
}

/// So many of a product, at the price of the day.
pub struct OrderLineObject(OrderLine);

/// So many of a product, at the price of the day.
#[Object(name = "OrderLine")]
impl OrderLineObject {
    /// Which line.
    async fn id(&self) -> OrderLineId {
        self.0.id
    }

    /// What was ordered, as it is in the catalogue now.
    async fn product(&self) -> Option<ProductReference> {
        Some(self.0.product.into())
    }

    /// The SKU as it was when the order was placed.
    async fn sku(&self) -> &str {
        &self.0.sku
    }

    /// The name as it was when the order was placed.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// How many units.
    async fn quantity(&self) -> i32 {
        i32::try_from(self.0.quantity).unwrap_or(i32::MAX)
    }

    /// The price of one unit when the order was placed.
    async fn unit_price(&self) -> MoneyObject {
        self.0.unit_price.into()
    }

    /// What the line costs.
    async fn total(&self) -> Result<MoneyObject, ApiError> {
        let total = self.0.unit_price.times(self.0.quantity);
        total
            .map(MoneyObject::from)
            .map_err(|error| ApiError::internal(&error))
    }

    /// How many units came back.
    async fn returned_quantity(&self) -> i32 {
        i32::try_from(self.0.returned_quantity).unwrap_or(i32::MAX)
    }
}

/// How an order is sent.
#[derive(SimpleObject)]
#[graphql(name = "Shipment")]
pub struct ShipmentObject {
    /// Who carries it.
    carrier: Option<String>,
    /// The carrier's number of it.
    tracking_number: Option<String>,
    /// When it was handed over.
    shipped_at: Instant,
    /// When it arrived; null until it has.
    delivered_at: Option<Instant>,
}

impl From<Shipment> for ShipmentObject {
    fn from(shipment: Shipment) -> Self {
        Self {
            carrier: shipment.carrier,
            tracking_number: shipment.tracking_number,
            shipped_at: shipment.shipped_at.into(),
            delivered_at: shipment.delivered_at.map(Instant),
        }
    }
}

/// An entry of an order's timeline.
#[derive(SimpleObject)]
#[graphql(name = "OrderEvent")]
pub struct OrderEventObject {
    /// What happened.
    kind: OrderEventKind,
    /// More of it, for people.
    note: Option<String>,
    /// Which user did it; null where a part of the system did.
    actor: Option<UserObject>,
    /// When it happened.
    occurred_at: Instant,
}

impl From<OrderEvent> for OrderEventObject {
    fn from(event: OrderEvent) -> Self {
        Self {
            kind: event.kind.into(),
            note: event.note,
            actor: event.actor.map(UserObject::from),
            occurred_at: event.occurred_at.into(),
        }
    }
}
