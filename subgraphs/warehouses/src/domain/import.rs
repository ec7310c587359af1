//! Many receipts and adjustments that are booked together, one after the other.

use stockgraph_kit::id::{Id, ProductId};

use super::{
    book::Book,
    goods::{GoodsRefused, adjust, check_delta},
    level::MOST_ON_HAND,
    line::{DigestBuilder, Line, RequestDigest, quantity_rule},
    movement::{Cause, MovementKind},
    violation::{LONGEST_REASON, Violation, optional_text, required_text},
    warehouse::WarehouseId,
};

/// The most lines of one import.
pub const MOST_IMPORTED: usize = 100_000;

/// What one line of an import does to what is on hand: always something that the rules allow by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelChange {
    kind: MovementKind,
    on_hand: i32,
    reason: Option<String>,
}

impl LevelChange {
    /// Goods that came in, from 1 to [`MOST_UNITS`](super::line::MOST_UNITS) of them.
    ///
    /// # Errors
    ///
    /// All rules that it breaks, at `quantity` and `reason`.
    pub fn receipt(quantity: i32, reason: Option<&str>) -> Result<Self, Vec<Violation>> {
        let broken = quantity_rule(quantity).map(|rule| Violation::new(["quantity"], rule));
        let reason = optional_text("reason", reason, LONGEST_REASON);
        Self::checked(MovementKind::Receipt, quantity, broken, reason)
    }

    /// A correction by `delta`: from -[`MOST_UNITS`](super::line::MOST_UNITS) to it, and not 0. It needs a reason.
    ///
    /// # Errors
    ///
    /// All rules that it breaks, at `quantity` and `reason`.
    pub fn adjustment(delta: i32, reason: Option<&str>) -> Result<Self, Vec<Violation>> {
        let broken = check_delta(delta).err();
        let broken = broken.map(|rule| Violation::new(["quantity"], rule.message));
        let reason = required_text("reason", reason.unwrap_or_default(), LONGEST_REASON).map(Some);
        Self::checked(MovementKind::Adjustment, delta, broken, reason)
    }

    fn checked(
        kind: MovementKind,
        on_hand: i32,
        broken: Option<Violation>,
        reason: Result<Option<String>, Violation>,
    ) -> Result<Self, Vec<Violation>> {
        match (broken, reason) {
            (None, Ok(reason)) => Ok(Self {
                kind,
                on_hand,
                reason,
            }),
            (broken, reason) => Err(broken.into_iter().chain(reason.err()).collect()),
        }
    }

    /// Whether it adds units.
    #[must_use]
    pub const fn adds(&self) -> bool {
        self.on_hand > 0
    }

    fn cause(&self) -> Cause {
        Cause {
            kind: self.kind,
            reference: None,
            reason: self.reason.clone(),
            actor: None,
        }
    }
}

/// A line of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportLine {
    /// Which one it is to those who wrote it; says nothing of what is booked.
    pub number: u64,
    /// Where.
    pub warehouse: WarehouseId,
    /// Of what.
    pub product: ProductId,
    /// What happens.
    pub change: LevelChange,
}

/// A line that cannot be booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusedLine {
    /// Its number.
    pub number: u64,
    /// Why.
    pub why: RefusedBecause,
}

/// Why a line cannot be booked, after those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefusedBecause {
    /// It takes away more than nobody holds.
    #[error(
        "would take {requested} away where {free} {} free: what is reserved stays",
        if *.free == 1 { "is" } else { "are" }
    )]
    Short {
        /// How many it takes away.
        requested: i32,
        /// How many nobody holds, after the lines before.
        free: i32,
    },
    /// The warehouse has no room for it.
    #[error("the warehouse would have more than {MOST_ON_HAND} of it")]
    Full,
}

/// Why an import cannot be booked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportRefused {
    /// These lines, in their order.
    Lines(Vec<RefusedLine>),
    /// A level that was to be loaded was not: a fault of ours.
    Unknown,
}

/// What an import moved, or would move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportTotals {
    /// How many lines it has.
    pub lines: usize,
    /// How many units came in.
    pub received: i64,
    /// How many units were corrected upwards.
    pub found: i64,
    /// How many units were corrected downwards.
    pub lost: i64,
    /// How many levels changed.
    pub levels: usize,
}

/// Books the lines in their order. A line that is refused moves nothing; those after it are judged without it.
///
/// # Errors
///
/// [`ImportRefused`]; the book is then not to be saved.
pub fn book_import(book: &mut Book, lines: &[ImportLine]) -> Result<ImportTotals, ImportRefused> {
    let mut totals = ImportTotals {
        lines: lines.len(),
        ..ImportTotals::default()
    };
    let mut refused = Vec::new();
    for ImportLine {
        number,
        warehouse,
        product,
        change,
    } in lines
    {
        let line = Line {
            product: *product,
            quantity: change.on_hand,
        };
        let why = match adjust(book, *warehouse, line, &change.cause()) {
            Ok(()) => {
                totals.add(change);
                continue;
            }
            Err(GoodsRefused::Full(_)) => RefusedBecause::Full,
            Err(GoodsRefused::Short(short)) => RefusedBecause::Short {
                requested: -change.on_hand,
                free: short.iter().map(|shortage| shortage.available).sum(),
            },
            Err(GoodsRefused::Unknown) => return Err(ImportRefused::Unknown),
        };
        refused.push(RefusedLine {
            number: *number,
            why,
        });
    }
    if refused.is_empty() {
        totals.levels = book.changed();
        Ok(totals)
    } else {
        Err(ImportRefused::Lines(refused))
    }
}

impl ImportTotals {
    fn add(&mut self, change: &LevelChange) {
        let units = i64::from(change.on_hand);
        if change.kind == MovementKind::Receipt {
            self.received += units;
        } else if change.adds() {
            self.found += units;
        } else {
            self.lost -= units;
        }
    }
}

/// Tells lines from others. Their order counts, for they are booked in it; their numbers do not.
#[must_use]
pub fn digest_of_import(lines: &[ImportLine]) -> RequestDigest {
    let mut digest = DigestBuilder::default();
    for line in lines {
        digest
            .bytes(line.warehouse.uuid().as_bytes())
            .bytes(line.product.uuid().as_bytes())
            .text(Some(line.change.kind.as_str()))
            .bytes(&line.change.on_hand.to_be_bytes())
            .text(line.change.reason.as_deref());
    }
    digest.finish()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;
    use crate::domain::level::{Level, LevelId};

    fn book(on_hand: i32, reserved: i32) -> Book {
        let level = Level {
            on_hand,
            reserved,
            ..Level::empty(
                LevelId::from_uuid(Uuid::from_u128(1)),
                ProductId::from_uuid(Uuid::from_u128(2)),
                WarehouseId::from_uuid(Uuid::from_u128(3)),
                DateTime::UNIX_EPOCH,
            )
        };
        Book::new([level], DateTime::UNIX_EPOCH)
    }

    fn line(number: u64, change: LevelChange) -> ImportLine {
        ImportLine {
            number,
            warehouse: WarehouseId::from_uuid(Uuid::from_u128(3)),
            product: ProductId::from_uuid(Uuid::from_u128(2)),
            change,
        }
    }

    fn receipt(quantity: i32) -> LevelChange {
        LevelChange::receipt(quantity, None).unwrap()
    }

    fn adjustment(delta: i32) -> LevelChange {
        LevelChange::adjustment(delta, Some("count")).unwrap()
    }

    #[test]
    fn a_change_that_breaks_rules_is_told_with_all_of_them() {
        let fields = |broken: Result<LevelChange, Vec<Violation>>| -> Vec<String> {
            let broken = broken.err().unwrap_or_default();
            broken.iter().map(|rule| rule.field.join(".")).collect()
        };
        let long = "x".repeat(LONGEST_REASON + 1);
        for quantity in [0, -1, 1_000_001] {
            assert_eq!(
                fields(LevelChange::receipt(quantity, None)),
                ["quantity"],
                "{quantity}"
            );
        }
        assert_eq!(
            fields(LevelChange::receipt(0, Some(&long))),
            ["quantity", "reason"]
        );
        assert_eq!(
            fields(LevelChange::adjustment(0, None)),
            ["quantity", "reason"]
        );
        assert_eq!(fields(LevelChange::adjustment(-1, Some(" "))), ["reason"]);
        assert_eq!(fields(LevelChange::receipt(1_000_000, Some(" "))), [""; 0]);
    }

    #[test]
    fn lines_take_effect_in_their_order() {
        let taken_then_received = [line(2, adjustment(-5)), line(3, receipt(5))];
        let refused = ImportRefused::Lines(vec![RefusedLine {
            number: 2,
            why: RefusedBecause::Short {
                requested: 5,
                free: 1,
            },
        }]);
        assert_eq!(
            book_import(&mut book(4, 3), &taken_then_received),
            Err(refused)
        );
        let received_then_taken = [line(2, receipt(5)), line(3, adjustment(-5))];
        let totals = ImportTotals {
            lines: 2,
            received: 5,
            found: 0,
            lost: 5,
            levels: 1,
        };
        assert_eq!(
            book_import(&mut book(4, 3), &received_then_taken),
            Ok(totals)
        );
    }

    #[test]
    fn every_line_that_is_refused_is_told_and_the_others_are_judged_without_it() {
        let lines = [
            line(2, receipt(2)),
            line(3, receipt(1)),
            line(4, receipt(1)),
            line(5, adjustment(-1_000_000)),
        ];
        let Err(ImportRefused::Lines(refused)) =
            book_import(&mut book(MOST_ON_HAND - 1, MOST_ON_HAND - 10), &lines)
        else {
            panic!("nothing is refused");
        };
        let numbers: Vec<_> = refused.iter().map(|line| line.number).collect();
        assert_eq!(numbers, [2, 4, 5]);
    }

    #[test]
    fn the_digest_tells_other_lines_and_their_order_but_not_their_numbers() {
        let digest = |lines: &[(u64, LevelChange)]| {
            let lines: Vec<_> = lines
                .iter()
                .map(|(number, change)| line(*number, change.clone()))
                .collect();
            digest_of_import(&lines)
        };
        let first = digest(&[(2, receipt(1)), (3, adjustment(2))]);
        assert_eq!(first, digest(&[(4, receipt(1)), (9, adjustment(2))]));
        assert_ne!(first, digest(&[(2, adjustment(2)), (3, receipt(1))]));
        assert_ne!(first, digest(&[(2, receipt(1)), (3, receipt(2))]));
    }
}
