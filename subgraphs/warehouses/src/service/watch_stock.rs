//! The stock of some products, now and after every change.

use std::{
    collections::{HashMap, VecDeque},
    pin::Pin,
};

use futures_util::{Stream, StreamExt, stream};
use sea_orm::DbErr;
use stockgraph_kit::{events::News, id::ProductId};

use super::{StockNews, Warehouses};
use crate::domain::product_stock::ProductStock;

/// The stock of a product at the moment that it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedStock {
    /// Which product.
    pub product: ProductId,
    /// What there is of it.
    pub stock: ProductStock,
    /// How much of it is on its way between warehouses.
    pub in_transit: i32,
}

impl Warehouses {
    /// The stock of these products, and again whenever it has changed. Changes that follow closely may be told as one.
    pub fn watch_stock(
        &self,
        products: Vec<ProductId>,
    ) -> impl Stream<Item = Result<WatchedStock, DbErr>> + Send + use<> {
        let watcher = Watcher {
            // Listens before it reads, so that no change falls between.
            news: Box::pin(self.news.subscribe()),
            stock: self.clone(),
            unread: products.clone(),
            told: HashMap::new(),
            ready: VecDeque::new(),
            products,
        };
        stream::unfold(watcher, |mut watcher| async move {
            let item = watcher.next().await?;
            Some((item, watcher))
        })
    }
}

struct Watcher {
    stock: Warehouses,
    products: Vec<ProductId>,
    news: Pin<Box<dyn Stream<Item = News<StockNews>> + Send>>,
    /// What may have changed since it was read.
    unread: Vec<ProductId>,
    ready: VecDeque<WatchedStock>,
    told: HashMap<ProductId, WatchedStock>,
}

impl Watcher {
    async fn next(&mut self) -> Option<Result<WatchedStock, DbErr>> {
        loop {
            if let Some(watched) = self.ready.pop_front() {
                self.told.insert(watched.product, watched.clone());
                return Some(Ok(watched));
            }
            if self.unread.is_empty() {
                self.hear().await?;
            } else if let Err(error) = self.read().await {
                return Some(Err(error));
            }
        }
    }

    /// Waits for news; `None` when there will be no more.
    async fn hear(&mut self) -> Option<()> {
        match self.news.next().await? {
            News::Changed(StockNews::Product(product)) => {
                if self.products.contains(&product) {
                    self.unread.push(product);
                }
            }
            News::Changed(StockNews::Warehouse(_)) | News::Missed => {
                self.unread.clone_from(&self.products);
            }
        }
        Some(())
    }

    async fn read(&mut self) -> Result<(), DbErr> {
        let products = std::mem::take(&mut self.unread);
        let mut stock = self.stock.stock_of(&products).await?;
        let in_transit = self.stock.in_transit(&products).await?;
        for product in products {
            let watched = WatchedStock {
                product,
                stock: stock.remove(&product).unwrap_or_default(),
                in_transit: in_transit.get(&product).copied().unwrap_or_default(),
            };
            if self.told.get(&product) != Some(&watched) {
                self.ready.push_back(watched);
            }
        }
        Ok(())
    }
}
