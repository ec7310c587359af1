//! An order, now and after every change.

use std::pin::Pin;

use futures_util::{Stream, StreamExt, stream};
use sea_orm::DbErr;
use stockgraph_kit::{events::News, id::OrderId};

use super::Orders;
use crate::{domain::order::Order, repo};

impl Orders {
    /// The order, and again whenever it or what happened to it has changed; nothing as long as it does not exist. Changes that follow
    /// closely may be told as one, and each is told later than those before it: the next is read when the last has been taken.
    pub fn watch_order(
        &self,
        id: OrderId,
    ) -> impl Stream<Item = Result<Order, DbErr>> + Send + use<> {
        let watcher = Watcher {
            // Listens before it reads, so that no change falls between.
            news: Box::pin(self.changes.subscribe()),
            orders: self.clone(),
            id,
            is_read: false,
            told: None,
        };
        stream::unfold(watcher, |mut watcher| async move {
            let item = watcher.next().await?;
            Some((item, watcher))
        })
    }
}

struct Watcher {
    orders: Orders,
    id: OrderId,
    news: Pin<Box<dyn Stream<Item = News<OrderId>> + Send>>,
    /// Whether nothing has changed since it was read.
    is_read: bool,
    /// What was told last, and how much had happened by then.
    told: Option<(Order, i32)>,
}

impl Watcher {
    async fn next(&mut self) -> Option<Result<Order, DbErr>> {
        loop {
            while self.is_read {
                self.is_read = match self.news.next().await? {
                    News::Changed(changed) => changed != self.id,
                    News::Missed => false,
                };
            }
            self.is_read = true;
            let present =
                match repo::order::at_present(self.orders.database.reader(), self.id).await {
                    Ok(present) => present,
                    Err(error) => return Some(Err(error)),
                };
            if present != self.told
                && let Some((order, _)) = &present
            {
                let order = order.clone();
                self.told = present;
                return Some(Ok(order));
            }
        }
    }
}
