//! The arrival of an order.

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
        lifecycle::{self, Action, OrderStatus, Party},
        order::{Order, OrderEventKind},
    },
    repo::{self, change::Change},
};

/// An order that has arrived.
#[derive(Clone, Debug)]
pub struct DeliverOrder {
    /// Which order.
    pub order: OrderId,
    /// Which user says so.
    pub actor: Option<UserId>,
}

/// Why an order has not arrived.
#[derive(Debug, thiserror::Error)]
pub enum DeliverOrderError {
    /// There is no such order.
    #[error("no such order")]
    NotFound,
    /// Not in this state.
    #[error("not in this state")]
    WrongState(OrderStatus),
    /// Not the caller's fault.
    #[error(transparent)]
    Failed(#[from] Failure),
}
fails_underneath!(DeliverOrderError);
refuses_by_state!(DeliverOrderError);

impl Orders {
    /// Notes that a shipped order has arrived.
    ///
    /// # Errors
    ///
    /// [`DeliverOrderError`].
    pub async fn deliver_order(&self, input: DeliverOrder) -> Result<Order, DeliverOrderError> {
        let tx = self.database.begin().await?;
        let Some(mut change) = Change::lock(&tx, input.order, &self.clock).await? else {
            return Err(DeliverOrderError::NotFound);
        };
        let now = change.now();
        change.order.status = lifecycle::next(change.order.status, Action::Deliver, Party::Staff)?;
        repo::order::deliver_shipment(&tx, input.order, now).await?;
        change.tell(OrderEventKind::Delivered, input.actor, None);
        let order = change.save(&tx).await?;
        self.changes.announce(&tx, [order.id]).await?;
        database::commit(tx, "deliver order").await?;
        self.changes.publish(order.id);
        Ok(order)
    }
}
