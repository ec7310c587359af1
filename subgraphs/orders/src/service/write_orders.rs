//! Writing new orders: those that wait at the same moment in one transaction, which takes as many statements as one.

use std::collections::HashSet;

use sea_orm::DbErr;
use stockgraph_kit::{
    batcher::{Bounds, Settle, Unanswered},
    database::{self, Database, Passing, persistently},
    error::Fault,
    id::OrderId,
};

use super::failure::Failure;
use crate::repo::{self, order::NewOrder};

/// How much is taken on at once.
pub(super) const BOUNDS: Bounds = Bounds {
    waiting: 1_000,
    together: 100,
};

/// Writes new orders down.
pub(super) struct Writer(pub(super) Database);

/// Whether an order was written. It was not where its key, its number or its hold is another order's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    Yes,
    No,
}

/// A try that came to nothing.
struct Unwritten(DbErr);

impl From<DbErr> for Unwritten {
    fn from(error: DbErr) -> Self {
        Self(error)
    }
}

impl Passing for Unwritten {
    /// Another process wrote some of the same keys in another order.
    fn is_passing(&self) -> bool {
        Fault::of(&self.0) == Fault::Contended
    }
}

impl Writer {
    async fn write(&self, orders: &[NewOrder]) -> Result<HashSet<OrderId>, Unwritten> {
        let tx = self.0.begin().await?;
        let written = repo::order::insert(&tx, orders).await?;
        // Not announced: nobody watches an order that is not there yet.
        database::commit(tx, "place order").await?;
        Ok(written)
    }
}

impl Settle for Writer {
    type Ask = NewOrder;
    type Answer = Written;
    type Error = DbErr;

    async fn settle(&self, orders: &[NewOrder]) -> Result<Vec<Written>, DbErr> {
        let written = persistently(|| self.write(orders))
            .await
            .map_err(|Unwritten(error)| error)?;
        let is_written = |new: &NewOrder| {
            if written.contains(&new.order.id) {
                Written::Yes
            } else {
                Written::No
            }
        };
        Ok(orders.iter().map(is_written).collect())
    }

    fn befalls_all(error: &DbErr) -> bool {
        Fault::of(error) == Fault::Unavailable
    }
}

impl From<Unanswered<DbErr>> for Failure {
    fn from(unanswered: Unanswered<DbErr>) -> Self {
        match unanswered {
            Unanswered::Overloaded => Self::Overloaded,
            Unanswered::Failed(error) => Self::Database(error),
            Unanswered::Closed | Unanswered::Lost => {
                Self::Database(DbErr::Custom(format!("a new order: {unanswered}")))
            }
        }
    }
}
