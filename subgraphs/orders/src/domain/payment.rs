//! Payments, and what of them is owed back.

use chrono::{DateTime, Utc};
use stockgraph_kit::money::{Money, MoneyError};

use super::PaymentId;

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PaymentStatus {
    /// The shop has the money, and keeps it.
    Captured,
    /// It, or a part of it, is to be paid back.
    RefundDue,
    /// It was paid back as a whole.
    Refunded,
}

/// Money that came in for an order.
///
/// `refund_due + refunded <= amount` at all times: no more goes back than came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Which payment.
    pub id: PaymentId,
    /// The payment provider's id of it.
    pub reference: String,
    /// How much came in.
    pub amount: Money,
    /// Whether it is the one payment that made the order a paid one.
    pub settles: bool,
    /// How much of it is owed to the customer now.
    pub refund_due: Money,
    /// How much of it has gone back.
    pub refunded: Money,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

impl Payment {
    /// Where it stands: owing anything back counts before all else.
    #[must_use]
    pub fn status(&self) -> PaymentStatus {
        if !self.refund_due.amount().is_zero() {
            PaymentStatus::RefundDue
        } else if !self.refunded.amount().is_zero() && self.refunded == self.amount {
            PaymentStatus::Refunded
        } else {
            PaymentStatus::Captured
        }
    }

    /// Whether its amount may still be corrected: it has paid for nothing, and nothing of it has gone back.
    #[must_use]
    pub fn is_correctable(&self) -> bool {
        !self.settles && self.refunded.amount().is_zero()
    }

    /// What the shop has of it and owes to nobody.
    ///
    /// # Errors
    ///
    /// Never: what is kept is no more than what came in.
    pub fn kept(&self) -> Result<Money, MoneyError> {
        let kept = self.amount.amount() - self.refund_due.amount() - self.refunded.amount();
        Money::new(kept, self.amount.currency())
    }

    /// Owes this much more of it, as far as there is so much left.
    ///
    /// # Errors
    ///
    /// [`MoneyError`] for another currency.
    pub fn owe(&mut self, price: Money) -> Result<Money, MoneyError> {
        let kept = self.kept()?;
        let owed = if price.amount() > kept.amount() {
            kept
        } else {
            price
        };
        self.refund_due = self.refund_due.plus(owed)?;
        Ok(owed)
    }

    /// Owes all of it that is left.
    ///
    /// # Errors
    ///
    /// Never, like [`kept`](Self::kept).
    pub fn owe_all(&mut self) -> Result<Money, MoneyError> {
        let kept = self.kept()?;
        self.owe(kept)
    }

    /// What was owed has gone back.
    ///
    /// # Errors
    ///
    /// Never: both amounts are parts of one payment.
    pub fn pay_back(&mut self) -> Result<Money, MoneyError> {
        let paid_back = self.refund_due;
        self.refunded = self.refunded.plus(paid_back)?;
        self.refund_due = Money::zero(paid_back.currency());
        Ok(paid_back)
    }
}

/// What is owed to the customer of an order with these payments; nothing where that is none.
///
/// # Errors
///
/// [`MoneyError`] for payments in two currencies, which no order has.
pub fn refund_due(payments: &[Payment]) -> Result<Option<Money>, MoneyError> {
    let mut due: Option<Money> = None;
    for payment in payments {
        if !payment.refund_due.amount().is_zero() {
            due = Some(match due {
                Some(due) => due.plus(payment.refund_due)?,
                None => payment.refund_due,
            });
        }
    }
    Ok(due)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use stockgraph_kit::id::Id;
    use uuid::Uuid;

    use super::*;

    fn money(cents: i64) -> Money {
        Money::from_stored(cents * 100, "USD").unwrap()
    }

    fn payment(cents: i64) -> Payment {
        Payment {
            id: PaymentId::from_uuid(Uuid::nil()),
            reference: "reference".into(),
            amount: money(cents),
            settles: true,
            refund_due: money(0),
            refunded: money(0),
            recorded_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_refund_in_two_parts_is_owed_paid_back_and_owed_again() {
        let mut payment = payment(1_000);
        assert_eq!(payment.status(), PaymentStatus::Captured);
        payment.owe(money(300)).unwrap();
        assert_eq!(payment.status(), PaymentStatus::RefundDue);
        assert_eq!(payment.pay_back(), Ok(money(300)));
        assert_eq!(payment.status(), PaymentStatus::Captured);
        assert_eq!(payment.owe_all(), Ok(money(700)));
        assert_eq!(payment.pay_back(), Ok(money(700)));
        assert_eq!(payment.status(), PaymentStatus::Refunded);
    }

    #[test]
    fn what_is_owed_is_the_sum_over_all_payments() {
        let mut payments = [payment(1_000), payment(500), payment(70)];
        assert_eq!(refund_due(&payments), Ok(None));
        payments[0].owe(money(10)).unwrap();
        payments[2].owe_all().unwrap();
        assert_eq!(refund_due(&payments), Ok(Some(money(80))));
    }

    proptest! {
        #[test]
        fn no_more_goes_back_than_came(
            amount in 0_i64..10_000,
            steps in prop::collection::vec((0_i64..5_000, any::<bool>()), 0..20)
        ) {
            let mut payment = payment(amount);
            let mut back = 0;
            for (cents, pay_back) in steps {
                payment.owe(money(cents)).unwrap();
                if pay_back {
                    back += i64::try_from(payment.pay_back().unwrap().amount().mantissa()).unwrap();
                }
                prop_assert!(payment.kept().unwrap().amount() >= money(0).amount());
                prop_assert_eq!(payment.refunded, money(back));
                prop_assert!(back <= amount);
            }
        }
    }
}
