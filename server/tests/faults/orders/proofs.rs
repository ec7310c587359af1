//! The checker is told of databases that lost or doubled something: one that never found anything would prove nothing.

use chrono::TimeDelta;
use rust_decimal::Decimal;
use stockgraph_orders::domain::{
    lifecycle::OrderStatus,
    number::OrderNumber,
    order::OrderEventKind::{Cancelled, Expired, Refunded, Shipped},
    payment::PaymentStatus,
};
use stockgraph_warehouses::domain::reservation::ReservationStatus;

use super::{
    call::{Answer, Call},
    check::still_owed,
    rigged::{QUANTITY, Rigged, an, cart, due, product, total},
    told::Fate,
};

#[test]
fn what_was_answered_and_is_there_is_right() {
    for mut rigged in [
        Rigged::expired(),
        Rigged::paid(),
        Rigged::cancelled(),
        Rigged::returned(),
    ] {
        rigged.is_right();
        rigged.pays_twice();
        rigged.is_right();
    }
}

#[test]
fn an_order_that_is_lost_doubled_or_changed_is_found() {
    let mut rigged = Rigged::expired();
    rigged.found.orders.clear();
    rigged.is_wrong("is lost");

    let mut rigged = Rigged::expired();
    let mut twin = rigged.order().clone();
    (twin.id, twin.number) = (an(2), OrderNumber::typed("SO-2026-BBBBBBB"));
    rigged.found.orders.push(twin);
    rigged.is_wrong("nobody asked for it");
    // A checkout that was not answered explains one more, and not two.
    rigged.told.maybe.push(cart());
    rigged.is_right();
    let mut third = rigged.order().clone();
    (third.id, third.number) = (an(3), OrderNumber::typed("SO-2026-CCCCCCC"));
    rigged.found.orders.push(third);
    rigged.is_wrong("nobody asked for it");

    let mut rigged = Rigged::expired();
    rigged.order().lines[0].line.quantity += 1;
    rigged.is_wrong("it is FoundOrder");

    let mut rigged = Rigged::placed();
    rigged.level().reserved = QUANTITY;
    rigged.is_wrong("for ever");
}

#[test]
fn a_timeline_that_no_order_can_have_is_found() {
    let mut rigged = Rigged::expired();
    rigged.happens(Expired, 2, "");
    rigged.is_wrong("no order has this timeline");

    let mut rigged = Rigged::paid();
    rigged.happens(Expired, 2, "");
    rigged.is_wrong("no order has this timeline");

    let mut rigged = Rigged::expired();
    rigged.order().events[1].at = due() - TimeDelta::seconds(1);
    rigged.is_wrong("it expired at");

    let mut rigged = Rigged::paid();
    rigged.order().events[1].at = due() + TimeDelta::seconds(1);
    rigged.is_wrong("it was paid at");

    let mut rigged = Rigged::paid();
    rigged.order().events.pop();
    rigged.is_wrong("its timeline ends as");
}

#[test]
fn an_answer_that_does_not_stay_is_found() {
    let mut rigged = Rigged::expired();
    rigged.pays("one", total(), Fate::Settled(an(1)));
    rigged.is_wrong("payment one is lost");
    rigged.is_wrong("it was never paid");

    let mut rigged = Rigged::paid();
    rigged.asks(&Call::Ship { order: an(1) }, Some(&Answer::Done));
    rigged.is_wrong("Shipped was answered");

    let mut rigged = Rigged::paid();
    rigged.happens(Shipped, 3, "");
    rigged.order().status = OrderStatus::Shipped;
    rigged.is_wrong("nobody asked for Shipped");
    // What was asked for and not answered may be so.
    rigged.asks(&Call::Ship { order: an(1) }, None);
    rigged.is_right();

    let mut rigged = Rigged::paid();
    rigged.asks(
        &Call::Ship { order: an(1) },
        Some(&Answer::Refused(
            "WrongState".into(),
            Some(OrderStatus::Expired),
        )),
    );
    rigged.is_wrong("it was Expired, and is Paid");
}

#[test]
fn a_run_that_expires_what_is_expired_or_paid_is_found() {
    let mut rigged = Rigged::expired();
    let number = rigged.order().number.clone();
    rigged.told.expired.push(number.clone());
    rigged.is_right();
    rigged.told.expired.push(number.clone());
    rigged.is_wrong("by two runs");

    let mut rigged = Rigged::paid();
    rigged.told.expired.push(number);
    rigged.is_wrong("was expired, but is");
}

#[test]
fn money_that_is_lost_kept_or_made_up_is_found() {
    let mut rigged = Rigged::paid();
    rigged.pays("two", total(), Fate::Kept(an(2)));
    rigged.is_wrong("payment two is lost");
    rigged.records(2, "two", total(), PaymentStatus::Captured);
    rigged.is_wrong("the shop keeps it");

    let mut rigged = Rigged::paid();
    rigged.records(2, "two", total(), PaymentStatus::RefundDue);
    rigged.owes(total(), "two");
    rigged.is_wrong("nobody sent payment two");

    let mut rigged = Rigged::cancelled();
    rigged.order().events.pop();
    rigged.is_wrong("came in");
    rigged.is_wrong("is owed back, of");

    let mut rigged = Rigged::cancelled();
    rigged.happens(Refunded, 5, &format!("USD {} of payment one.", total()));
    rigged.is_wrong("nobody sent a refund");
    rigged.is_wrong("refunded");

    let mut rigged = Rigged::paid();
    rigged.pays("two", total(), Fate::Settled(an(2)));
    rigged.is_wrong("2 payments paid it");

    let mut rigged = Rigged::paid();
    let mut other = rigged.order().clone();
    (other.id, other.number) = (an(2), OrderNumber::typed("SO-2026-BBBBBBB"));
    rigged.found.orders.push(other);
    rigged.is_wrong("payment one is there twice");
}

#[test]
fn a_wrong_amount_is_kept_and_owed_back() {
    let wrong = total() + Decimal::ONE;
    let mut rigged = Rigged::paid();
    rigged.pays("two", wrong, Fate::WrongAmount);
    rigged.is_wrong("payment two is lost");
    let mut kept = rigged;
    kept.records(2, "two", wrong, PaymentStatus::RefundDue);
    kept.owes(wrong, "two");
    kept.is_right();
    kept.order().payments[1].amount = total();
    kept.is_wrong("payment two is 21.00, not 22.00");
    kept.order().payments[1].status = PaymentStatus::Captured;
    kept.is_wrong("the shop keeps it");
}

#[test]
fn goods_that_are_lost_made_up_or_sold_twice_are_found() {
    let mut rigged = Rigged::paid();
    rigged.level().on_hand -= 1;
    rigged.is_wrong("there is Level");

    let mut rigged = Rigged::expired();
    rigged.level().reserved = QUANTITY;
    rigged.is_wrong("there is Level");

    let mut rigged = Rigged::paid();
    rigged.told.received.insert(product(), 1);
    rigged.level().on_hand = 1 - QUANTITY;
    rigged.is_wrong("oversold: 1");

    let mut rigged = Rigged::returned();
    rigged.order().lines[0].returned = QUANTITY;
    rigged.is_wrong("2 came back, not 1 to 1");

    let mut rigged = Rigged::paid();
    rigged.order().hold.as_mut().unwrap().status = ReservationStatus::Expired;
    rigged.is_wrong("its hold Some(Expired)");

    let mut rigged = Rigged::expired();
    rigged.order().hold.as_mut().unwrap().status = ReservationStatus::Committed;
    rigged.is_wrong("its hold Some(Committed)");
}

#[test]
fn the_shop_gives_up_no_order_whose_stock_it_holds() {
    let mut rigged = Rigged::paid();
    rigged.becomes(OrderStatus::Cancelled, ReservationStatus::Expired);
    rigged.order().payments[0].status = PaymentStatus::RefundDue;
    rigged.happens(Cancelled, 61, "The stock is gone.");
    rigged.owes(total(), "one");
    rigged.level().on_hand += QUANTITY;
    rigged.is_right();
    rigged.order().events[2].at = due() + TimeDelta::seconds(59);
    rigged.is_wrong("the shop gave it up at");
}

#[test]
fn what_is_owed_to_the_warehouses_is_found_before_it_counts_as_stuck() {
    let row = |open| format!("│ No effect on the stock is stuck ┆ {open:>12} ┆     0 │");
    assert_eq!(still_owed(&row(0)), None);
    assert!(still_owed(&row(3)).is_some());
    assert!(still_owed("Every rule holds.").is_some());
}
