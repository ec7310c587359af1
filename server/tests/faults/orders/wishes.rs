//! What is done next with an order. Not all of it is possible.

use rand::{Rng, rngs::StdRng, seq::IndexedRandom};
use rust_decimal::Decimal;
use stockgraph_orders::domain::lifecycle::OrderStatus;
use uuid::{Builder, Uuid};

use super::{
    call::{By, Call},
    told::{Asked, Fate, ToldOrder, ToldPayment},
};

/// No order is sent more payments than this.
const MOST_PAYMENTS: usize = 4;

/// The next thing, or nothing.
pub fn next(rng: &mut StdRng, order: &ToldOrder, status: OrderStatus) -> Option<Call> {
    let dice = rng.random_range(0..100);
    match status {
        OrderStatus::PendingPayment => match dice {
            // Some customers never come back: by their ids, so that they are the same at each try.
            _ if is_abandoned(order) => None,
            0..55 => Some(pay(rng, order, order.total)),
            55..65 => Some(pay(rng, order, order.total + Decimal::ONE)),
            65..75 => Some(cancel(rng, order)),
            75..80 => Some(Call::Ship { order: order.id }),
            _ => None,
        },
        OrderStatus::Paid => match dice {
            0..45 => Some(Call::Ship { order: order.id }),
            45..60 => second_payment(rng, order),
            60..75 => Some(cancel(rng, order)),
            75..80 => Some(Call::Deliver { order: order.id }),
            _ => None,
        },
        OrderStatus::Shipped => match dice {
            0..60 => Some(Call::Deliver { order: order.id }),
            60..70 => second_payment(rng, order),
            70..80 => Some(cancel(rng, order)),
            _ => None,
        },
        OrderStatus::Delivered => match dice {
            0..35 => send_back(rng, order),
            35..60 => refund(rng, order),
            60..65 => second_payment(rng, order),
            _ => None,
        },
        OrderStatus::Cancelled | OrderStatus::Expired => match dice {
            0..25 => second_payment(rng, order),
            25..55 => refund(rng, order),
            55..60 => Some(Call::Ship { order: order.id }),
            60..68 => Some(cancel(rng, order)),
            _ => None,
        },
    }
}

fn is_abandoned(order: &ToldOrder) -> bool {
    order
        .id
        .to_string()
        .ends_with(['0', '1', '2', '3', '4', '5', '6', '7'])
}

/// A payment of its own.
pub fn pay(rng: &mut StdRng, order: &ToldOrder, amount: Decimal) -> Call {
    Call::Pay {
        order: order.id,
        reference: uuid(rng).to_string(),
        amount,
    }
}

fn second_payment(rng: &mut StdRng, order: &ToldOrder) -> Option<Call> {
    (order.payments.len() < MOST_PAYMENTS).then(|| pay(rng, order, order.total))
}

fn cancel(rng: &mut StdRng, order: &ToldOrder) -> Call {
    let by = if rng.random_bool(0.7) {
        By::Customer(order.cart.customer)
    } else {
        By::Staff
    };
    Call::Cancel {
        order: order.id,
        by,
    }
}

/// Some of a line, as far as it is not back yet.
fn send_back(rng: &mut StdRng, order: &ToldOrder) -> Option<Call> {
    let number = rng.random_range(0..order.lines.len());
    let (line, quantity) = (order.lines[number], order.cart.lines[number].quantity);
    let (_, back) = order.returned(line);
    (back < quantity).then(|| Call::Return {
        order: order.id,
        id: uuid(rng),
        line,
        quantity: rng.random_range(1..=quantity - back),
    })
}

/// Of a payment that something is owed of, or may be.
fn refund(rng: &mut StdRng, order: &ToldOrder) -> Option<Call> {
    let is_owed = |payment: &ToldPayment| match payment.fate {
        Fate::Kept(_) | Fate::WrongAmount => true,
        Fate::Settled(_) => {
            order.cancelled == Asked::Done
                || order.returns.iter().any(|back| back.asked == Asked::Done)
        }
        Fate::Unknown => false,
    };
    let owed = order
        .payments
        .iter()
        .filter(|(_, payment)| is_owed(payment));
    let owed: Vec<_> = owed.map(|(reference, _)| reference.clone()).collect();
    let reference = owed.choose(rng)?.clone();
    Some(Call::Refund {
        order: order.id,
        reference,
    })
}

/// An id or a key.
pub fn uuid(rng: &mut StdRng) -> Uuid {
    Builder::from_random_bytes(rng.random()).into_uuid()
}
