//! What a database says, as far as the rules of the stock go.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use stockgraph_kit::id::{ProductId, ReservationId};
use stockgraph_warehouses::domain::{
    reservation::ReservationStatus,
    transfer::{TransferId, TransferStatus},
    warehouse::{WarehouseId, WarehouseStatus},
};

use super::call::{Call, Part};

/// What the database says.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The ledger, by what caused its entries: a reference, or else the reason, which is the key of a receipt or an adjustment.
    pub ledger: HashMap<String, Vec<Booked>>,
    pub reservations: HashMap<ReservationId, (ReservationStatus, Vec<Part>)>,
    pub transfers: HashMap<TransferId, TransferStatus>,
    pub levels: BTreeMap<Place, Level>,
    pub warehouses: HashMap<WarehouseId, WarehouseStatus>,
}

/// A product in a warehouse.
pub type Place = (ProductId, WarehouseId);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Level {
    pub on_hand: i32,
    pub reserved: i32,
    pub safety_stock: i32,
}

/// By how much a level changed, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    pub kind: &'static str,
    pub place: Place,
    pub on_hand: i32,
    pub reserved: i32,
}

/// An entry of the ledger, and what the level was after it.
#[derive(Clone, Copy, Debug)]
pub struct Booked {
    pub entry: Entry,
    pub on_hand_after: i32,
    pub reserved_after: i32,
    pub occurred_at: DateTime<Utc>,
}

impl Found {
    /// Whether this call was done before this instant; none where nobody can tell.
    pub fn was_done(&self, call: &Call, before: DateTime<Utc>) -> Option<bool> {
        let (cause, kind) = call.cause()?;
        let booked = self.ledger.get(&cause).map_or(&[][..], Vec::as_slice);
        Some(
            booked
                .iter()
                .any(|booked| booked.entry.kind == kind.as_str() && booked.occurred_at < before),
        )
    }
}
