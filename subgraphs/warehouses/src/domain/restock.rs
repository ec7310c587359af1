//! Sold goods that come back.

use std::collections::BTreeSet;

use stockgraph_kit::id::ReservationId;

use super::{
    allocation::Allocation,
    book::{Book, Delta, Refused},
    level::{LevelId, MOST_ON_HAND},
    line::{Line, RequestDigest},
    movement::Cause,
    violation::Violation,
    warehouse::WarehouseId,
};

stockgraph_kit::id_type!(
    RestockId,
    "restock",
    "Which goods came back; chosen by who took them."
);

/// Goods that came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restock {
    /// Which.
    pub id: RestockId,
    /// By which reservation they were sold.
    pub reservation: ReservationId,
    /// Tells its content from other content.
    pub digest: RequestDigest,
}

/// Why goods cannot come back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RestockRefused {
    /// Lines that were not sold, or have come back already.
    Invalid(Vec<Violation>),
    /// A level that was to be loaded was not: a fault of ours.
    Unknown,
}

/// Puts goods back on hand: in the warehouses that they were sold from, or all in `to`. Marks in the allocations what has come
/// back, and tells the levels that the goods went to.
///
/// # Errors
///
/// [`RestockRefused`]; the book is then not to be saved.
pub fn put_back(
    book: &mut Book,
    allocations: &mut [Allocation],
    lines: &[Line],
    to: Option<WarehouseId>,
    cause: &Cause,
) -> Result<BTreeSet<LevelId>, RestockRefused> {
    let mut violations = Vec::new();
    let mut touched = BTreeSet::new();
    for (position, line) in lines.iter().enumerate() {
        let path = |part: &str| ["lines".into(), position.to_string(), part.to_owned()];
        let out: i64 = allocations
            .iter()
            .filter(|part| part.product == line.product)
            .map(|part| i64::from(part.quantity - part.returned))
            .sum();
        if i64::from(line.quantity) > out {
            let message =
                format!("Only {out} of it are sold by this reservation and not yet back.");
            violations.push(Violation::new(path("quantity"), message));
            continue;
        }
        let mut missing = line.quantity;
        for part in allocations
            .iter_mut()
            .filter(|part| part.product == line.product)
        {
            let quantity = missing.min(part.quantity - part.returned);
            if quantity == 0 {
                continue;
            }
            let level = match to {
                None => part.level,
                Some(warehouse) => {
                    book.at(line.product, warehouse)
                        .ok_or(RestockRefused::Unknown)?
                        .id
                }
            };
            let delta = Delta {
                on_hand: quantity,
                reserved: 0,
            };
            match book.post(level, delta, cause.clone()) {
                Ok(()) => {}
                Err(Refused::TooMuch) => {
                    let message =
                        format!("The warehouse would have more than {MOST_ON_HAND} of it.");
                    violations.push(Violation::new(path("quantity"), message));
                }
                Err(Refused::TooLittle | Refused::UnknownLevel) => {
                    return Err(RestockRefused::Unknown);
                }
            }
            touched.insert(level);
            part.returned += quantity;
            missing -= quantity;
        }
    }
    if violations.is_empty() {
        Ok(touched)
    } else {
        Err(RestockRefused::Invalid(violations))
    }
}
