//! The payment: it makes the order a paid one, or is kept to be paid back.
//!
//! A payment, a cancellation and the expiry compete for the order's row. Whoever has its lock first decides; the others see what was
//! decided.

use chrono::{DateTime, Utc};
use sea_orm::DatabaseTransaction;
use stockgraph_kit::{
    database,
    error::Fault,
    id::{OrderId, UserId},
    money::Money,
    planted,
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
    /// There is no such order, so there is nothing to keep the payment with.
    #[error("no such order")]
    NotFound,
    /// It is not the order's total, or it came after the order had been paid, cancelled or expired. It is kept, and owed back.
    #[error("the payment does not pay the order")]
    Kept {
        /// The order as it is.
        order: Box<Order>,
        /// The payment that is owed back.
        payment: Box<Payment>,
    },
    /// It is no money, or in a currency that is not the order's. Nothing is recorded.
    #[error("no payment of this order")]
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
    Kept(Order, Payment),
}

impl Recorded {
    fn new(order: Order, payment: Payment) -> Self {
        if payment.settles {
            Self::Paid(order, payment)
        } else {
            Self::Kept(order, payment)
        }
    }
}

impl Orders {
    /// Records a payment. The same call again answers the same.
    ///
    /// A payment in time that is exactly the order's total pays it. Any other is kept and owed back, as long as it is in the order's
    /// currency: an order that got too little or too much can still be paid in time. A provider that told a wrong amount may
    /// correct it: the same reference with the order's total pays the order, as long as nothing has gone back.
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
            Recorded::Kept(order, payment) => Err(ConfirmPaymentError::Kept {
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
        let Some(mut change) = Change::lock(&tx, input.order, &self.clock).await? else {
            tx.rollback().await?;
            tracing::error!(order = %input.order, reference = input.reference, amount = %input.amount, "a payment for an order that does not exist");
            return Err(ConfirmPaymentError::NotFound);
        };
        let known = self.known(&tx, &change.order, input).await?;
        let pays = change.order.is_payable_at(change.now()) && input.amount == change.order.total;
        let payment = match known {
            Some(known) if known.amount == input.amount => {
                tx.rollback().await?;
                return Ok(Recorded::new(change.order, known));
            }
            Some(known) if pays && known.is_correctable() => {
                let payment = Payment {
                    id: known.id,
                    recorded_at: known.recorded_at,
                    ..self.pay(&mut change, input)?
                };
                repo::payment::correct(&tx, &payment).await?;
                payment
            }
            Some(_) => return Err(ConfirmPaymentError::ReferenceReused),
            None => {
                let payment = if pays {
                    self.pay(&mut change, input)?
                } else {
                    self.keep(&mut change, input)?
                };
                if pays || !planted!("late money dropped") {
                    repo::payment::insert(&tx, input.order, &payment).await?;
                }
                payment
            }
        };
        let order = change.save(&tx).await?;
        self.changes.announce(&tx, [order.id]).await?;
        database::commit(tx, "confirm payment").await?;
        tracing::info!(order = %order.id, status = order.status.as_str(), settles = payment.settles, "payment recorded");
        Ok(Recorded::new(order, payment))
    }

    /// The payment of this order that has this reference already.
    async fn known(
        &self,
        tx: &DatabaseTransaction,
        order: &Order,
        input: &ConfirmPayment,
    ) -> Result<Option<Payment>, ConfirmPaymentError> {
        match repo::payment::owner(tx, &input.reference).await? {
            None => Ok(None),
            Some(owner) if owner == order.id => {
                let payments = repo::payment::of_order(tx, order).await?;
                Ok(payments
                    .into_iter()
                    .find(|payment| payment.reference == input.reference))
            }
            Some(_) => Err(ConfirmPaymentError::ReferenceReused),
        }
    }

    fn pay(
        &self,
        change: &mut Change,
        input: &ConfirmPayment,
    ) -> Result<Payment, ConfirmPaymentError> {
        change.order.status = lifecycle::next(change.order.status, Action::Pay, Party::Payments)
            .map_err(|_| Failure::NotAllowed)?;
        change.tell(OrderEventKind::PaymentConfirmed, input.actor, None);
        if !planted!("sale forgotten") {
            change.owe(self.ids.next(), &Effect::Commit)?;
        }
        Ok(self.payment(input, true, change.now()))
    }

    /// Keeps a payment that does not pay the order, and expires the order where it is overdue and the job has not yet come by.
    fn keep(
        &self,
        change: &mut Change,
        input: &ConfirmPayment,
    ) -> Result<Payment, ConfirmPaymentError> {
        let total = change.order.total;
        let none = Money::zero(total.currency());
        if input.amount.currency() != total.currency() || input.amount.amount() <= none.amount() {
            let (expected, actual) = (total, input.amount);
            tracing::error!(order = %input.order, reference = input.reference, %expected, %actual, "a payment that cannot be kept");
            return Err(ConfirmPaymentError::WrongAmount { expected, actual });
        }
        let in_time = change.order.is_payable_at(change.now());
        if !in_time {
            match lifecycle::next(change.order.status, Action::Expire, Party::Payments) {
                Ok(status) => {
                    change.order.status = status;
                    change.tell(OrderEventKind::Expired, None, None);
                    change.owe(self.ids.next(), &Effect::Release)?;
                }
                Err(Refusal::WrongState(_)) => {}
                Err(Refusal::NotAllowed) => return Err(Failure::NotAllowed.into()),
            }
        }
        let mut payment = self.payment(input, false, change.now());
        let owed = payment.owe_all()?;
        let note = if in_time {
            format!("A payment of {owed} is not the order's total.")
        } else {
            format!("A payment of {owed} came too late or twice.")
        };
        change.tell(OrderEventKind::RefundDue, input.actor, Some(note));
        Ok(payment)
    }

    fn payment(&self, input: &ConfirmPayment, settles: bool, now: DateTime<Utc>) -> Payment {
        let none = Money::zero(input.amount.currency());
        Payment {
            id: self.ids.next(),
            reference: input.reference.clone(),
            amount: input.amount,
            settles,
            refund_due: none,
            refunded: none,
            recorded_at: now,
        }
    }
}
