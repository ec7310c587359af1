//! Goods that come in and go out without having been reserved.

use super::{
    allocation::Shortage,
    book::{Book, Delta, Refused},
    level::MOST_ON_HAND,
    line::{Line, MOST_UNITS},
    movement::Cause,
    violation::Violation,
    warehouse::WarehouseId,
};

/// Why goods cannot be moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GoodsRefused {
    /// Lines of which less is free than was asked for.
    Short(Vec<Shortage>),
    /// Lines that the warehouse has no room for.
    Full(Vec<Violation>),
    /// A level that was to be loaded was not: a fault of ours.
    Unknown,
}

/// Adds goods to a warehouse, whose levels are in the book.
///
/// # Errors
///
/// [`GoodsRefused`]; the book is then not to be saved.
pub fn bring_in(
    book: &mut Book,
    warehouse: WarehouseId,
    lines: &[Line],
    cause: &Cause,
) -> Result<(), GoodsRefused> {
    let mut full = Vec::new();
    for (position, line) in lines.iter().enumerate() {
        let level = book
            .at(line.product, warehouse)
            .ok_or(GoodsRefused::Unknown)?
            .id;
        let delta = Delta {
            on_hand: line.quantity,
            reserved: 0,
        };
        match book.post(level, delta, cause.clone()) {
            Ok(()) => {}
            Err(Refused::TooMuch) => {
                let path = ["lines".into(), position.to_string(), "quantity".into()];
                full.push(Violation::new(path, too_much()));
            }
            Err(Refused::TooLittle | Refused::UnknownLevel) => return Err(GoodsRefused::Unknown),
        }
    }
    if full.is_empty() {
        Ok(())
    } else {
        Err(GoodsRefused::Full(full))
    }
}

fn too_much() -> String {
    format!("The warehouse would have more than {MOST_ON_HAND} of it.")
}

/// Takes goods that nobody holds out of a warehouse. Safety stock may go too: it is kept back from sale, not from those who run the
/// warehouse.
///
/// # Errors
///
/// [`GoodsRefused`]; the book is then not to be saved.
pub fn take_out(
    book: &mut Book,
    warehouse: WarehouseId,
    lines: &[Line],
    cause: &Cause,
) -> Result<(), GoodsRefused> {
    let mut short = Vec::new();
    for line in lines {
        let (level, free) = match book.at(line.product, warehouse) {
            Some(level) => (Some(level.id), level.free()),
            None => (None, 0),
        };
        if free < line.quantity {
            short.push(Shortage {
                product: line.product,
                requested: line.quantity,
                available: free,
            });
        } else if let Some(level) = level {
            let delta = Delta {
                on_hand: -line.quantity,
                reserved: 0,
            };
            book.post(level, delta, cause.clone())
                .map_err(|_| GoodsRefused::Unknown)?;
        }
    }
    if short.is_empty() {
        Ok(())
    } else {
        Err(GoodsRefused::Short(short))
    }
}

/// Corrects one level by `delta`: from -[`MOST_UNITS`] to [`MOST_UNITS`], and not 0.
///
/// # Errors
///
/// [`GoodsRefused`], with paths that begin with `delta`; the book is then not to be saved.
pub fn adjust(
    book: &mut Book,
    warehouse: WarehouseId,
    line: Line,
    cause: &Cause,
) -> Result<(), GoodsRefused> {
    if line.quantity < 0 {
        let taken = Line {
            quantity: -line.quantity,
            ..line
        };
        return take_out(book, warehouse, &[taken], cause);
    }
    bring_in(book, warehouse, &[line], cause).map_err(|refused| match refused {
        GoodsRefused::Full(_) => GoodsRefused::Full(vec![Violation::new(["delta"], too_much())]),
        other => other,
    })
}

/// Checks the `delta` of an adjustment.
///
/// # Errors
///
/// A [`Violation`] at `delta`.
pub fn check_delta(delta: i32) -> Result<(), Violation> {
    if delta != 0 && (-MOST_UNITS..=MOST_UNITS).contains(&delta) {
        Ok(())
    } else {
        let message =
            format!("Must be from -{MOST_UNITS} to {MOST_UNITS} and not 0; it is {delta}.");
        Err(Violation::new(["delta"], message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delta_of_nothing_or_out_of_range_is_refused() {
        for delta in [0, 1_000_001, -1_000_001, i32::MIN] {
            assert!(check_delta(delta).is_err(), "{delta}");
        }
        assert!(check_delta(-1_000_000).is_ok());
    }
}
