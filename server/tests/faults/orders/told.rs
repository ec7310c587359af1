//! What the answers say, order by order.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use stockgraph_kit::id::{OrderId, ProductId};
use stockgraph_orders::domain::{
    OrderLineId, PaymentId, lifecycle::OrderStatus, number::OrderNumber,
};

use super::call::{Answer, Call, Cart, Placed};

/// Everything that was asked and answered.
#[derive(Clone, Debug, Default)]
pub struct Told {
    pub orders: Vec<ToldOrder>,
    /// Checkouts of which nobody can tell whether there is an order: each has made one, or none.
    pub maybe: Vec<Cart>,
    /// The numbers of the orders that a run of the expiry said it had expired.
    pub expired: Vec<OrderNumber>,
    /// How many units of each product came in.
    pub received: BTreeMap<ProductId, i32>,
    /// How much longer than the payment may take the stock is held.
    pub grace: TimeDelta,
}

/// An order that was answered.
#[derive(Clone, Debug)]
pub struct ToldOrder {
    pub id: OrderId,
    pub cart: Cart,
    pub total: Decimal,
    pub due: DateTime<Utc>,
    pub lines: Vec<OrderLineId>,
    /// By their references.
    pub payments: BTreeMap<String, ToldPayment>,
    pub cancelled: Asked,
    pub shipped: Asked,
    pub delivered: Asked,
    pub returns: Vec<ToldReturn>,
    pub refunds: BTreeMap<String, Asked>,
    /// The states that it was told to have ended in: one at most.
    pub ended: Vec<OrderStatus>,
}

/// How sure it is that something was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    #[default]
    Never,
    /// It was asked for, and may be done.
    Maybe,
    /// It was answered that it is done.
    Done,
}

/// A payment that was sent in.
#[derive(Clone, Debug)]
pub struct ToldPayment {
    pub amount: Decimal,
    pub fate: Fate,
}

/// What a payment was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Unknown,
    Settled(PaymentId),
    Kept(PaymentId),
    WrongAmount,
}

/// Goods that were sent back.
#[derive(Clone, Copy, Debug)]
pub struct ToldReturn {
    pub line: OrderLineId,
    pub quantity: i32,
    pub asked: Asked,
}

impl ToldOrder {
    /// An order that was placed.
    pub fn new(cart: Cart, placed: &Placed) -> Self {
        Self {
            id: placed.id,
            cart,
            total: placed.total,
            due: placed.due,
            lines: placed.lines.clone(),
            payments: BTreeMap::new(),
            cancelled: Asked::Never,
            shipped: Asked::Never,
            delivered: Asked::Never,
            returns: Vec::new(),
            refunds: BTreeMap::new(),
            ended: Vec::new(),
        }
    }

    /// This is asked for, and from now on it may be done.
    pub fn ask(&mut self, call: &Call) {
        match call {
            Call::Pay {
                reference, amount, ..
            } => {
                let payment = ToldPayment {
                    amount: *amount,
                    fate: Fate::Unknown,
                };
                self.payments.entry(reference.clone()).or_insert(payment);
            }
            Call::Return { line, quantity, .. } => self.returns.push(ToldReturn {
                line: *line,
                quantity: *quantity,
                asked: Asked::Maybe,
            }),
            call => {
                if let Some(asked) = self.asked(call) {
                    *asked = (*asked).max(Asked::Maybe);
                }
            }
        }
    }

    /// This is what it was answered. Where something was asked more than once, a refusal says nothing of what was asked before.
    pub fn hear(&mut self, call: &Call, answer: &Answer) {
        if let Answer::Refused(_, Some(state)) = answer
            && matches!(state, OrderStatus::Cancelled | OrderStatus::Expired)
        {
            self.end(*state);
        }
        match (call, answer) {
            (Call::Pay { reference, .. }, answer) => {
                let fate = match answer {
                    Answer::Settled(id) => Fate::Settled(*id),
                    Answer::Kept(id) => Fate::Kept(*id),
                    _ => Fate::WrongAmount,
                };
                if let Some(payment) = self.payments.get_mut(reference) {
                    payment.fate = fate;
                }
            }
            (Call::Return { .. }, Answer::Done) => {
                // Each is asked for until it is answered or given up: it is the last.
                if let Some(returned) = self.returns.last_mut() {
                    returned.asked = Asked::Done;
                }
            }
            (call, Answer::Done) => {
                if let Some(asked) = self.asked(call) {
                    *asked = Asked::Done;
                }
                if matches!(call, Call::Cancel { .. }) {
                    self.end(OrderStatus::Cancelled);
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, status: OrderStatus) {
        if !self.ended.contains(&status) {
            self.ended.push(status);
        }
    }

    fn asked(&mut self, call: &Call) -> Option<&mut Asked> {
        match call {
            Call::Cancel { .. } => Some(&mut self.cancelled),
            Call::Ship { .. } => Some(&mut self.shipped),
            Call::Deliver { .. } => Some(&mut self.delivered),
            Call::Refund { reference, .. } => {
                Some(self.refunds.entry(reference.clone()).or_default())
            }
            Call::Place { .. } | Call::Pay { .. } | Call::Return { .. } => None,
        }
    }

    /// Where it stands, as far as its answers tell.
    pub fn status(&self, now: DateTime<Utc>) -> OrderStatus {
        let settled = |payment: &ToldPayment| matches!(payment.fate, Fate::Settled(_));
        if let Some(ended) = self.ended.first() {
            *ended
        } else if self.delivered == Asked::Done {
            OrderStatus::Delivered
        } else if self.shipped == Asked::Done {
            OrderStatus::Shipped
        } else if self.payments.values().any(settled) {
            OrderStatus::Paid
        } else if now >= self.due {
            OrderStatus::Expired
        } else {
            OrderStatus::PendingPayment
        }
    }

    /// How many units of a line came back, at least and at most.
    pub fn returned(&self, line: OrderLineId) -> (i32, i32) {
        let of = |least: Asked| {
            let returns = self.returns.iter();
            let returns = returns.filter(|back| back.line == line && back.asked >= least);
            returns.map(|back| back.quantity).sum()
        };
        (of(Asked::Done), of(Asked::Maybe))
    }
}
