//! A shop whose answers and whose database can be made to differ.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use stockgraph_kit::id::{Id, OrderId, ProductId};
use stockgraph_orders::domain::{
    PaymentId,
    lifecycle::OrderStatus,
    number::OrderNumber,
    order::OrderEventKind::{
        self, Cancelled, Delivered, Expired, PaymentConfirmed, Placed as WasPlaced, RefundDue,
        Returned, Shipped,
    },
    payment::PaymentStatus,
};
use stockgraph_warehouses::domain::reservation::ReservationStatus;
use uuid::Uuid;

use super::{
    call::{Answer, By, Call, Cart, Line, Placed, REASON},
    check::violations,
    found::{Event, Found, FoundLine, FoundOrder, FoundPayment, Hold, Level},
    told::{Fate, Told, ToldOrder},
};

const UNITS: i32 = 10;
pub const QUANTITY: i32 = 2;

pub fn an<I: Id>(number: u128) -> I {
    I::from_uuid(Uuid::from_u128(number))
}

pub fn product() -> ProductId {
    an(1)
}

pub fn price() -> Decimal {
    Decimal::new(1_050, 2)
}

pub fn total() -> Decimal {
    price() * Decimal::from(QUANTITY)
}

/// When the payment is due; the stock is held for a minute longer.
pub fn due() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

pub fn cart() -> Cart {
    let product = product();
    Cart {
        customer: an(1),
        lines: vec![Line {
            product,
            quantity: QUANTITY,
        }],
    }
}

/// A shop with one order, as its customer and as its database knows it.
pub struct Rigged {
    pub told: Told,
    pub found: Found,
}

impl Rigged {
    /// Placed, and nothing more.
    pub fn placed() -> Self {
        let placed = Placed {
            id: an(1),
            total: total(),
            due: due(),
            lines: vec![an(1)],
        };
        let order = FoundOrder {
            id: an(1),
            number: OrderNumber::typed("SO-2026-AAAAAAA"),
            customer: an(1),
            status: OrderStatus::PendingPayment,
            total: total(),
            due: due(),
            lines: vec![FoundLine {
                id: an(1),
                line: cart().lines[0],
                unit_price: price(),
                returned: 0,
            }],
            payments: Vec::new(),
            refund_due: Decimal::ZERO,
            events: Vec::new(),
            hold: Some(Hold {
                status: ReservationStatus::Held,
                lines: cart().lines,
            }),
        };
        let level = Level {
            on_hand: UNITS,
            reserved: 0,
        };
        let mut rigged = Self {
            told: Told {
                orders: vec![ToldOrder::new(cart(), &placed)],
                received: BTreeMap::from([(product(), UNITS)]),
                grace: TimeDelta::minutes(1),
                ..Told::default()
            },
            found: Found {
                orders: vec![order],
                stock: BTreeMap::from([(product(), level)]),
            },
        };
        rigged.happens(WasPlaced, -10, "");
        rigged
    }

    /// Not paid, and expired.
    pub fn expired() -> Self {
        let mut rigged = Self::placed();
        rigged.becomes(OrderStatus::Expired, ReservationStatus::Released);
        rigged.happens(Expired, 1, "");
        rigged
    }

    /// Paid in time.
    pub fn paid() -> Self {
        let mut rigged = Self::placed();
        rigged.pays("one", total(), Fate::Settled(an(1)));
        rigged.records(1, "one", total(), PaymentStatus::Captured);
        rigged.becomes(OrderStatus::Paid, ReservationStatus::Committed);
        rigged.happens(PaymentConfirmed, -5, "");
        rigged.level().on_hand -= QUANTITY;
        rigged
    }

    /// Paid, and then cancelled by its customer.
    pub fn cancelled() -> Self {
        let mut rigged = Self::paid();
        let call = Call::Cancel {
            order: an(1),
            by: By::Customer(an(1)),
        };
        rigged.asks(&call, Some(&Answer::Done));
        rigged.order().status = OrderStatus::Cancelled;
        rigged.order().payments[0].status = PaymentStatus::RefundDue;
        rigged.happens(Cancelled, 2, REASON);
        rigged.owes(total(), "one");
        rigged.level().on_hand += QUANTITY;
        rigged
    }

    /// Delivered, and one of its units back.
    pub fn returned() -> Self {
        let mut rigged = Self::paid();
        let order: OrderId = an(1);
        rigged.asks(&Call::Ship { order }, Some(&Answer::Done));
        rigged.asks(&Call::Deliver { order }, Some(&Answer::Done));
        let back = Call::Return {
            order,
            id: Uuid::from_u128(1),
            line: an(1),
            quantity: 1,
        };
        rigged.asks(&back, Some(&Answer::Done));
        rigged.order().status = OrderStatus::Delivered;
        for kind in [Shipped, Delivered, Returned] {
            rigged.happens(kind, 3, "");
        }
        rigged.order().lines[0].returned = 1;
        rigged.order().payments[0].status = PaymentStatus::RefundDue;
        rigged.owes(price(), "one");
        rigged.level().on_hand += 1;
        rigged
    }

    pub fn order(&mut self) -> &mut FoundOrder {
        &mut self.found.orders[0]
    }

    pub fn level(&mut self) -> &mut Level {
        self.found.stock.get_mut(&product()).unwrap()
    }

    pub fn becomes(&mut self, status: OrderStatus, hold: ReservationStatus) {
        self.order().status = status;
        self.order().hold.as_mut().unwrap().status = hold;
    }

    /// So many seconds after the payment is due.
    pub fn happens(&mut self, kind: OrderEventKind, seconds: i64, note: &str) {
        let event = Event {
            kind,
            at: due() + TimeDelta::seconds(seconds),
            note: note.into(),
        };
        self.order().events.push(event);
    }

    pub fn asks(&mut self, call: &Call, answer: Option<&Answer>) {
        let told = &mut self.told.orders[0];
        told.ask(call);
        if let Some(answer) = answer {
            told.hear(call, answer);
        }
    }

    /// A payment that was sent in, and what it was answered.
    pub fn pays(&mut self, reference: &str, amount: Decimal, fate: Fate) {
        let call = Call::Pay {
            order: an(1),
            reference: reference.into(),
            amount,
        };
        let answer = match fate {
            Fate::Unknown => None,
            Fate::Settled(id) => Some(Answer::Settled(id)),
            Fate::Kept(id) => Some(Answer::Kept(id)),
            Fate::WrongAmount => Some(Answer::Refused("WrongAmount".into(), None)),
        };
        self.asks(&call, answer.as_ref());
    }

    /// A payment that is there.
    pub fn records(
        &mut self,
        number: u128,
        reference: &str,
        amount: Decimal,
        status: PaymentStatus,
    ) {
        let payment = FoundPayment {
            id: an::<PaymentId>(number),
            reference: reference.into(),
            amount,
            status,
        };
        self.order().payments.push(payment);
    }

    pub fn owes(&mut self, amount: Decimal, reference: &str) {
        self.happens(
            RefundDue,
            4,
            &format!("USD {amount} of payment {reference}."),
        );
        self.order().refund_due += amount;
    }

    /// A second payment, that was answered and is owed back.
    pub fn pays_twice(&mut self) {
        self.pays("two", total(), Fate::Kept(an(2)));
        self.records(2, "two", total(), PaymentStatus::RefundDue);
        self.owes(total(), "two");
    }

    #[track_caller]
    pub fn is_right(&self) {
        let wrong = violations(&self.told, &self.found);
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[track_caller]
    pub fn is_wrong(&self, what: &str) {
        let wrong = violations(&self.told, &self.found);
        assert!(
            wrong.iter().any(|wrong| wrong.contains(what)),
            "{what}: {wrong:#?}"
        );
    }
}
