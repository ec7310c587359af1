//! The levels that a transaction has locked, and the entries that it will write.
//!
//! All changes of stock go through [`Book::post`], which keeps the first two rules: `0 <= reserved <= on_hand`, and every change
//! has its entry in the ledger.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use stockgraph_kit::id::ProductId;

use super::{
    level::{Level, LevelId, MOST_ON_HAND},
    movement::{Cause, Entry},
    warehouse::WarehouseId,
};

/// Levels in memory, and what has happened to them since they were loaded.
#[derive(Clone, Debug)]
pub struct Book {
    now: DateTime<Utc>,
    levels: BTreeMap<LevelId, Level>,
    places: HashMap<(ProductId, WarehouseId), LevelId>,
    entries: Vec<Entry>,
    changed: BTreeSet<LevelId>,
}

/// Why an entry cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The level was not loaded.
    UnknownLevel,
    /// The level would have less on hand than is reserved there, or less than nothing reserved.
    TooLittle,
    /// The level would have more on hand than [`MOST_ON_HAND`].
    TooMuch,
}

/// By how much a level changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delta {
    /// Of `on_hand`.
    pub on_hand: i32,
    /// Of `reserved`.
    pub reserved: i32,
}

/// What is to be saved of a book.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The changed levels, by id.
    pub levels: Vec<Level>,
    /// The ledger's new entries, in their order.
    pub entries: Vec<Entry>,
}

impl Changes {
    /// The products whose stock changes, each once.
    #[must_use]
    pub fn products(&self) -> BTreeSet<ProductId> {
        self.levels.iter().map(|level| level.product).collect()
    }
}

impl Book {
    /// A book of these levels, at this instant.
    pub fn new(levels: impl IntoIterator<Item = Level>, now: DateTime<Utc>) -> Self {
        let levels: BTreeMap<_, _> = levels.into_iter().map(|level| (level.id, level)).collect();
        Self {
            now,
            places: levels
                .values()
                .map(|level| ((level.product, level.warehouse), level.id))
                .collect(),
            levels,
            entries: Vec::new(),
            changed: BTreeSet::new(),
        }
    }

    /// The instant of what is decided.
    #[must_use]
    pub const fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The level of this product in this warehouse, if it was loaded.
    #[must_use]
    pub fn at(&self, product: ProductId, warehouse: WarehouseId) -> Option<&Level> {
        self.level(*self.places.get(&(product, warehouse))?)
    }

    /// This level, if it was loaded.
    #[must_use]
    pub fn level(&self, id: LevelId) -> Option<&Level> {
        self.levels.get(&id)
    }

    /// All levels, by id.
    pub fn levels(&self) -> impl Iterator<Item = &Level> {
        self.levels.values()
    }

    /// Changes a level and writes the entry that says so.
    ///
    /// # Errors
    ///
    /// [`Refused`]; nothing has changed then.
    pub fn post(&mut self, id: LevelId, delta: Delta, cause: Cause) -> Result<(), Refused> {
        let level = self.levels.get_mut(&id).ok_or(Refused::UnknownLevel)?;
        let on_hand = level
            .on_hand
            .checked_add(delta.on_hand)
            .ok_or(Refused::TooMuch)?;
        let reserved = level
            .reserved
            .checked_add(delta.reserved)
            .ok_or(Refused::TooLittle)?;
        if on_hand > MOST_ON_HAND {
            return Err(Refused::TooMuch);
        }
        if reserved < 0 || reserved > on_hand {
            return Err(Refused::TooLittle);
        }
        level.on_hand = on_hand;
        level.reserved = reserved;
        level.sequence += 1;
        // The clocks of two replicas differ; within a level, time never goes back.
        level.updated_at = level.updated_at.max(self.now);
        self.entries.push(Entry {
            level: id,
            sequence: level.sequence,
            product: level.product,
            warehouse: level.warehouse,
            cause,
            on_hand_delta: delta.on_hand,
            reserved_delta: delta.reserved,
            on_hand_after: on_hand,
            reserved_after: reserved,
            occurred_at: level.updated_at,
        });
        self.changed.insert(id);
        Ok(())
    }

    /// How many levels have changed.
    #[must_use]
    pub fn changed(&self) -> usize {
        self.changed.len()
    }

    /// What is to be saved.
    #[must_use]
    pub fn into_changes(self) -> Changes {
        let Self {
            mut levels,
            entries,
            changed,
            ..
        } = self;
        levels.retain(|id, _| changed.contains(id));
        Changes {
            levels: levels.into_values().collect(),
            entries,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use stockgraph_kit::id::Id;
    use uuid::Uuid;

    use super::*;
    use crate::domain::movement::MovementKind;

    fn level() -> Level {
        Level::empty(
            LevelId::from_uuid(Uuid::from_u128(1)),
            ProductId::from_uuid(Uuid::from_u128(2)),
            WarehouseId::from_uuid(Uuid::from_u128(3)),
            DateTime::UNIX_EPOCH,
        )
    }

    fn cause() -> Cause {
        Cause {
            kind: MovementKind::Adjustment,
            reference: None,
            reason: None,
            actor: None,
        }
    }

    proptest! {
        #[test]
        fn whatever_is_posted_the_rules_hold_and_the_entries_make_the_level(
            deltas in proptest::collection::vec((-20..20_i32, -20..20_i32), 0..60),
        ) {
            let id = level().id;
            let mut book = Book::new([level()], DateTime::UNIX_EPOCH);
            for (on_hand, reserved) in deltas {
                book.post(id, Delta { on_hand, reserved }, cause()).ok();
                let level = book.level(id).unwrap();
                prop_assert!(0 <= level.reserved && level.reserved <= level.on_hand);
            }
            let level = book.level(id).unwrap().clone();
            let changes = book.into_changes();
            prop_assert_eq!(changes.entries.iter().map(|entry| entry.on_hand_delta).sum::<i32>(), level.on_hand);
            prop_assert_eq!(changes.entries.iter().map(|entry| entry.reserved_delta).sum::<i32>(), level.reserved);
            let sequences: Vec<_> = changes.entries.iter().map(|entry| entry.sequence).collect();
            prop_assert_eq!(sequences, (1..=level.sequence).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_level_has_a_bound_and_a_refused_entry_changes_nothing() {
        let mut full = level();
        full.on_hand = MOST_ON_HAND;
        let id = full.id;
        let mut book = Book::new([full], DateTime::UNIX_EPOCH);
        let more = Delta {
            on_hand: 1,
            reserved: 0,
        };
        assert_eq!(book.post(id, more, cause()), Err(Refused::TooMuch));
        assert_eq!(book.into_changes(), Changes::default());
    }

    #[test]
    fn time_never_goes_back_within_a_level() {
        let mut ahead = level();
        ahead.updated_at = DateTime::from_timestamp(10, 0).unwrap();
        let id = ahead.id;
        let mut book = Book::new([ahead], DateTime::from_timestamp(5, 0).unwrap());
        let more = Delta {
            on_hand: 1,
            reserved: 0,
        };
        book.post(id, more, cause()).unwrap();
        let changes = book.into_changes();
        assert_eq!(changes.entries[0].occurred_at.timestamp(), 10);
    }
}
