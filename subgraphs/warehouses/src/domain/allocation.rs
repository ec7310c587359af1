//! Which warehouse gives how much.
//!
//! The strategy is *fewest parcels, then priority*:
//!
//! 1. The first warehouse by rank that has all lines gives them all: one parcel.
//! 2. Where none has, each line is given by the first warehouse that has the whole line.
//! 3. A line that no warehouse has whole is taken from the warehouses by rank, from each what it has.
//!
//! Rank is the priority, lowest first, and then the code. Inactive warehouses and safety stock give nothing. It is all lines or
//! none, and the same stock and lines always give the same answer.

use std::collections::{HashMap, HashSet};

use stockgraph_kit::id::ProductId;

use super::{level::LevelId, line::Line, warehouse::WarehouseId};

/// What an active warehouse can give of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shelf {
    /// The level.
    pub level: LevelId,
    /// Its product.
    pub product: ProductId,
    /// Its warehouse.
    pub warehouse: WarehouseId,
    /// What it can give, in units; never negative.
    pub available: i32,
}

/// So many units of one level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// The level.
    pub level: LevelId,
    /// Its product.
    pub product: ProductId,
    /// Its warehouse.
    pub warehouse: WarehouseId,
    /// How many units.
    pub quantity: i32,
    /// How many of them came back after they were sold.
    pub returned: i32,
}

/// A line that cannot be met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortage {
    /// Of what.
    pub product: ProductId,
    /// How many units were asked for.
    pub requested: i32,
    /// How many there are.
    pub available: i32,
}

/// Allocates the lines, each of another product, to the shelves, which are in the order of their warehouses' rank.
///
/// # Errors
///
/// One [`Shortage`] for each line that is short.
pub fn allocate(lines: &[Line], shelves: &[Shelf]) -> Result<Vec<Allocation>, Vec<Shortage>> {
    let mut by_product: HashMap<ProductId, Vec<&Shelf>> = HashMap::new();
    for shelf in shelves.iter().filter(|shelf| shelf.available > 0) {
        by_product.entry(shelf.product).or_default().push(shelf);
    }
    let shelves_of = |line: &Line| by_product.get(&line.product).map_or(&[][..], Vec::as_slice);
    let shortages: Vec<_> = lines
        .iter()
        .filter_map(|line| shortage(line, shelves_of(line)))
        .collect();
    if !shortages.is_empty() {
        return Err(shortages);
    }
    let whole = |line: &Line, from: Option<WarehouseId>| {
        shelves_of(line)
            .iter()
            .find(|shelf| {
                shelf.available >= line.quantity && from.is_none_or(|id| id == shelf.warehouse)
            })
            .map(|shelf| shelf.give(line.quantity))
    };
    let single = warehouses(shelves).find_map(|warehouse| {
        lines
            .iter()
            .map(|line| whole(line, Some(warehouse)))
            .collect()
    });
    Ok(single.unwrap_or_else(|| {
        lines
            .iter()
            .flat_map(|line| match whole(line, None) {
                Some(allocation) => vec![allocation],
                None => split(line, shelves_of(line)),
            })
            .collect()
    }))
}

impl Shelf {
    const fn give(&self, quantity: i32) -> Allocation {
        Allocation {
            level: self.level,
            product: self.product,
            warehouse: self.warehouse,
            quantity,
            returned: 0,
        }
    }
}

/// The warehouses in the order of their shelves, each once.
fn warehouses(shelves: &[Shelf]) -> impl Iterator<Item = WarehouseId> {
    let mut seen = HashSet::new();
    shelves
        .iter()
        .map(|shelf| shelf.warehouse)
        .filter(move |warehouse| seen.insert(*warehouse))
}

fn shortage(line: &Line, shelves: &[&Shelf]) -> Option<Shortage> {
    let available: i64 = shelves.iter().map(|shelf| i64::from(shelf.available)).sum();
    (available < i64::from(line.quantity)).then(|| Shortage {
        product: line.product,
        requested: line.quantity,
        // Less than a quantity, which is an `i32`.
        available: i32::try_from(available).unwrap_or(i32::MAX),
    })
}

fn split(line: &Line, shelves: &[&Shelf]) -> Vec<Allocation> {
    let mut missing = line.quantity;
    shelves
        .iter()
        .map_while(|shelf| {
            let quantity = shelf.available.min(missing);
            missing -= quantity;
            (quantity > 0).then(|| shelf.give(quantity))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use stockgraph_kit::id::Id;
    use uuid::Uuid;

    use super::*;

    fn product(number: u128) -> ProductId {
        ProductId::from_uuid(Uuid::from_u128(number))
    }

    fn shelf(warehouse: u128, of: u128, available: i32) -> Shelf {
        Shelf {
            level: LevelId::from_uuid(Uuid::from_u128(warehouse * 1_000 + of)),
            product: product(of),
            warehouse: WarehouseId::from_uuid(Uuid::from_u128(warehouse)),
            available,
        }
    }

    fn line(of: u128, quantity: i32) -> Line {
        Line {
            product: product(of),
            quantity,
        }
    }

    fn given(lines: &[Line], shelves: &[Shelf]) -> Vec<(u128, u128, i32)> {
        allocate(lines, shelves)
            .unwrap()
            .iter()
            .map(|given| {
                (
                    given.warehouse.uuid().as_u128(),
                    given.product.uuid().as_u128(),
                    given.quantity,
                )
            })
            .collect()
    }

    #[test]
    fn one_warehouse_that_has_all_comes_before_an_earlier_one_that_has_some() {
        let shelves = [
            shelf(1, 1, 5),
            shelf(2, 1, 5),
            shelf(2, 2, 1),
            shelf(3, 1, 9),
            shelf(3, 2, 9),
        ];
        assert_eq!(
            given(&[line(1, 5), line(2, 1)], &shelves),
            [(2, 1, 5), (2, 2, 1)]
        );
    }

    #[test]
    fn a_line_that_one_warehouse_has_whole_is_not_split() {
        let shelves = [shelf(1, 1, 3), shelf(2, 1, 5), shelf(3, 2, 1)];
        assert_eq!(
            given(&[line(1, 5), line(2, 1)], &shelves),
            [(2, 1, 5), (3, 2, 1)]
        );
    }

    #[test]
    fn a_line_that_none_has_whole_is_taken_by_rank() {
        let shelves = [shelf(1, 1, 3), shelf(2, 1, 4), shelf(3, 1, 4)];
        assert_eq!(given(&[line(1, 5)], &shelves), [(1, 1, 3), (2, 1, 2)]);
    }

    #[test]
    fn each_line_that_is_short_is_told() {
        let shortages = allocate(
            &[line(1, 5), line(2, 1), line(3, 2)],
            &[shelf(1, 1, 2), shelf(2, 1, 2), shelf(1, 2, 1)],
        )
        .unwrap_err();
        let told: Vec<_> = shortages
            .iter()
            .map(|short| {
                (
                    short.product.uuid().as_u128(),
                    short.requested,
                    short.available,
                )
            })
            .collect();
        assert_eq!(told, [(1, 5, 4), (3, 2, 0)]);
    }

    /// Up to four warehouses with up to five products, and an order of some of these.
    fn shop() -> impl Strategy<Value = (Vec<Shelf>, Vec<Line>)> {
        let stock = proptest::collection::vec(proptest::collection::vec(0..8_i32, 5), 1..5);
        let order = proptest::collection::btree_map(0..6_u128, 1..12_i32, 1..5);
        (stock, order).prop_map(|(stock, order)| {
            let shelves = (0..)
                .zip(&stock)
                .flat_map(|(warehouse, row)| {
                    (0..)
                        .zip(row)
                        .map(move |(of, available)| shelf(warehouse, of, *available))
                })
                .collect();
            let lines = order
                .into_iter()
                .map(|(of, quantity)| line(of, quantity))
                .collect();
            (shelves, lines)
        })
    }

    proptest! {
        #[test]
        fn all_lines_are_given_or_none_and_never_more_than_there_is((shelves, lines) in shop()) {
            let available = |wanted: &Line| -> i32 {
                shelves.iter().filter(|shelf| shelf.product == wanted.product).map(|shelf| shelf.available).sum()
            };
            let enough = lines.iter().all(|wanted| available(wanted) >= wanted.quantity);
            match allocate(&lines, &shelves) {
                Ok(given) => {
                    prop_assert!(enough);
                    for wanted in &lines {
                        let sum: i32 = given.iter().filter(|part| part.product == wanted.product).map(|part| part.quantity).sum();
                        prop_assert_eq!(sum, wanted.quantity);
                    }
                    let mut levels = HashSet::new();
                    for part in &given {
                        let shelf = shelves.iter().find(|shelf| shelf.level == part.level).unwrap();
                        prop_assert!(0 < part.quantity && part.quantity <= shelf.available);
                        prop_assert!(levels.insert(part.level));
                    }
                }
                Err(shortages) => {
                    prop_assert!(!enough);
                    for wanted in &lines {
                        let short = shortages.iter().find(|short| short.product == wanted.product);
                        prop_assert_eq!(short.is_some(), available(wanted) < wanted.quantity);
                        if let Some(short) = short {
                            prop_assert_eq!(short.available, available(wanted));
                        }
                    }
                }
            }
        }

        #[test]
        fn nothing_is_split_where_one_warehouse_would_do((shelves, lines) in shop()) {
            let Ok(given) = allocate(&lines, &shelves) else { return Ok(()) };
            let has = |warehouse: WarehouseId, wanted: &Line| shelves.iter().any(|shelf| {
                shelf.warehouse == warehouse && shelf.product == wanted.product && shelf.available >= wanted.quantity
            });
            let first_with_all = warehouses(&shelves).find(|warehouse| lines.iter().all(|wanted| has(*warehouse, wanted)));
            if let Some(warehouse) = first_with_all {
                prop_assert!(given.iter().all(|part| part.warehouse == warehouse));
            }
            for wanted in &lines {
                let parts = given.iter().filter(|part| part.product == wanted.product).count();
                prop_assert_eq!(parts > 1, !warehouses(&shelves).any(|warehouse| has(warehouse, wanted)));
            }
        }

        #[test]
        fn the_order_of_the_lines_does_not_matter((shelves, lines) in shop()) {
            let mut reversed = lines.clone();
            reversed.reverse();
            let sorted = |lines: &[Line]| allocate(lines, &shelves).map(|mut given| {
                given.sort_unstable_by_key(|part| part.level);
                given
            }).map_err(|mut shortages| {
                shortages.sort_unstable_by_key(|short| short.product);
                shortages
            });
            prop_assert_eq!(sorted(&lines), sorted(&reversed));
        }
    }
}
