//! What can be done with warehouses and stock, a file per use case. Each loads, asks the domain, and saves.
//!
//! Whoever changes stock takes locks in this order: the idempotency key or the reservations or the transfer that is named, then the
//! levels by id. So none waits for one who waits for it.

mod adjust_stock;
mod close_transfer;
mod create_warehouse;
mod end_reservation;
mod expire_reservations;
mod import_stock;
pub mod reading;
mod receive_stock;
mod release_reservations;
mod reserve_stock;
mod restock;
mod set_stock_policy;
mod set_warehouse_status;
mod settle;
mod transfer_stock;
mod update_warehouse;
pub mod verify;
mod watch_stock;

pub use adjust_stock::{AdjustStock, AdjustStockError};
pub use close_transfer::CloseTransferError;
pub use create_warehouse::{CreateWarehouse, CreateWarehouseError};
pub use end_reservation::EndReservationError;
pub use expire_reservations::{ExpireReservationsError, Expired, MOST_EXPIRED};
pub use import_stock::{ImportProgress, ImportStock, ImportStockError, StockImport};
pub use receive_stock::{ReceiveStock, ReceiveStockError};
pub use release_reservations::MOST_RELEASED;
pub use reserve_stock::{ReserveStock, ReserveStockError};
pub use restock::{RestockError, RestockGoods};
pub use set_stock_policy::{SetStockPolicy, SetStockPolicyError};
pub use set_warehouse_status::SetWarehouseStatusError;
pub use transfer_stock::{TransferStock, TransferStockError};
pub use update_warehouse::{UpdateWarehouse, UpdateWarehouseError};
pub use watch_stock::WatchedStock;

use std::collections::{BTreeSet, HashSet};

use sea_orm::{DatabaseTransaction, DbErr};
use stockgraph_kit::{
    batcher::Batcher,
    clock::Clock,
    database::{self, Database, Passing},
    events::{Change, Topic},
    id::{Id, IdSource, ProductId},
};

use self::settle::Settler;
use crate::{
    domain::{
        book::{Book, Changes},
        level::Level,
        movement::{Entry, Movement, MovementId},
        warehouse::{Warehouse, WarehouseId},
    },
    repo,
};

/// The stock of the shop: every use case is a method of it. Clones are the same.
#[derive(Clone, Debug)]
pub struct Warehouses {
    database: Database,
    clock: Clock,
    ids: IdSource,
    news: Topic<StockNews>,
    settling: Batcher<Settler>,
}

/// Where the replicas of this subgraph tell each other what has changed.
const CHANNEL: &str = "stockgraph_stock";

/// What has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StockNews {
    /// The stock of this product.
    Product(ProductId),
    /// A warehouse opened or closed: the stock of whatever is in it.
    Warehouse(WarehouseId),
}

impl Change for StockNews {
    fn to_text(&self) -> String {
        match self {
            Self::Product(id) => id.to_string(),
            Self::Warehouse(id) => id.to_string(),
        }
    }

    fn from_text(text: &str) -> Option<Self> {
        let product = ProductId::parse(text).map(Self::Product);
        product
            .or_else(|_| WarehouseId::parse(text).map(Self::Warehouse))
            .ok()
    }
}

impl Warehouses {
    /// The stock that is kept in `database`.
    #[must_use]
    pub fn new(database: Database, clock: Clock, ids: IdSource) -> Self {
        let news = Topic::across(&database, CHANNEL);
        let settler = Settler {
            database: database.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            news: news.clone(),
        };
        Self {
            database,
            clock,
            ids,
            news,
            settling: Batcher::new(settler, settle::BOUNDS),
        }
    }

    /// Takes on no more holds, sales and releases, and waits until those that were taken on are settled. Before the database is closed.
    pub async fn close(&self) {
        self.settling.close().await;
    }

    /// Makes ids, for those whom a use case asks to choose one.
    #[must_use]
    pub const fn ids(&self) -> &IdSource {
        &self.ids
    }

    /// Locks the levels of these products in these warehouses and opens a book of them.
    async fn open_book(
        &self,
        tx: &DatabaseTransaction,
        warehouses: &[WarehouseId],
        products: &[ProductId],
    ) -> Result<Book, DbErr> {
        let levels = repo::levels::lock_at(tx, warehouses, products).await?;
        // Asked for behind the locks, so that no entry is older than one that was waited for.
        Ok(Book::new(levels, self.clock.now()))
    }

    /// Makes sure that each of these products has a level in this warehouse.
    async fn ensure_levels(
        &self,
        tx: &DatabaseTransaction,
        warehouse: WarehouseId,
        products: &[ProductId],
    ) -> Result<(), DbErr> {
        let known: HashSet<_> = repo::levels::at(tx, &[warehouse], products)
            .await?
            .into_iter()
            .map(|level| level.product)
            .collect();
        let now = self.clock.now();
        let missing = products
            .iter()
            .filter(|product| !known.contains(product))
            .map(|product| Level::empty(self.ids.next(), *product, warehouse, now))
            .collect();
        repo::levels::ensure(tx, missing).await?;
        Ok(())
    }

    /// Writes what changed, commits, and tells those who watch.
    async fn finish(&self, tx: DatabaseTransaction, changes: Changes) -> Result<(), DbErr> {
        let products = changes.products();
        save(&tx, &self.ids, changes).await?;
        self.commit(tx, products).await
    }

    /// Commits, and tells those who watch these products.
    async fn commit(
        &self,
        tx: DatabaseTransaction,
        products: BTreeSet<ProductId>,
    ) -> Result<(), DbErr> {
        let news = products.iter().copied().map(StockNews::Product);
        self.news.announce(&tx, news).await?;
        database::commit(tx, "book stock").await?;
        for product in products {
            self.news.publish(StockNews::Product(product));
        }
        Ok(())
    }
}

/// Failures that are passing when the database's are.
macro_rules! passing_as_the_database {
    ($($error:ty),+ $(,)?) => {
        $(impl Passing for $error {
            fn is_passing(&self) -> bool {
                matches!(self, Self::Database(error) if error.is_passing())
            }
        })+
    };
}

passing_as_the_database!(
    AdjustStockError,
    CloseTransferError,
    ImportStockError,
    ReceiveStockError,
    RestockError,
    SetStockPolicyError,
    SetWarehouseStatusError,
    TransferStockError,
    UpdateWarehouseError,
);

/// Writes what changed: levels and their entries together.
async fn save(tx: &DatabaseTransaction, ids: &IdSource, changes: Changes) -> Result<(), DbErr> {
    repo::levels::save(tx, &changes.levels).await?;
    repo::movements::insert(tx, in_ledger(ids, changes.entries)).await
}

/// These entries with the ids that they have on the ledger.
fn in_ledger(ids: &IdSource, entries: impl IntoIterator<Item = Entry>) -> Vec<Movement> {
    let entries = entries.into_iter().map(|entry| {
        let seed = ids.next::<MovementId>().uuid();
        Movement {
            id: MovementId::of_entry(entry.occurred_at, entry.sequence, seed),
            entry,
        }
    });
    entries.collect()
}

/// The warehouse with this id.
async fn warehouse(tx: &DatabaseTransaction, id: WarehouseId) -> Result<Option<Warehouse>, DbErr> {
    Ok(repo::warehouses::by_ids(tx, &[id]).await?.pop())
}

/// What was loaded breaks the rules itself: a fault of ours, which nobody can put right by asking otherwise.
fn broken(what: &str) -> DbErr {
    DbErr::Custom(format!("the stock is not as its rules have it: {what}"))
}

/// These levels in the order of the products.
fn in_order_of(products: &[ProductId], mut levels: Vec<Level>) -> Vec<Level> {
    levels.sort_by_key(|level| {
        products
            .iter()
            .position(|product| *product == level.product)
    });
    levels
}
