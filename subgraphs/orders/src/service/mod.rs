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
mod watch_order;
mod write_orders;

use std::{future::Future, sync::Arc};

use sea_orm::DbErr;
use stockgraph_kit::{
    batcher::Batcher,
    clock::Clock,
    crash_point,
    database::Database,
    events::Topic,
    faults,
    id::{IdSource, OrderId, ReservationId},
    random::Random,
};

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
use self::{
    ports::{Catalogue, PortError, Released, Stock},
    write_orders::Writer,
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

/// Where the replicas of this subgraph tell each other which orders have changed.
const CHANNEL: &str = "stockgraph_orders";

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
    writing: Batcher<Writer>,
    changes: Topic<OrderId>,
}

impl Orders {
    /// The use cases, on these parts.
    #[must_use]
    pub fn new(parts: OrdersParts) -> Self {
        let changes = Topic::across(&parts.database, CHANNEL);
        let writer = Writer(parts.database.clone());
        Self {
            writing: Batcher::new(writer, write_orders::BOUNDS),
            database: parts.database,
            ids: IdSource::new(parts.clock.clone(), parts.random.clone()),
            clock: parts.clock,
            random: parts.random,
            catalogue: parts.catalogue,
            stock: parts.stock,
            options: parts.options,
            changes,
        }
    }

    /// Takes on no more checkouts, and waits until those that were taken on are written. Before the database is closed.
    pub async fn close(&self) {
        self.writing.close().await;
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

    /// Asks another domain, but not for longer than callers here can wait. Each step has a name, as commits have.
    async fn ask<T, F>(&self, step: &'static str, call: impl Fn() -> F) -> Result<T, PortError>
    where
        F: Future<Output = Result<T, PortError>>,
    {
        crash_point!(before step);
        if faults::calls_are_doubled() {
            // What it answers the first time is as good as lost.
            drop(call().await);
        }
        let answer = tokio::time::timeout(self.options.port_timeout, call())
            .await
            .unwrap_or_else(|_| Err(PortError::Unreachable("no answer in time".to_owned())));
        crash_point!(after step);
        answer
    }

    /// Gives back a hold that no order needs.
    async fn release(&self, id: ReservationId) -> Result<Released, PortError> {
        let ids = [id];
        let released = self
            .ask("release hold", || self.stock.release(&ids))
            .await?;
        // A hold that was never made is as good as one that was given back.
        Ok(released.get(&id).copied().unwrap_or(Released::Free))
    }

    /// A single statement that writes, which both engines take for a transaction.
    async fn write<T>(
        &self,
        step: &'static str,
        statement: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        crash_point!(before step);
        let written = statement.await?;
        crash_point!(after step);
        Ok(written)
    }
}
