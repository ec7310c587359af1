//! Money that went back to the customer.

use stockgraph_kit::{
    database,
    id::{OrderId, UserId},
};

use super::{
    Orders,
    failure::{Failure, fails_underneath},
};
use crate::{
    domain::{
        lifecycle::{self, Action, Party},
        order::{Order, OrderEventKind},
        payment::PaymentStatus,
    },
    repo::{self, change::Change},
};

/// What was owed of a payment has gone back.
#[derive(Clone, Debug)]
pub struct ConfirmRefund {
    /// Of which order.
    pub order: OrderId,
    /// The payment provider's id of the payment.
    pub reference: String,
    /// Which user says so.
    pub actor: Option<UserId>,
}

/// Why nothing is noted.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmRefundError {
    /// There is no such order.
    #[error("no such order")]
    OrderNotFound,
    /// The order has no such payment.
    #[error("no such payment")]
    PaymentNotFound,
    /// Nothing is owed of the payment, and nothing ever went back.
    #[error("nothing is owed")]
    NothingDue(PaymentStatus),
    /// Not the caller's fault.
    #[error(transparent)]
    Failed(#[from] Failure),
}
fails_underneath!(ConfirmRefundError);

impl Orders {
    /// Notes that all that is owed of a payment has gone back. The same call again changes nothing.
    ///
    /// # Errors
    ///
    /// [`ConfirmRefundError`].
    pub async fn confirm_refund(&self, input: ConfirmRefund) -> Result<Order, ConfirmRefundError> {
        let tx = self.database.begin().await?;
        let Some(mut change) = Change::lock(&tx, input.order, &self.clock).await? else {
            return Err(ConfirmRefundError::OrderNotFound);
        };
        change.order.status = lifecycle::next(change.order.status, Action::Refund, Party::Payments)
            .map_err(|_| Failure::NotAllowed)?;
        let mut payment = repo::payment::of_order(&tx, &change.order)
            .await?
            .into_iter()
            .find(|payment| payment.reference == input.reference)
            .ok_or(ConfirmRefundError::PaymentNotFound)?;
        let status = payment.status();
        let paid_back = payment.pay_back()?;
        if paid_back.amount().is_zero() {
            return if payment.refunded.amount().is_zero() {
                Err(ConfirmRefundError::NothingDue(status))
            } else {
                Ok(change.order)
            };
        }
        repo::payment::save(&tx, &payment).await?;
        let note = format!("{paid_back} of payment {}.", payment.reference);
        change.tell(OrderEventKind::Refunded, input.actor, Some(note));
        let order = change.save(&tx).await?;
        self.changes.announce(&tx, [order.id]).await?;
        database::commit(tx, "confirm refund").await?;
        tracing::info!(order = %order.id, "refund confirmed");
        self.changes.publish(order.id);
        Ok(order)
    }
}
