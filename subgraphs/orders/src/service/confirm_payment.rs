//! The payment: it makes the order a paid one, or is kept to be paid back.
//!
//! A payment, a cancellation and the expiry compete for the order's row. Whoever has its lock first decides; the others see what was
//! decided.

use sea_orm::DatabaseTransaction;
use stockgraph_kit::{
    error::Fault,
    id::{OrderId, UserId},
    money::Money,
};

use super::{
    Orders,
    failure::{Failure, fails_underneath},
};
use crate::{
    domain::{
        effect::Effect,
        lifecycle::{self, Action, OrderStatus, Party, Refusal},
        order::{Order, OrderEventKind},
        payment::Payment,
    },
    repo::{self, change::Change},
};

/// A payment that came in.
#[derive(Clone, Debug)]
pub struct ConfirmPayment {
    /// For which order.
    pub order: OrderId,
    /// The payment provider's id of it.
    pub reference: String,
    /// How much came in.
    pub amount: Money,
    /// Which user records it; nobody where a part of the system does.
    pub actor: Option<UserId>,
}

/// The order and the payment that paid it.
#[derive(Clone, Debug)]
pub struct ConfirmedPayment {
    /// The order, paid.
    pub order: Order,
    /// The payment.
    pub payment: Payment,
}

/// Why the payment did not pay the order.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmPaymentError {
    /// There is no such order.
    #[error("no such order")]
    NotFound,
    /// It came after the order had been paid, cancelled or expired. It is kept, and owed back.
    #[error("the order cannot be paid any more")]
    WrongState {
        /// The order as it is.
        order: Box<Order>,
        /// The payment that is owed back.
        payment: Box<Payment>,
    },
    /// It is not the order's total. Nothing is recorded, and the order can still be paid in time.
    #[error("the amount is not the order's total")]
    WrongAmount {
        /// The order's total.
        expected: Money,
        /// What came in.
        actual: Money,
    },
    /// The reference is that of another payment.
    #[error("the reference was used before")]
    ReferenceReused,
    /// Not the caller's fault.
    #[error(transparent)]
    Failed(#[from] Failure),
}
fails_underneath!(ConfirmPaymentError);

/// What came of a payment that was recorded.
enum Recorded {
    Paid(Order, Payment),
    Late(Order, Payment),
}

impl Orders {
    /// Records a payment. The same call again answers the same.
    ///
    /// A payment in time that is exactly the order's total pays it. One in time with another amount is refused, and nothing is
    /// recorded: the provider is told and still has the money in its hands. One that comes too late is kept and owed back, whatever
    /// its amount, as long as it is in the order's currency.
    ///
    /// # Errors
    ///
    /// [`ConfirmPaymentError`].
    pub async fn confirm_payment(
        &self,
        input: ConfirmPayment,
    ) -> Result<ConfirmedPayment, ConfirmPaymentError> {
        let recorded = match self.recorded(&input).await {
            Err(ConfirmPaymentError::Failed(Failure::Database(error)))
                if Fault::of(&error) == Fault::UniqueViolation =>
            {
                // A twin of this call, or another with the same reference, was faster by a moment.
                self.recorded(&input).await?
            }
            recorded => recorded?,
        };
        self.changes.publish(input.order);
        self.carry_out(&[input.order]).await;
        match recorded {
            Recorded::Paid(order, payment) => self.as_it_is_now(order, payment).await,
            Recorded::Late(order, payment) => Err(ConfirmPaymentError::WrongState {
                order: Box::new(order),
                payment: Box::new(payment),
            }),
        }
    }

    /// The order and its payment, after what they owed the warehouses was carried out: where there was no stock left to sell, the
    /// order is cancelled and the payment owed back by now.
    async fn as_it_is_now(
        &self,
        order: Order,
        payment: Payment,
    ) -> Result<ConfirmedPayment, ConfirmPaymentError> {
        let order = self.order(order.id).await?.unwrap_or(order);
        if order.status == OrderStatus::Paid {
            return Ok(ConfirmedPayment { order, payment });
        }
        let payment = repo::payment::of_order(self.database.reader(), &order)
            .await?
            .into_iter()
            .find(|now| now.id == payment.id)
            .unwrap_or(payment);
        Ok(ConfirmedPayment { order, payment })
    }

    async fn recorded(&self, input: &ConfirmPayment) -> Result<Recorded, ConfirmPaymentError> {
        let tx = self.database.begin().await?;
        let Some(mut change) = Change::lock(&tx, input.order, self.clock.now()).await? else {
            tx.rollback().await?;
            return Err(ConfirmPaymentError::NotFound);
        };
        if let Some(owner) = repo::payment::owner(&tx, &input.reference).await? {
            let repeated = self.repeated(&tx, &change.order, owner, input).await;
            tx.rollback().await?;
            return repeated;
        }
        let total = change.order.total;
        let payable = change.order.is_payable_at(self.clock.now());
        let wrong = if payable {
            input.amount != total
        } else {
            input.amount.currency() != total.currency()
        };
        if wrong || input.amount.amount().is_sign_negative() {
            tx.rollback().await?;
            return Err(ConfirmPaymentError::WrongAmount {
                expected: total,
                actual: input.amount,
            });
        }
        let payment = if payable {
            self.pay(&mut change, input)?
        } else {
            self.keep(&mut change, input)?
        };
        repo::payment::insert(&tx, input.order, &payment).await?;
        let order = change.save(&tx).await?;
        tx.commit().await?;
        tracing::info!(order = %order.id, status = order.status.as_str(), settles = payment.settles, "payment recorded");
        Ok(if payment.settles {
            Recorded::Paid(order, payment)
        } else {
            Recorded::Late(order, payment)
        })
    }

    /// What is answered to a payment whose reference is known.
    async fn repeated(
        &self,
        tx: &DatabaseTransaction,
        order: &Order,
        owner: OrderId,
        input: &ConfirmPayment,
    ) -> Result<Recorded, ConfirmPaymentError> {
        let payments = repo::payment::of_order(tx, order).await?;
        let payment = payments
            .into_iter()
            .find(|payment| payment.reference == input.reference)
            .filter(|payment| owner == order.id && payment.amount == input.amount)
            .ok_or(ConfirmPaymentError::ReferenceReused)?;
        Ok(if payment.settles {
            Recorded::Paid(order.clone(), payment)
        } else {
            Recorded::Late(order.clone(), payment)
        })
    }

    fn pay(
        &self,
        change: &mut Change,
        input: &ConfirmPayment,
    ) -> Result<Payment, ConfirmPaymentError> {
        change.order.status = lifecycle::next(change.order.status, Action::Pay, Party::Payments)
            .map_err(|_| Failure::NotAllowed)?;
        change.tell(OrderEventKind::PaymentConfirmed, input.actor, None);
        change.owe(self.ids.next(), &Effect::Commit)?;
        Ok(self.payment(input, true))
    }

    /// Keeps a payment that came too late, and expires the order where the job has not yet come by.
    fn keep(
        &self,
        change: &mut Change,
        input: &ConfirmPayment,
    ) -> Result<Payment, ConfirmPaymentError> {
        match lifecycle::next(change.order.status, Action::Expire, Party::Payments) {
            Ok(status) => {
                change.order.status = status;
                change.tell(OrderEventKind::Expired, None, None);
                change.owe(self.ids.next(), &Effect::Release)?;
            }
            Err(Refusal::WrongState(_)) => {}
            Err(Refusal::NotAllowed) => return Err(Failure::NotAllowed.into()),
        }
        let mut payment = self.payment(input, false);
        let owed = payment.owe_all()?;
        let note = format!("A payment of {owed} came too late or twice.");
        change.tell(OrderEventKind::RefundDue, input.actor, Some(note));
        Ok(payment)
    }

    fn payment(&self, input: &ConfirmPayment, settles: bool) -> Payment {
        let none = Money::zero(input.amount.currency());
        Payment {
            id: self.ids.next(),
            reference: input.reference.clone(),
            amount: input.amount,
            settles,
            refund_due: none,
            refunded: none,
            recorded_at: self.clock.now(),
        }
    }
}
