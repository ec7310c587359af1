//! Giving an order up: its stock goes back, and so does the money of a paid one.

use sea_orm::DatabaseTransaction;
use stockgraph_kit::{
    database,
    id::{OrderId, UserId},
};

use super::{
    Orders,
    failure::{Failure, fails_underneath, refuses_by_state},
};
use crate::{
    domain::{
        effect::{Effect, RestockPayload},
        hold::cancellation_restock_id,
        lifecycle::{self, Action, OrderStatus, Party},
        order::{Order, OrderEventKind},
    },
    repo::{self, change::Change},
};

/// Who cancels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Canceller {
    /// A customer: their own orders only.
    Customer(UserId),
    /// Somebody with the right to change any order.
    Staff(Option<UserId>),
}

impl Canceller {
    const fn actor(self) -> Option<UserId> {
        match self {
            Self::Customer(user) => Some(user),
            Self::Staff(user) => user,
        }
    }

    const fn party(self) -> Party {
        match self {
            Self::Customer(_) => Party::Customer,
            Self::Staff(_) => Party::Staff,
        }
    }

    fn may_see(self, order: &Order) -> bool {
        match self {
            Self::Customer(user) => order.customer == user,
            Self::Staff(_) => true,
        }
    }
}

/// An order that is to be given up.
#[derive(Clone, Debug)]
pub struct CancelOrder {
    /// Which order.
    pub order: OrderId,
    /// Why, for the timeline.
    pub reason: Option<String>,
    /// By whom.
    pub by: Canceller,
}

/// Why an order is not given up.
#[derive(Debug, thiserror::Error)]
pub enum CancelOrderError {
    /// There is no such order, or none that the canceller may see.
    #[error("no such order")]
    NotFound,
    /// Not in this state.
    #[error("not in this state")]
    WrongState(OrderStatus),
    /// Not the caller's fault.
    #[error(transparent)]
    Failed(#[from] Failure),
}
fails_underneath!(CancelOrderError);
refuses_by_state!(CancelOrderError);

impl Orders {
    /// Cancels an order. The stock of an unpaid one is released, that of a paid one put back on hand, and its payment is owed back.
    ///
    /// # Errors
    ///
    /// [`CancelOrderError`].
    pub async fn cancel_order(&self, input: CancelOrder) -> Result<Order, CancelOrderError> {
        let tx = self.database.begin().await?;
        let change = Change::lock(&tx, input.order, &self.clock)
            .await?
            .filter(|change| input.by.may_see(&change.order));
        let Some(mut change) = change else {
            return Err(CancelOrderError::NotFound);
        };
        let was_paid = change.order.status == OrderStatus::Paid;
        change.order.status =
            lifecycle::next(change.order.status, Action::Cancel, input.by.party())?;
        change.tell(OrderEventKind::Cancelled, input.by.actor(), input.reason);
        if was_paid {
            let lines = repo::order::lines_of(&tx, &change.order).await?;
            let payload = RestockPayload::new(
                cancellation_restock_id(change.order.id),
                lines.iter().map(|line| (line.product, line.quantity)),
                Some(format!("Order {} was cancelled.", change.order.number)),
            );
            change.owe(self.ids.next(), &Effect::Restock(payload))?;
            owe_settlement(&tx, &mut change, input.by.actor()).await?;
        } else {
            change.owe(self.ids.next(), &Effect::Release)?;
        }
        let order = change.save(&tx).await?;
        self.changes.announce(&tx, [order.id]).await?;
        database::commit(tx, "cancel order").await?;
        tracing::info!(order = %order.id, was_paid, "order cancelled");
        self.changes.publish(order.id);
        self.carry_out(&[order.id]).await;
        Ok(order)
    }
}

/// Owes the customer all that is left of the payment that paid the order, and tells the timeline.
pub(super) async fn owe_settlement(
    tx: &DatabaseTransaction,
    change: &mut Change,
    actor: Option<UserId>,
) -> Result<(), Failure> {
    let payments = repo::payment::of_order(tx, &change.order).await?;
    for mut payment in payments.into_iter().filter(|payment| payment.settles) {
        let owed = payment.owe_all()?;
        repo::payment::save(tx, &payment).await?;
        let note = format!("{owed} of payment {}.", payment.reference);
        change.tell(OrderEventKind::RefundDue, actor, Some(note));
    }
    Ok(())
}
