//! `StockMovement`.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use stockgraph_kit::{
    error::ApiError,
    id::{ProductId, UserId},
    instant::Instant,
};

use super::{
    product::Product,
    warehouse::{self, Warehouse},
};
use crate::domain::{
    movement::{Movement, MovementFilter, MovementId, MovementKind, Reference},
    warehouse::WarehouseId,
};

/// What moved stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "MovementKind")]
pub enum StockMovementKind {
    /// Goods came in.
    Receipt,
    /// A count, damage or loss was put right.
    Adjustment,
    /// Stock was held.
    Reservation,
    /// Held stock was given back.
    Release,
    /// Held stock was given back because its time was up.
    Expiry,
    /// Held stock was sold.
    Sale,
    /// Goods left for another warehouse.
    TransferOut,
    /// Goods came from another warehouse, or back from the way there.
    TransferIn,
    /// Sold goods came back.
    Return,
}

/// A user, whom another subgraph knows.
#[derive(SimpleObject)]
#[graphql(unresolvable = "id")]
pub struct User {
    /// The user's id.
    id: ID,
}

impl From<UserId> for User {
    fn from(id: UserId) -> Self {
        Self {
            id: ID(id.to_string()),
        }
    }
}

/// One entry of the ledger.
pub struct StockMovement(Arc<Movement>);

impl From<Arc<Movement>> for StockMovement {
    fn from(movement: Arc<Movement>) -> Self {
        Self(movement)
    }
}

/// One entry of the ledger. Entries are never changed or deleted; their sums are the stock.
#[Object]
impl StockMovement {
    /// The entry's id.
    async fn id(&self) -> MovementId {
        self.0.id
    }

    /// What moved the stock.
    async fn kind(&self) -> StockMovementKind {
        self.0.entry.cause.kind.into()
    }

    /// The product.
    async fn product(&self) -> Option<Product> {
        Some(Product(self.0.entry.product))
    }

    /// The warehouse.
    async fn warehouse(&self, ctx: &Context<'_>) -> Result<Warehouse, ApiError> {
        warehouse::referred(ctx, self.0.entry.warehouse).await
    }

    /// By how much on hand changed.
    async fn on_hand_delta(&self) -> i32 {
        self.0.entry.on_hand_delta
    }

    /// By how much reserved changed.
    async fn reserved_delta(&self) -> i32 {
        self.0.entry.reserved_delta
    }

    /// On hand in that warehouse after the entry.
    async fn on_hand_after(&self) -> i32 {
        self.0.entry.on_hand_after
    }

    /// Reserved in that warehouse after the entry.
    async fn reserved_after(&self) -> i32 {
        self.0.entry.reserved_after
    }

    /// Why, in a person's words.
    async fn reason(&self) -> Option<&str> {
        self.0.entry.cause.reason.as_deref()
    }

    /// What caused it: the id of a reservation, transfer or return.
    async fn reference(&self) -> Option<String> {
        self.0
            .entry
            .cause
            .reference
            .map(|reference| reference.to_string())
    }

    /// Who did it; null where a part of the system did.
    async fn actor(&self) -> Option<User> {
        self.0.entry.cause.actor.map(Into::into)
    }

    /// When.
    async fn occurred_at(&self) -> Instant {
        self.0.entry.occurred_at.into()
    }
}

/// Which part of the ledger is asked for: the entries to which all that is given applies.
#[derive(Clone, Debug, InputObject)]
pub struct StockMovementFilter {
    /// Only this product.
    product_id: Option<ProductId>,
    /// Only this warehouse.
    warehouse_id: Option<WarehouseId>,
    /// Only entries of this kind.
    kind: Option<StockMovementKind>,
    /// Only what this caused: the id of a reservation, transfer or return.
    reference: Option<String>,
    /// Only entries from this instant on.
    from: Option<Instant>,
    /// Only entries before this instant.
    to: Option<Instant>,
}

impl TryFrom<StockMovementFilter> for MovementFilter {
    type Error = ApiError;

    fn try_from(filter: StockMovementFilter) -> Result<Self, ApiError> {
        let reference = filter.reference.map(|text| {
            Reference::parse(&text).ok_or_else(|| {
                ApiError::bad_user_input(
                    "`reference` must be the id of a reservation, transfer or return.",
                )
            })
        });
        Ok(Self {
            product: filter.product_id,
            warehouse: filter.warehouse_id,
            kind: filter.kind.map(Into::into),
            reference: reference.transpose()?,
            from: filter.from.map(|instant| instant.0),
            to: filter.to.map(|instant| instant.0),
        })
    }
}
