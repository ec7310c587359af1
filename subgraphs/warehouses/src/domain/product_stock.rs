//! What there is of a product, in all warehouses together.

use super::{
    level::{Level, total},
    warehouse::Warehouse,
};

/// A level and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The level.
    pub level: Level,
    /// Its warehouse.
    pub warehouse: Warehouse,
}

/// The stock of one product. Its totals count active warehouses only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductStock {
    places: Vec<Place>,
}

impl ProductStock {
    /// The stock in these places; none where the product has never been.
    #[must_use]
    pub fn new(mut places: Vec<Place>) -> Self {
        places.sort_by(|a, b| a.warehouse.rank().cmp(&b.warehouse.rank()));
        Self { places }
    }

    /// In the warehouses, reserved or not.
    #[must_use]
    pub fn on_hand(&self) -> i32 {
        total(self.active().map(|level| level.on_hand))
    }

    /// Held by reservations.
    #[must_use]
    pub fn reserved(&self) -> i32 {
        total(self.active().map(|level| level.reserved))
    }

    /// What can be ordered. A level whose safety stock is touched does not lessen what others have.
    #[must_use]
    pub fn available(&self) -> i32 {
        total(self.active().map(Level::available))
    }

    /// The places by their warehouses' rank: the active ones, or all.
    pub fn places(&self, include_inactive: bool) -> impl Iterator<Item = &Place> {
        self.places
            .iter()
            .filter(move |place| include_inactive || place.warehouse.is_active())
    }

    fn active(&self) -> impl Iterator<Item = &Level> {
        self.places(false).map(|place| &place.level)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use stockgraph_kit::id::{Id, ProductId};
    use uuid::Uuid;

    use super::*;
    use crate::domain::{
        level::LevelId,
        warehouse::{WarehouseId, WarehouseStatus},
    };

    fn place(code: &str, priority: i32, status: WarehouseStatus, numbers: [i32; 3]) -> Place {
        let warehouse = WarehouseId::from_uuid(Uuid::from_u128(u128::from(code.as_bytes()[0])));
        let level = LevelId::from_uuid(warehouse.uuid());
        let product = ProductId::from_uuid(Uuid::nil());
        let [on_hand, reserved, safety_stock] = numbers;
        Place {
            level: Level {
                on_hand,
                reserved,
                safety_stock,
                ..Level::empty(level, product, warehouse, DateTime::UNIX_EPOCH)
            },
            warehouse: Warehouse {
                id: warehouse,
                code: code.into(),
                name: code.into(),
                location: None,
                status,
                priority,
                created_at: DateTime::UNIX_EPOCH,
                updated_at: DateTime::UNIX_EPOCH,
            },
        }
    }

    #[test]
    fn totals_count_active_warehouses_and_a_touched_safety_stock_lessens_nothing_elsewhere() {
        use WarehouseStatus::{Active, Inactive};
        let stock = ProductStock::new(vec![
            place("B", 1, Active, [4, 1, 9]),
            place("C", 0, Active, [20, 3, 2]),
            place("A", 1, Inactive, [100, 50, 0]),
        ]);
        assert_eq!(
            (stock.on_hand(), stock.reserved(), stock.available()),
            (24, 4, 15)
        );
        let codes = |all| -> Vec<_> {
            stock
                .places(all)
                .map(|place| place.warehouse.code.as_str())
                .collect()
        };
        assert_eq!(codes(false), ["C", "B"]);
        assert_eq!(codes(true), ["C", "A", "B"]);
    }

    #[test]
    fn a_product_that_has_never_been_anywhere_has_no_stock() {
        let stock = ProductStock::default();
        assert_eq!(
            (stock.on_hand(), stock.reserved(), stock.available()),
            (0, 0, 0)
        );
    }
}
