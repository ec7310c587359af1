//! Goods that come back from a delivered order: they go back on hand, and what was paid for them is owed to the customer.

use sea_orm::DatabaseTransaction;
use stockgraph_kit::{
    database,
    error::Fault,
    id::{OrderId, UserId, WarehouseId},
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
    /// To which warehouse; where none is named, the goods go back to where they came from.
    pub warehouse: Option<WarehouseId>,
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
    /// There is no such warehouse.
    #[error("no such warehouse")]
    WarehouseNotFound(WarehouseId),
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
        let reason = input.reason.as_deref();
        let digest = digest::of_return(input.order, &lines, input.warehouse, reason);
        self.check_warehouse(&input).await?;
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

    /// What cannot be carried out must not be decided: a warehouse that does not exist would never take the goods. One that exists
    /// is never deleted.
    async fn check_warehouse(&self, input: &ReturnOrder) -> Result<(), ReturnOrderError> {
        let Some(warehouse) = input.warehouse else {
            return Ok(());
        };
        let db = self.database.reader();
        if repo::goods_return::find(db, input.id).await?.is_some() {
            // The same return again needs nobody else.
            return Ok(());
        }
        let there = self
            .ask("find warehouse", || self.stock.has_warehouse(warehouse))
            .await;
        if there.map_err(Failure::Warehouses)? {
            Ok(())
        } else {
            Err(ReturnOrderError::WarehouseNotFound(warehouse))
        }
    }

    async fn returned(
        &self,
        input: &ReturnOrder,
        lines: &[CheckedReturn],
        digest: RequestDigest,
    ) -> Result<Order, ReturnOrderError> {
        let tx = self.database.begin().await?;
        let Some(mut change) = Change::lock(&tx, input.order, &self.clock).await? else {
            return Err(ReturnOrderError::NotFound);
        };
        let now = change.now();
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
        )
        .to(input.warehouse);
        change.owe(self.ids.next(), &Effect::Restock(payload))?;
        change.tell(OrderEventKind::Returned, input.actor, input.reason.clone());
        owe(&tx, &mut change, refund, input.actor).await?;
        let order = change.save(&tx).await?;
        self.changes.announce(&tx, [order.id]).await?;
        database::commit(tx, "return order").await?;
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
