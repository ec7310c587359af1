//! How much there is of a product in a warehouse.

use chrono::{DateTime, Utc};
use stockgraph_kit::id::ProductId;

use super::warehouse::WarehouseId;

stockgraph_kit::id_type!(
    LevelId,
    "level",
    "Which stock level: one product in one warehouse."
);

/// The most that one level can have on hand, in units.
pub const MOST_ON_HAND: i32 = 1_000_000_000;

/// One product in one warehouse. `0 <= reserved <= on_hand` always.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// Which one.
    pub id: LevelId,
    /// Of what.
    pub product: ProductId,
    /// Where.
    pub warehouse: WarehouseId,
    /// In the warehouse, reserved or not.
    pub on_hand: i32,
    /// Held by reservations.
    pub reserved: i32,
    /// Kept back from sale.
    pub safety_stock: i32,
    /// From which number of available units the stock counts as low.
    pub low_stock_threshold: i32,
    /// How many entries of the ledger made it what it is.
    pub sequence: i64,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
}

impl Level {
    /// The level before anything came in.
    #[must_use]
    pub const fn empty(
        id: LevelId,
        product: ProductId,
        warehouse: WarehouseId,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            product,
            warehouse,
            on_hand: 0,
            reserved: 0,
            safety_stock: 0,
            low_stock_threshold: 0,
            sequence: 0,
            updated_at: now,
        }
    }

    /// What can be ordered: on hand, less reserved, less the safety stock; never negative.
    #[must_use]
    pub fn available(&self) -> i32 {
        self.headroom().max(0)
    }

    /// On hand, less reserved, less the safety stock: negative where the safety stock itself is touched.
    #[must_use]
    pub fn headroom(&self) -> i32 {
        self.on_hand
            .saturating_sub(self.reserved)
            .saturating_sub(self.safety_stock)
    }

    /// What nobody holds: it can be moved or written off, the safety stock included.
    #[must_use]
    pub const fn free(&self) -> i32 {
        self.on_hand.saturating_sub(self.reserved)
    }
}

/// The sum of what many levels have; where it passes the largest number that GraphQL's `Int` can show, it stays there.
#[must_use]
pub fn total(numbers: impl Iterator<Item = i32>) -> i32 {
    let sum: i64 = numbers.map(i64::from).sum();
    i32::try_from(sum).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use stockgraph_kit::id::Id;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn safety_stock_is_not_available_and_never_makes_it_negative() {
        let mut level = Level::empty(
            LevelId::from_uuid(Uuid::nil()),
            ProductId::from_uuid(Uuid::nil()),
            WarehouseId::from_uuid(Uuid::nil()),
            DateTime::UNIX_EPOCH,
        );
        (level.on_hand, level.reserved, level.safety_stock) = (10, 3, 2);
        assert_eq!((level.available(), level.free()), (5, 7));
        level.safety_stock = 20;
        assert_eq!((level.available(), level.headroom()), (0, -13));
    }

    #[test]
    fn totals_do_not_overflow() {
        assert_eq!(total([MOST_ON_HAND; 2].into_iter()), 2_000_000_000);
        assert_eq!(total([MOST_ON_HAND; 3].into_iter()), i32::MAX);
    }
}
