//! Handing an order to a carrier.

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
        order::{Order, OrderEventKind, Shipment},
    },
    repo::{self, change::Change},
};

/// An order that is handed to a carrier.
#[derive(Clone, Debug)]
pub struct ShipOrder {
    /// Which order.
    pub order: OrderId,
    /// Who carries it.
    pub carrier: Option<String>,
    /// The carrier's number of it.
    pub tracking_number: Option<String>,
    /// Which user hands it over.
    pub actor: Option<UserId>,
}

/// Why an order is not handed over.
#[derive(Debug, thiserror::Error)]
pub enum ShipOrderError {
    /// There is no such order.
    #[error("no such order")]
    NotFound,
    /// Not in this state.
    #[error("not in this state")]
    WrongState(OrderStatus),
    /// It is paid, but the warehouses have not yet confirmed that its stock is sold: there may be nothing to ship.
    #[error("the sale of the stock is not confirmed")]
    SaleOpen,
    /// Not the caller's fault.
    #[error(transparent)]
    Failed(#[from] Failure),
}
fails_underneath!(ShipOrderError);
refuses_by_state!(ShipOrderError);

impl Orders {
    /// Ships a paid order.
    ///
    /// # Errors
    ///
    /// [`ShipOrderError`].
    pub async fn ship_order(&self, input: ShipOrder) -> Result<Order, ShipOrderError> {
        let tx = self.database.begin().await?;
        let Some(mut change) = Change::lock(&tx, input.order, &self.clock).await? else {
            return Err(ShipOrderError::NotFound);
        };
        let now = change.now();
        change.order.status = lifecycle::next(change.order.status, Action::Ship, Party::Staff)?;
        // A sale that cannot be made any more cancels the order, and locks its row for it: here it is either done or open.
        if repo::effect::sale_is_open(&tx, input.order).await? {
            return Err(ShipOrderError::SaleOpen);
        }
        let shipment = Shipment {
            carrier: input.carrier,
            tracking_number: input.tracking_number,
            shipped_at: now,
            delivered_at: None,
        };
        repo::order::insert_shipment(&tx, input.order, &shipment).await?;
        change.tell(OrderEventKind::Shipped, input.actor, None);
        let order = change.save(&tx).await?;
        self.changes.announce(&tx, [order.id]).await?;
        database::commit(tx, "ship order").await?;
        self.changes.publish(order.id);
        Ok(order)
    }
}
