//! One order: what was answered of it, its timeline, its money and its hold.

use chrono::TimeDelta;
use rust_decimal::Decimal;
use stockgraph_orders::domain::{
    lifecycle::OrderStatus, order::OrderEventKind, payment::PaymentStatus,
};
use stockgraph_warehouses::domain::reservation::ReservationStatus;

use super::{
    call::REASON,
    found::{Event, FoundOrder, FoundPayment},
    told::{Asked, Fate, ToldOrder, ToldPayment},
};

/// Tells what is wrong with an order.
pub fn compare(told: &ToldOrder, found: &FoundOrder, grace: TimeDelta, wrong: &mut Vec<String>) {
    let mut check = Check {
        told,
        found,
        wrong: Vec::new(),
    };
    check.content();
    check.status();
    check.timeline(grace);
    check.payments();
    check.money();
    check.returns();
    check.hold();
    let of = |what| format!("{} ({}): {what}", found.id, found.number);
    wrong.extend(check.wrong.into_iter().map(of));
}

/// Whether the shop cancelled it, for it could not keep what it had promised.
pub fn is_given_up_by_shop(order: &FoundOrder) -> bool {
    order.events.iter().any(is_shops)
}

fn is_shops(event: &Event) -> bool {
    event.kind == OrderEventKind::Cancelled && event.note != REASON
}

struct Check<'a> {
    told: &'a ToldOrder,
    found: &'a FoundOrder,
    wrong: Vec<String>,
}

impl Check<'_> {
    fn expect(&mut self, is_so: bool, otherwise: impl FnOnce() -> String) {
        if !is_so {
            self.wrong.push(otherwise());
        }
    }

    fn content(&mut self) {
        let (told, found) = (self.told, self.found);
        let is_same = told.cart.customer == found.customer
            && told.cart.lines == found.wanted()
            && (told.total, told.due) == (found.total, found.due);
        self.expect(is_same, || format!("it is {found:?}, not {told:?}"));
    }

    /// What was answered is so, and what is so was asked for.
    fn status(&mut self) {
        let (told, found) = (self.told, self.found);
        let status = found.status;
        self.expect(status != OrderStatus::PendingPayment, || {
            "it waits for its payment for ever".into()
        });
        for ended in &told.ended {
            self.expect(*ended == status, || {
                format!("it was {ended:?}, and is {status:?}")
            });
        }
        for (asked, what, done) in [
            (
                told.cancelled,
                OrderEventKind::Cancelled,
                &[OrderStatus::Cancelled][..],
            ),
            (
                told.shipped,
                OrderEventKind::Shipped,
                &[OrderStatus::Shipped, OrderStatus::Delivered],
            ),
            (
                told.delivered,
                OrderEventKind::Delivered,
                &[OrderStatus::Delivered],
            ),
        ] {
            let is_done = done.contains(&status);
            self.expect(asked != Asked::Done || is_done, || {
                format!("{what:?} was answered, and it is {status:?}")
            });
            let told_of = found
                .events
                .iter()
                .any(|event| event.kind == what && !is_shops(event));
            self.expect(asked != Asked::Never || !told_of, || {
                format!("nobody asked for {what:?}")
            });
        }
    }

    /// Its timeline is one that an order can have, and leads to where it stands.
    fn timeline(&mut self, grace: TimeDelta) {
        let found = self.found;
        let mut status = None;
        for event in &found.events {
            match after(status, event.kind) {
                Some(next) => status = Some(next),
                None => {
                    let kinds: Vec<_> = found.events.iter().map(|event| event.kind).collect();
                    self.wrong
                        .push(format!("no order has this timeline: {kinds:?}"));
                    return;
                }
            }
        }
        self.expect(status == Some(found.status), || {
            format!(
                "its timeline ends as {status:?}, and it is {:?}",
                found.status
            )
        });
        if let Some(at) = found.when(OrderEventKind::Expired) {
            self.expect(at >= found.due, || {
                format!("it expired at {at}, before {}", found.due)
            });
        }
        if let Some(at) = found.when(OrderEventKind::PaymentConfirmed) {
            self.expect(at <= found.due, || {
                format!("it was paid at {at}, after {}", found.due)
            });
        }
        for event in found.events.iter().filter(|event| is_shops(event)) {
            // Until then its stock was held for it.
            let (at, held_until) = (event.at, found.due + grace);
            self.expect(at >= held_until, || {
                format!("the shop gave it up at {at}, while its stock was held until {held_until}")
            });
            self.expect(
                found.when(OrderEventKind::PaymentConfirmed).is_some(),
                || "the shop gave up what was not paid".into(),
            );
        }
    }

    /// Each payment that was answered is there, and each that is there was sent in.
    fn payments(&mut self) {
        let (told, found) = (self.told, self.found);
        for (reference, payment) in &told.payments {
            let there = found
                .payments
                .iter()
                .find(|found| found.reference == *reference);
            self.payment(reference, payment, there);
        }
        for payment in &found.payments {
            self.expect(told.payments.contains_key(&payment.reference), || {
                format!("nobody sent payment {}", payment.reference)
            });
        }
        let settled = |payment: &&ToldPayment| matches!(payment.fate, Fate::Settled(_));
        let settled = told.payments.values().filter(settled).count();
        self.expect(settled < 2, || format!("{settled} payments paid it"));
        let is_paid = found.when(OrderEventKind::PaymentConfirmed).is_some();
        self.expect(settled == 0 || is_paid, || {
            "a payment paid it, and it was never paid".into()
        });
        let covers = found
            .payments
            .iter()
            .any(|payment| payment.amount == found.total);
        self.expect(!is_paid || covers, || "it was paid with nothing".into());
    }

    fn payment(&mut self, reference: &str, told: &ToldPayment, there: Option<&FoundPayment>) {
        let Some(found) = there else {
            let may_be_missing = matches!(told.fate, Fate::Unknown);
            return self.expect(may_be_missing, || format!("payment {reference} is lost"));
        };
        let (amount, status) = (found.amount, found.status);
        self.expect(amount == told.amount, || {
            format!("payment {reference} is {amount}, not {}", told.amount)
        });
        if let Fate::Settled(id) | Fate::Kept(id) = told.fate {
            self.expect(found.id == id, || {
                format!("payment {reference} is {}, not {id}", found.id)
            });
        }
        let is_owed = matches!(told.fate, Fate::Kept(_) | Fate::WrongAmount)
            || told.amount != self.found.total;
        self.expect(!is_owed || status != PaymentStatus::Captured, || {
            format!("payment {reference} did not pay the order, and the shop keeps it")
        });
    }

    /// What came in is what the shop keeps, what it owes, and what has gone back.
    fn money(&mut self) {
        let found = self.found;
        let came: Decimal = found.payments.iter().map(|payment| payment.amount).sum();
        let given_back: Decimal = found
            .lines
            .iter()
            .map(|line| line.unit_price * Decimal::from(line.returned))
            .sum();
        let kept = if found.is_sold() {
            found.total - given_back
        } else {
            Decimal::ZERO
        };
        let owed = self.told_by(OrderEventKind::RefundDue);
        let refunded = self.told_by(OrderEventKind::Refunded);
        self.expect(came == kept + owed, || {
            format!("{came} came in, {kept} is kept, {owed} is or was owed back")
        });
        self.expect(found.refund_due == owed - refunded, || {
            let due = found.refund_due;
            format!("{due} is owed back, of {owed} that was, {refunded} of it refunded")
        });
        let is_due = |payment: &FoundPayment| payment.status == PaymentStatus::RefundDue;
        let any_due = found.payments.iter().any(is_due);
        self.expect(any_due != found.refund_due.is_zero(), || {
            "its payments do not say what it owes".into()
        });
        let asked = self
            .told
            .refunds
            .values()
            .any(|asked| *asked != Asked::Never);
        self.expect(asked || refunded.is_zero(), || {
            "nobody sent a refund".into()
        });
    }

    /// The sum of the amounts in the notes of these events.
    fn told_by(&self, kind: OrderEventKind) -> Decimal {
        let events = self.found.events.iter();
        let events = events.filter(|event| event.kind == kind);
        let amount = |event: &Event| {
            let mut words = event.note.split_whitespace();
            words.find_map(|word| word.parse::<Decimal>().ok())
        };
        events.filter_map(amount).sum()
    }

    fn returns(&mut self) {
        let (told, found) = (self.told, self.found);
        for line in &found.lines {
            let (least, most) = told.returned(line.id);
            let back = line.returned;
            self.expect((least..=most).contains(&back), || {
                format!("of {}, {back} came back, not {least} to {most}", line.id)
            });
            self.expect((0..=line.line.quantity).contains(&back), || {
                format!("of {}, {back} came back, more than there were", line.id)
            });
        }
        let events = found.events.iter();
        let events = events.filter(|event| event.kind == OrderEventKind::Returned);
        let (events, asked) = (events.count(), told.returns.len());
        self.expect(events <= asked, || {
            format!("{events} returns, of {asked} asked for")
        });
    }

    /// Its stock is sold if it is paid, and given back if it is not: once, and the lines that were ordered.
    fn hold(&mut self) {
        use ReservationStatus::{Committed, Expired, Held, Released};
        let found = self.found;
        let status = found.hold.as_ref().map(|hold| hold.status);
        let was_paid = found.when(OrderEventKind::PaymentConfirmed).is_some();
        let is_right = match status {
            _ if found.is_sold() => status == Some(Committed),
            // What was sold was put back on hand by a movement of its own.
            Some(Committed) => was_paid,
            Some(Held) => false,
            Some(Released | Expired) | None => true,
        };
        self.expect(is_right, || {
            format!("it is {:?}, its hold {status:?}", found.status)
        });
        if let Some(hold) = &found.hold {
            self.expect(hold.lines == found.wanted(), || {
                format!("its hold is {hold:?}")
            });
        }
    }
}

/// Where an order stands after this has happened to it; none where it cannot happen.
const fn after(status: Option<OrderStatus>, event: OrderEventKind) -> Option<OrderStatus> {
    use OrderEventKind as E;
    use OrderStatus as S;
    match (status, event) {
        (None, E::Placed) => Some(S::PendingPayment),
        (Some(S::PendingPayment), E::PaymentConfirmed) => Some(S::Paid),
        (Some(S::PendingPayment), E::Expired) => Some(S::Expired),
        (Some(S::PendingPayment | S::Paid), E::Cancelled) => Some(S::Cancelled),
        (Some(S::Paid), E::Shipped) => Some(S::Shipped),
        (Some(S::Shipped), E::Delivered) => Some(S::Delivered),
        (Some(S::Delivered), E::Returned) => Some(S::Delivered),
        (Some(status), E::RefundDue | E::Refunded) => Some(status),
        _ => None,
    }
}
