//! What can be done with orders: a file for each use case, on [`Orders`].

mod cancel_order;
mod confirm_payment;
mod confirm_refund;
mod deliver_order;
mod effects;
mod expire_overdue_orders;
mod failure;
mod options;
pub mod owed_effects;
mod place_order;
pub mod ports;
mod read;
mod renew_hold;
mod return_order;
mod ship_order;
pub mod verify;

use std::{future::Future, sync::Arc};

use stockgraph_kit::{
    clock::Clock,
    database::Database,
    events::Topic,
    id::{IdSource, OrderId},
    random::Random,
};

use self::ports::{Catalogue, PortError, Stock};
pub use self::{
    cancel_order::{CancelOrder, CancelOrderError, Canceller},
    confirm_payment::{ConfirmPayment, ConfirmPaymentError, ConfirmedPayment},
    confirm_refund::{ConfirmRefund, ConfirmRefundError},
    deliver_order::{DeliverOrder, DeliverOrderError},
    effects::EffectsRun,
    expire_overdue_orders::ExpiredOrders,
    failure::Failure,
    options::OrdersOptions,
    place_order::{PlaceOrder, PlaceOrderError, PlaceOrderProblem},
    return_order::{ReturnOrder, ReturnOrderError},
    ship_order::{ShipOrder, ShipOrderError},
};
pub use crate::repo::list::{Filter, PlacedKey, key};

/// What [`Orders`] is made of.
pub struct OrdersParts {
    /// The orders database, migrated.
    pub database: Database,
    /// What time it is.
    pub clock: Clock,
    /// For ids, order numbers and waits.
    pub random: Random,
    /// Where prices come from.
    pub catalogue: Arc<dyn Catalogue>,
    /// Where the stock is held.
    pub stock: Arc<dyn Stock>,
    /// How long everything may take.
    pub options: OrdersOptions,
}

/// The use cases of orders. Clones share everything.
#[derive(Clone)]
pub struct Orders {
    database: Database,
    clock: Clock,
    random: Random,
    ids: IdSource,
    catalogue: Arc<dyn Catalogue>,
    stock: Arc<dyn Stock>,
    options: OrdersOptions,
    changes: Topic<OrderId>,
}

impl Orders {
    /// The use cases, on these parts.
    #[must_use]
    pub fn new(parts: OrdersParts) -> Self {
        Self {
            database: parts.database,
            ids: IdSource::new(parts.clock.clone(), parts.random.clone()),
            clock: parts.clock,
            random: parts.random,
            catalogue: parts.catalogue,
            stock: parts.stock,
            options: parts.options,
            changes: Topic::default(),
        }
    }

    /// Tells which orders have changed, after the change is committed.
    #[must_use]
    pub const fn changes(&self) -> &Topic<OrderId> {
        &self.changes
    }

    /// Makes the ids of what is created.
    #[must_use]
    pub const fn ids(&self) -> &IdSource {
        &self.ids
    }

    /// Asks another domain, but not for longer than callers here can wait.
    async fn ask<T>(
        &self,
        answer: impl Future<Output = Result<T, PortError>>,
    ) -> Result<T, PortError> {
        tokio::time::timeout(self.options.port_timeout, answer)
            .await
            .unwrap_or_else(|_| Err(PortError::Unreachable("no answer in time".to_owned())))
    }
}
