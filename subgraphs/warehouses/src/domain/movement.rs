//! The ledger: what happened to a level, and what it was after.

use chrono::{DateTime, Utc};
use stockgraph_kit::id::{Id, ProductId, ReservationId, UserId};
use uuid::Uuid;

use super::{
    level::LevelId, restock::RestockId, text_enum::text_enum, transfer::TransferId,
    warehouse::WarehouseId,
};

stockgraph_kit::id_type!(
    MovementId,
    "movement",
    "Which entry of the ledger. They sort as the entries do: by instant, then by their order within a level."
);

/// How many of a movement id's last bits are random.
const RANDOM_BITS: u32 = 42;

impl MovementId {
    /// The id of an entry: a UUID v7 whose bits below the millisecond are the microseconds (RFC 9562, section 6.2, method 3), the
    /// entry's number within its level, and then the random bits of `seed`. So the primary key alone puts the ledger in order.
    #[must_use]
    pub fn of_entry(occurred_at: DateTime<Utc>, sequence: i64, seed: Uuid) -> Self {
        let number = (sequence.unsigned_abs() & 0xF_FFFF) as u128;
        let random = seed.as_u128() & ((1 << RANDOM_BITS) - 1);
        Self::at(occurred_at, (number << RANDOM_BITS) | random)
    }

    /// Where the entries of this instant begin: no earlier entry's id is at or behind it, no other's before.
    #[must_use]
    pub fn first_at(instant: DateTime<Utc>) -> Self {
        Self::at(instant, 0)
    }

    fn at(instant: DateTime<Utc>, rest: u128) -> Self {
        // What lies before 1970 or after the year 10,889 cannot be told apart in 48 bits of milliseconds.
        let micros = u128::try_from(instant.timestamp_micros()).unwrap_or_default();
        let millis = (micros / 1_000).min((1 << 48) - 1);
        let version_and_variant = (0x7 << 76) | (0b10 << 62);
        Self::from_uuid(Uuid::from_u128(
            (millis << 80) | ((micros % 1_000) << 64) | version_and_variant | rest,
        ))
    }
}

text_enum! {
    /// What moved stock.
    MovementKind {
        /// Goods came in.
        Receipt = "RECEIPT",
        /// A count, damage or loss was put right.
        Adjustment = "ADJUSTMENT",
        /// Stock was held.
        Reservation = "RESERVATION",
        /// Held stock was given back.
        Release = "RELEASE",
        /// Held stock was given back because its time was up.
        Expiry = "EXPIRY",
        /// Held stock was sold.
        Sale = "SALE",
        /// Goods left for another warehouse.
        TransferOut = "TRANSFER_OUT",
        /// Goods came from another warehouse.
        TransferIn = "TRANSFER_IN",
        /// Sold goods came back.
        Return = "RETURN",
    }
}

/// What caused an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    /// A hold on stock.
    Reservation(ReservationId),
    /// A move between warehouses.
    Transfer(TransferId),
    /// Goods that came back.
    Restock(RestockId),
}

impl Reference {
    /// The cause of an entry of this kind with this UUID; receipts and adjustments have none.
    #[must_use]
    pub fn of(kind: MovementKind, uuid: Uuid) -> Option<Self> {
        match kind {
            MovementKind::Receipt | MovementKind::Adjustment => None,
            MovementKind::Reservation
            | MovementKind::Release
            | MovementKind::Expiry
            | MovementKind::Sale => Some(Self::Reservation(Id::from_uuid(uuid))),
            MovementKind::TransferOut | MovementKind::TransferIn => {
                Some(Self::Transfer(Id::from_uuid(uuid)))
            }
            MovementKind::Return => Some(Self::Restock(Id::from_uuid(uuid))),
        }
    }

    /// The kinds of entries that it can cause.
    #[must_use]
    pub const fn kinds(self) -> &'static [MovementKind] {
        match self {
            Self::Reservation(_) => &[
                MovementKind::Reservation,
                MovementKind::Release,
                MovementKind::Expiry,
                MovementKind::Sale,
            ],
            Self::Transfer(_) => &[MovementKind::TransferOut, MovementKind::TransferIn],
            Self::Restock(_) => &[MovementKind::Return],
        }
    }

    /// The cause's UUID.
    #[must_use]
    pub fn uuid(self) -> Uuid {
        match self {
            Self::Reservation(id) => id.uuid(),
            Self::Transfer(id) => id.uuid(),
            Self::Restock(id) => id.uuid(),
        }
    }

    /// Reads the text of a reference, as [`Display`](std::fmt::Display) writes it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        ReservationId::parse(text)
            .map(Self::Reservation)
            .or_else(|_| TransferId::parse(text).map(Self::Transfer))
            .or_else(|_| RestockId::parse(text).map(Self::Restock))
            .ok()
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Reservation(id) => id.fmt(f),
            Self::Transfer(id) => id.fmt(f),
            Self::Restock(id) => id.fmt(f),
        }
    }
}

/// Why a level changes, and who changes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// What moves it.
    pub kind: MovementKind,
    /// What caused it.
    pub reference: Option<Reference>,
    /// Why, in a person's words.
    pub reason: Option<String>,
    /// The user who did it; none where a part of the system did.
    pub actor: Option<UserId>,
}

/// What is to be written to the ledger: an entry that has no id yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Of which level.
    pub level: LevelId,
    /// The number of the entry within its level, from 1.
    pub sequence: i64,
    /// The level's product.
    pub product: ProductId,
    /// The level's warehouse.
    pub warehouse: WarehouseId,
    /// Why and by whom.
    pub cause: Cause,
    /// By how much `on_hand` changed.
    pub on_hand_delta: i32,
    /// By how much `reserved` changed.
    pub reserved_delta: i32,
    /// `on_hand` after it.
    pub on_hand_after: i32,
    /// `reserved` after it.
    pub reserved_after: i32,
    /// When; never before the level's entry before.
    pub occurred_at: DateTime<Utc>,
}

/// An entry of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// Which one.
    pub id: MovementId,
    /// What it says.
    pub entry: Entry,
}

/// Which part of the ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MovementFilter {
    /// Only this product.
    pub product: Option<ProductId>,
    /// Only this warehouse.
    pub warehouse: Option<WarehouseId>,
    /// Only this kind.
    pub kind: Option<MovementKind>,
    /// Only what this caused.
    pub reference: Option<Reference>,
    /// From this instant on.
    pub from: Option<DateTime<Utc>>,
    /// Before this instant.
    pub to: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_instant_and_then_by_the_order_within_a_level() {
        let early = DateTime::from_timestamp_micros(1_800_000_000_000_999).unwrap();
        let late = DateTime::from_timestamp_micros(1_800_000_000_001_000).unwrap();
        let ordered = [
            MovementId::of_entry(early, 1, Uuid::max()),
            MovementId::of_entry(early, 2, Uuid::nil()),
            MovementId::first_at(late),
            MovementId::of_entry(late, 1, Uuid::from_u128(1)),
            MovementId::of_entry(late, 2, Uuid::nil()),
        ];
        assert!(ordered.is_sorted());
        assert_eq!(ordered[1].uuid().get_version_num(), 7);
        assert_eq!(
            ordered[1].uuid().get_variant(),
            uuid::Variant::RFC4122,
            "{}",
            ordered[1].uuid()
        );
    }

    #[test]
    fn references_read_back_from_their_text() {
        let uuid = Uuid::from_u128(7);
        for kind in MovementKind::ALL {
            if let Some(reference) = Reference::of(*kind, uuid) {
                assert_eq!(Reference::parse(&reference.to_string()), Some(reference));
                assert_eq!(reference.uuid(), uuid);
            }
        }
        assert_eq!(Reference::parse("product_01h455vb4pex5vsknk084sn02q"), None);
    }
}
