//! Goods that come back from a delivered order: they go back on hand, and what was paid for them is owed to the customer.

use sea_orm::DatabaseTransaction;
use stockgraph_kit::{
    error::Fault,
    id::{OrderId, UserId},
    money::Money,
};

use super::{
    Orders,
    failure::{Failure, fails_underneath, refuses_by_state},
};
use crate::{
    domain::{
        ReturnId,
        digest::{self, RequestDigest},
        effect::{Effect, RestockPayload},
        hold::return_restock_id,
        lifecycle::{self, Action, OrderStatus, Party},
        line::Invalid,
        order::{Order, OrderEventKind},
        returns::{self, CheckedReturn, ReturnLine},
    },
    repo::{self, change::Change, goods_return::NewReturn},
};

/// Goods that come back.
#[derive(Clone, Debug)]
pub struct ReturnOrder {
    /// Chosen by the caller: the same return again is not a second one.
    pub id: ReturnId,
    /// From which order.
    pub order: OrderId,
    /// What comes back.
    pub lines: Vec<ReturnLine>,
    /// Why, for the timeline and the ledger.
    pub reason: Option<String>,
    /// Which user takes them back.
    pub actor: Option<UserId>,
}

/// Why goods are not taken back.
#[derive(Debug, thiserror::Error)]
pub enum ReturnOrderError {
    /// There is no such order.
    #[error("no such order")]
    NotFound,
    /// Not in this state.
    #[error("not in this state")]
    WrongState(OrderStatus),
    /// The input breaks rules.
    #[error("invalid input")]
    Invalid(Vec<Invalid>),
    /// Not the caller's fault.
    #[error(transparent)]
    Failed(#[from] Failure),
}
fails_underneath!(ReturnOrderError);
refuses_by_state!(ReturnOrderError);

impl Orders {
    /// Takes goods back. The same call again answers the order as it is.
    ///
    /// # Errors
    ///
    /// [`ReturnOrderError`].
    pub async fn return_order(&self, input: ReturnOrder) -> Result<Order, ReturnOrderError> {
        let lines = returns::check(&input.lines).map_err(ReturnOrderError::Invalid)?;
        let digest = digest::of_return(input.order, &lines, input.reason.as_deref());
        let order = match self.returned(&input, &lines, digest).await {
            Err(ReturnOrderError::Failed(Failure::Database(error)))
                if Fault::of(&error) == Fault::UniqueViolation =>
            {
                // Another order's return with the same id was faster by a moment.
                return Err(id_reused());
            }
            returned => returned?,
        };
        self.changes.publish(order.id);
        self.carry_out(&[order.id]).await;
        Ok(order)
    }

    async fn returned(
        &self,
        input: &ReturnOrder,
        lines: &[CheckedReturn],
        digest: RequestDigest,
    ) -> Result<Order, ReturnOrderError> {
        let now = self.clock.now();
        let tx = self.database.begin().await?;
        let Some(mut change) = Change::lock(&tx, input.order, now).await? else {
            return Err(ReturnOrderError::NotFound);
        };
        match repo::goods_return::find(&tx, input.id).await? {
            Some((order, seen)) if order == input.order && seen == digest => {
                return Ok(change.order);
            }
            Some(_) => return Err(id_reused()),
            None => {}
        }
        change.order.status = lifecycle::next(change.order.status, Action::Return, Party::Staff)?;
        let order_lines = repo::order::lines_of(&tx, &change.order).await?;
        let matched = returns::matched(lines, &order_lines).map_err(ReturnOrderError::Invalid)?;
        let refund = returns::refund(&matched)?
            .unwrap_or_else(|| Money::zero(change.order.total.currency()));
        let new = NewReturn {
            id: input.id,
            order: input.order,
            digest,
            lines,
            reason: input.reason.as_deref(),
            refund,
            returned_at: now,
        };
        repo::goods_return::insert(&tx, &new).await?;
        for (line, quantity) in &matched {
            repo::order::take_back(&tx, line.id, *quantity).await?;
        }
        let payload = RestockPayload::new(
            return_restock_id(input.order, input.id),
            matched
                .iter()
                .map(|(line, quantity)| (line.product, *quantity)),
            input.reason.clone(),
        );
        change.owe(self.ids.next(), &Effect::Restock(payload))?;
        change.tell(OrderEventKind::Returned, input.actor, input.reason.clone());
        owe(&tx, &mut change, refund, input.actor).await?;
        let order = change.save(&tx).await?;
        tx.commit().await?;
        tracing::info!(order = %order.id, goods_return = %input.id, "goods returned");
        Ok(order)
    }
}

/// Owes the customer this much of the payment that paid the order.
async fn owe(
    tx: &DatabaseTransaction,
    change: &mut Change,
    refund: Money,
    actor: Option<UserId>,
) -> Result<(), ReturnOrderError> {
    let payments = repo::payment::of_order(tx, &change.order).await?;
    for mut payment in payments.into_iter().filter(|payment| payment.settles) {
        let owed = payment.owe(refund)?;
        repo::payment::save(tx, &payment).await?;
        let note = format!("{owed} of payment {}.", payment.reference);
        change.tell(OrderEventKind::RefundDue, actor, Some(note));
    }
    Ok(())
}

fn id_reused() -> ReturnOrderError {
    let message = "The id was used before for another return.";
    ReturnOrderError::Invalid(vec![Invalid::new(["id"], message)])
}
