//! What can become of an order, and who may bring it about: one table.

use std::str::FromStr;

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

impl OrderStatus {
    /// Every status there is.
    pub const ALL: [Self; 6] = [
        Self::PendingPayment,
        Self::Paid,
        Self::Shipped,
        Self::Delivered,
        Self::Cancelled,
        Self::Expired,
    ];

    /// The status as text, e.g. `PENDING_PAYMENT`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PendingPayment => "PENDING_PAYMENT",
            Self::Paid => "PAID",
            Self::Shipped => "SHIPPED",
            Self::Delivered => "DELIVERED",
            Self::Cancelled => "CANCELLED",
            Self::Expired => "EXPIRED",
        }
    }

    /// For people, as in "the order is …".
    #[must_use]
    pub const fn described(self) -> &'static str {
        match self {
            Self::PendingPayment => "waiting for its payment",
            Self::Paid => "paid",
            Self::Shipped => "shipped",
            Self::Delivered => "delivered",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }
}

/// The text names no member of a closed set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a member of the set")]
pub struct UnknownName(pub String);

impl FromStr for OrderStatus {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| UnknownName(text.to_owned()))
    }
}

/// What is done to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Its payment is confirmed.
    Pay,
    /// It is given up.
    Cancel,
    /// Nobody paid it in time.
    Expire,
    /// It is handed to a carrier.
    Ship,
    /// It has arrived.
    Deliver,
    /// Goods come back.
    Return,
    /// Money goes back, of whatever is owed.
    Refund,
}

impl Action {
    /// Every action there is.
    pub const ALL: [Self; 7] = [
        Self::Pay,
        Self::Cancel,
        Self::Expire,
        Self::Ship,
        Self::Deliver,
        Self::Return,
        Self::Refund,
    ];

    /// As in "an order that is expired cannot be …".
    #[must_use]
    pub const fn described(self) -> &'static str {
        match self {
            Self::Pay => "paid",
            Self::Cancel => "cancelled",
            Self::Expire => "expired",
            Self::Ship => "shipped",
            Self::Deliver => "delivered",
            Self::Return => "returned",
            Self::Refund => "refunded",
        }
    }
}

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Party {
    /// The customer whose order it is.
    Customer,
    /// Those with the right to change any order.
    Staff,
    /// Those who record payments.
    Payments,
    /// The scheduled job.
    Scheduler,
    /// The shop itself, when it can no longer keep what it promised.
    Shop,
}

impl Party {
    /// Every party there is.
    pub const ALL: [Self; 5] = [
        Self::Customer,
        Self::Staff,
        Self::Payments,
        Self::Scheduler,
        Self::Shop,
    ];
}

/// What an action makes of an order.
#[derive(Clone, Copy, Debug)]
enum Becomes {
    /// It is in this state then.
    This(OrderStatus),
    /// It is in the state that it was in.
    TheSame,
}

/// One row of the table.
#[derive(Debug)]
struct Rule {
    action: Action,
    from: &'static [OrderStatus],
    to: Becomes,
    by: &'static [Party],
}

/// Who may do what in which state.
const RULES: &[Rule] = {
    use {
        Action as A,
        Becomes::{TheSame, This},
        OrderStatus as S, Party as P,
    };
    &[
        Rule {
            action: A::Pay,
            from: &[S::PendingPayment],
            to: This(S::Paid),
            by: &[P::Payments],
        },
        Rule {
            action: A::Cancel,
            from: &[S::PendingPayment, S::Paid],
            to: This(S::Cancelled),
            by: &[P::Customer, P::Staff, P::Shop],
        },
        Rule {
            action: A::Expire,
            from: &[S::PendingPayment],
            to: This(S::Expired),
            // A payment that comes too late expires the order, where the job has not yet come by.
            by: &[P::Scheduler, P::Payments],
        },
        Rule {
            action: A::Ship,
            from: &[S::Paid],
            to: This(S::Shipped),
            by: &[P::Staff],
        },
        Rule {
            action: A::Deliver,
            from: &[S::Shipped],
            to: This(S::Delivered),
            by: &[P::Staff],
        },
        Rule {
            action: A::Return,
            from: &[S::Delivered],
            to: TheSame,
            by: &[P::Staff],
        },
        Rule {
            action: A::Refund,
            // Too little may have come for an order that waits, twice as much for one that is paid.
            from: &OrderStatus::ALL,
            to: TheSame,
            by: &[P::Payments],
        },
    ]
};

/// Why an action is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Not by this party, whatever the state.
    NotAllowed,
    /// Not in this state.
    WrongState(OrderStatus),
}

/// What becomes of an order in state `from` when `party` does `action`.
///
/// # Errors
///
/// [`Refusal`].
pub fn next(from: OrderStatus, action: Action, party: Party) -> Result<OrderStatus, Refusal> {
    let rule = RULES
        .iter()
        .find(|rule| rule.action == action && rule.by.contains(&party))
        .ok_or(Refusal::NotAllowed)?;
    if !rule.from.contains(&from) {
        return Err(Refusal::WrongState(from));
    }
    Ok(match rule.to {
        Becomes::This(to) => to,
        Becomes::TheSame => from,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All that is allowed, written down a second time and differently: (state, action, party) -> state.
    const ALLOWED: [(&str, Action, Party, &str); 18] = [
        ("PENDING_PAYMENT", Action::Pay, Party::Payments, "PAID"),
        (
            "PENDING_PAYMENT",
            Action::Cancel,
            Party::Customer,
            "CANCELLED",
        ),
        ("PENDING_PAYMENT", Action::Cancel, Party::Staff, "CANCELLED"),
        ("PENDING_PAYMENT", Action::Cancel, Party::Shop, "CANCELLED"),
        (
            "PENDING_PAYMENT",
            Action::Expire,
            Party::Scheduler,
            "EXPIRED",
        ),
        (
            "PENDING_PAYMENT",
            Action::Expire,
            Party::Payments,
            "EXPIRED",
        ),
        ("PAID", Action::Cancel, Party::Customer, "CANCELLED"),
        ("PAID", Action::Cancel, Party::Staff, "CANCELLED"),
        ("PAID", Action::Cancel, Party::Shop, "CANCELLED"),
        ("PAID", Action::Ship, Party::Staff, "SHIPPED"),
        ("SHIPPED", Action::Deliver, Party::Staff, "DELIVERED"),
        ("DELIVERED", Action::Return, Party::Staff, "DELIVERED"),
        (
            "PENDING_PAYMENT",
            Action::Refund,
            Party::Payments,
            "PENDING_PAYMENT",
        ),
        ("PAID", Action::Refund, Party::Payments, "PAID"),
        ("SHIPPED", Action::Refund, Party::Payments, "SHIPPED"),
        ("DELIVERED", Action::Refund, Party::Payments, "DELIVERED"),
        ("CANCELLED", Action::Refund, Party::Payments, "CANCELLED"),
        ("EXPIRED", Action::Refund, Party::Payments, "EXPIRED"),
    ];

    #[test]
    fn every_party_can_do_in_every_state_what_it_is_allowed_and_nothing_else() {
        for from in OrderStatus::ALL {
            for action in Action::ALL {
                for party in Party::ALL {
                    let expected = ALLOWED
                        .iter()
                        .find(|(state, a, p, _)| (*state, *a, *p) == (from.as_str(), action, party))
                        .map(|(.., to)| *to);
                    let found = next(from, action, party).ok().map(OrderStatus::as_str);
                    assert_eq!(found, expected, "{party:?} does {action:?} in {from:?}");
                }
            }
        }
    }

    #[test]
    fn a_party_without_the_right_is_told_apart_from_a_wrong_state() {
        let refused = |action, party| next(OrderStatus::Expired, action, party).unwrap_err();
        assert_eq!(refused(Action::Ship, Party::Customer), Refusal::NotAllowed);
        assert_eq!(
            refused(Action::Ship, Party::Staff),
            Refusal::WrongState(OrderStatus::Expired)
        );
    }

    #[test]
    fn nothing_leaves_the_states_in_which_an_order_ends() {
        for action in Action::ALL {
            for party in Party::ALL {
                for end in [OrderStatus::Cancelled, OrderStatus::Expired] {
                    assert_eq!(next(end, action, party).unwrap_or(end), end);
                }
            }
        }
    }

    #[test]
    fn every_status_reads_back_from_its_text() {
        for status in OrderStatus::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
    }
}
