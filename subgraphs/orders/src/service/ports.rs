//! What the checkout needs from the other domains: prices from the catalogue, and the stock.
//!
//! The orders subgraph reaches both as any client would, over the graph; how is decided where the process is put together. Every
//! call is idempotent by the id it names, so a call whose answer was lost may simply be made again.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use stockgraph_kit::{
    id::{ProductId, ReservationId, UserId, WarehouseId},
    money::Money,
};

use crate::domain::RestockId;

/// Why another domain gave no answer. Nothing is known of whether it did what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// It could not be reached, or did not answer in time.
    #[error("unreachable: {0}")]
    Unreachable(String),
    /// It refused for now, for it has too much to do.
    #[error("overloaded: {0}")]
    Overloaded(String),
    /// It answered what nobody expects: a fault on our side.
    #[error("unexpected answer: {0}")]
    Unexpected(String),
}

/// What the catalogue says of a product just now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The stock keeping unit.
    pub sku: String,
    /// The product's name.
    pub name: String,
    /// The price of one unit.
    pub price: Money,
    /// Whether it can be bought.
    pub on_sale: bool,
}

/// The catalogue: the source of every price, name and SKU on an order.
pub trait Catalogue: Send + Sync + 'static {
    /// What is offered, whoever asks. A product that does not exist, or that customers may not see, is left out of the answer.
    ///
    /// `ids` holds 1 to 100 different ids.
    fn offers<'a>(
        &'a self,
        ids: &'a [ProductId],
    ) -> BoxFuture<'a, Result<HashMap<ProductId, Offer>, PortError>>;
}

/// So many units of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StockLine {
    /// Which product.
    pub product: ProductId,
    /// How many units, at least 1.
    pub quantity: u32,
}

/// A hold that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldRequest {
    /// The id of the hold, chosen here.
    pub id: ReservationId,
    /// What is to be held, a product in one line only.
    pub lines: Vec<StockLine>,
    /// When the hold ends by itself.
    pub expires_at: DateTime<Utc>,
    /// The user who may see the hold: the order's customer.
    pub owner: UserId,
}

/// The states of a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReservationStatus {
    /// The stock is held.
    Held,
    /// It is sold.
    Committed,
    /// It was given back.
    Released,
    /// It was given back because the hold's time was up.
    Expired,
}

/// Less of a product is available than was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortage {
    /// Which product.
    pub product: ProductId,
    /// How many units were asked for.
    pub requested: u32,
    /// How many there are.
    pub available: u32,
}

/// The answer to a [`HoldRequest`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reserved {
    /// The stock is held: by this call, or since an earlier one with the same id and lines.
    Held {
        /// When the hold ends; an earlier call's instant where it was that one which made the hold.
        expires_at: DateTime<Utc>,
    },
    /// Nothing is held, because these lines are short.
    Short(Vec<Shortage>),
    /// A hold with this id was made before and is closed: the id is used up. Never [`ReservationStatus::Held`].
    Closed(ReservationStatus),
    /// A hold with this id was made before with other lines.
    OtherContent,
}

/// The answer to [`Stock::commit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Committed {
    /// The stock is sold: by this call or an earlier one.
    Sold,
    /// There is nothing held that could be sold: the hold was released, has expired, or (`None`) was never made.
    Gone(Option<ReservationStatus>),
}

/// The answer to [`Stock::release`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Released {
    /// Nothing is held any more: by this call or an earlier one, because the hold had expired, or because it was never made.
    Free,
    /// The stock was sold before.
    Sold,
}

/// Goods that go back on hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestockRequest {
    /// The id of this restocking, chosen here.
    pub id: RestockId,
    /// The hold by which the goods were sold.
    pub reservation: ReservationId,
    /// What comes back, a product in one line only.
    pub lines: Vec<StockLine>,
    /// Where it goes; where none is named, to the warehouses that it came from.
    pub warehouse: Option<WarehouseId>,
    /// For the ledger.
    pub reason: Option<String>,
}

/// The answer to a [`RestockRequest`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Restocked {
    /// The goods are on hand again: by this call or an earlier one.
    Done,
    /// Not possible, e.g. because it is more than was sold; with the reason that was given.
    Refused(String),
}

/// The most holds that one call gives back.
pub const MOST_RELEASED: usize = 500;

/// The stock: holds, sales and what comes back.
pub trait Stock: Send + Sync + 'static {
    /// Holds every line or none.
    fn reserve(&self, request: HoldRequest) -> BoxFuture<'_, Result<Reserved, PortError>>;

    /// Sells what is held.
    fn commit(&self, id: ReservationId) -> BoxFuture<'_, Result<Committed, PortError>>;

    /// Gives back what is held by each of these: 1 to [`MOST_RELEASED`] different ids.
    fn release<'a>(
        &'a self,
        ids: &'a [ReservationId],
    ) -> BoxFuture<'a, Result<HashMap<ReservationId, Released>, PortError>>;

    /// Puts sold goods back on hand.
    fn restock(&self, request: RestockRequest) -> BoxFuture<'_, Result<Restocked, PortError>>;

    /// How many units could be held just now, for a message to people: by the time they read it, it may be another number. A product
    /// that the warehouses have never had may be left out.
    ///
    /// `products` holds 1 to 100 different ids.
    fn available<'a>(
        &'a self,
        products: &'a [ProductId],
    ) -> BoxFuture<'a, Result<HashMap<ProductId, u32>, PortError>>;

    /// Whether there is such a warehouse.
    fn has_warehouse(&self, id: WarehouseId) -> BoxFuture<'_, Result<bool, PortError>>;
}
