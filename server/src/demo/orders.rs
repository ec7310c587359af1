//! The demo shop's orders: one and more in every state.

use chrono::TimeDelta;
use stockgraph_kit::{clock::Clock, id::OrderId};
use stockgraph_orders::{
    domain::{line::CartLine, order::Order},
    service::{
        CancelOrder, Canceller, ConfirmPayment, DeliverOrder, Orders, PlaceOrder, ShipOrder,
    },
};

use super::{
    accounts,
    ids::{Kind, id},
    seed::Products,
};

/// How long the demo's unpaid orders wait for their payment, so that they are still there when somebody looks.
const PATIENCE: TimeDelta = TimeDelta::days(30);

/// Where the orders are placed.
pub(super) struct Scene<'a> {
    pub orders: &'a Orders,
    pub clock: &'a Clock,
    pub products: &'a Products,
}

type Cart = &'static [(&'static str, i64)];

impl Scene<'_> {
    /// The second customer's unpaid order of two keyboards.
    pub async fn keyboards_of_surabaya(&self) -> anyhow::Result<()> {
        self.place(3, 1, &[("KEYBOARD-RGB", 2)], Some(PATIENCE))
            .await?;
        Ok(())
    }

    /// All other orders, in the course of the days that the shop is open.
    pub async fn all_others(&self) -> anyhow::Result<()> {
        self.delivered(4, 0, &[("HEADPHONES-ANC", 1), ("USB-64GB", 3)])
            .await?;
        self.delivered(5, 1, &[("SHIRT-BATIK-M", 2), ("SHIRT-BATIK-S", 1)])
            .await?;
        self.later(TimeDelta::days(2));
        self.expired(6, 1, &[("MONITOR-27-4K", 1)]).await?;
        self.cancelled(7, 0, &[("SPEAKER-BT", 2)], false).await?;
        self.later(TimeDelta::days(3));
        self.cancelled(8, 1, &[("WEBCAM-2K", 1)], true).await?;
        self.shipped(9, 0, &[("SSD-1TB", 2), ("HUB-USBC-7", 1)])
            .await?;
        self.shipped(10, 1, &[("CHAIR-MESH", 1)]).await?;
        self.later(TimeDelta::days(2));
        self.paid(11, 0, &[("MONITOR-ARM", 2)]).await?;
        self.paid(12, 1, &[("EARBUDS-WL", 1), ("LAMP-DESK", 1)])
            .await?;
        self.later(TimeDelta::days(1));
        self.place(
            2,
            1,
            &[("LAPTOP-16GB", 4), ("MOUSE-WIRELESS", 8)],
            Some(PATIENCE),
        )
        .await?;
        self.place(
            1,
            0,
            &[("LAPTOP-16GB", 1), ("MOUSE-WIRELESS", 2)],
            Some(PATIENCE),
        )
        .await?;
        Ok(())
    }

    fn later(&self, by: TimeDelta) {
        self.clock.advance(by);
    }

    async fn place(
        &self,
        number: u32,
        customer: u32,
        cart: Cart,
        payment_timeout: Option<TimeDelta>,
    ) -> anyhow::Result<Order> {
        self.later(TimeDelta::minutes(17));
        let lines = cart
            .iter()
            .map(|(sku, quantity)| CartLine {
                product: self.products[sku],
                quantity: *quantity,
                expected_unit_price: None,
            })
            .collect();
        let order = PlaceOrder {
            id: id(Kind::Order, number),
            customer: accounts::user(customer),
            lines,
            idempotency_key: format!("demo-{number}"),
            payment_timeout,
        };
        Ok(self.orders.place_order(order).await?)
    }

    async fn paid(&self, number: u32, customer: u32, cart: Cart) -> anyhow::Result<OrderId> {
        let order = self.place(number, customer, cart, None).await?;
        self.later(TimeDelta::minutes(3));
        let payment = ConfirmPayment {
            order: order.id,
            reference: format!("demo-payment-{number}"),
            amount: order.total,
            actor: Some(accounts::user(2)),
        };
        Ok(self.orders.confirm_payment(payment).await?.order.id)
    }

    async fn shipped(&self, number: u32, customer: u32, cart: Cart) -> anyhow::Result<OrderId> {
        let order = self.paid(number, customer, cart).await?;
        self.later(TimeDelta::hours(5));
        let shipment = ShipOrder {
            order,
            carrier: Some("Nusantara Parcel".into()),
            tracking_number: Some(format!("NP{number:08}")),
            actor: Some(accounts::user(2)),
        };
        Ok(self.orders.ship_order(shipment).await?.id)
    }

    async fn delivered(&self, number: u32, customer: u32, cart: Cart) -> anyhow::Result<()> {
        let order = self.shipped(number, customer, cart).await?;
        self.later(TimeDelta::hours(20));
        let delivery = DeliverOrder {
            order,
            actor: Some(accounts::user(2)),
        };
        self.orders.deliver_order(delivery).await?;
        Ok(())
    }

    async fn cancelled(
        &self,
        number: u32,
        customer: u32,
        cart: Cart,
        paid: bool,
    ) -> anyhow::Result<()> {
        let order = if paid {
            self.paid(number, customer, cart).await?
        } else {
            self.place(number, customer, cart, None).await?.id
        };
        self.later(TimeDelta::minutes(2));
        let cancellation = CancelOrder {
            order,
            reason: Some("ordered by mistake".into()),
            by: Canceller::Customer(accounts::user(customer)),
        };
        self.orders.cancel_order(cancellation).await?;
        Ok(())
    }

    async fn expired(&self, number: u32, customer: u32, cart: Cart) -> anyhow::Result<()> {
        let order = self.place(number, customer, cart, None).await?;
        self.clock.advance(order.payment_due_at - self.clock.now());
        self.orders.expire_overdue_orders(1).await?;
        Ok(())
    }
}
