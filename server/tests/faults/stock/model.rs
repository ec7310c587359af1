//! What the answers amount to, and where a database is not so.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use stockgraph_kit::id::{ProductId, ReservationId};
use stockgraph_warehouses::domain::{
    line::Line,
    movement::MovementKind,
    reservation::ReservationStatus,
    transfer::{TransferId, TransferStatus},
    warehouse::{WarehouseId, WarehouseStatus},
};

use super::{
    call::{Answer, Call, Part},
    found::{Entry, Found, Level, Place},
};

/// A call that was answered. Repeats are no calls of their own.
#[derive(Clone, Debug)]
pub struct Record {
    pub call: Call,
    pub answer: Answer,
}

/// Where what was found is not what these answers amount to, or breaks a rule by itself.
pub fn violations<'a>(records: impl IntoIterator<Item = &'a Record>, found: &Found) -> Vec<String> {
    let mut model = Model::default();
    for record in records {
        model.add(record);
    }
    model.compare(found);
    model.wrong
}

#[derive(Default)]
struct Model {
    entries: HashMap<String, Vec<Entry>>,
    reservations: HashMap<ReservationId, (ReservationStatus, Vec<Part>)>,
    transfers: HashMap<TransferId, Moved>,
    returns: HashMap<String, Returned>,
    policies: HashMap<Place, i32>,
    warehouses: HashMap<WarehouseId, WarehouseStatus>,
    wrong: Vec<String>,
}

struct Moved {
    status: TransferStatus,
    source: WarehouseId,
    destination: WarehouseId,
    line: Line,
}

struct Returned {
    reservation: ReservationId,
    line: Line,
    warehouse: Option<WarehouseId>,
}

impl Model {
    fn add(&mut self, record: &Record) {
        match (&record.call, &record.answer) {
            (_, Answer::Refused(_)) => {}
            (Call::Reserve { id, .. }, Answer::Held(parts)) => {
                let held = (ReservationStatus::Held, parts.clone());
                self.reservations.insert(*id, held);
            }
            (Call::End { id, end }, _) => match self.reservations.get_mut(id) {
                Some((status, _)) => *status = end.status(),
                None => self.wrong.push(format!("{id} ended before it was held")),
            },
            (
                Call::Restock {
                    id,
                    reservation,
                    line,
                    warehouse,
                },
                _,
            ) => {
                let returned = Returned {
                    reservation: *reservation,
                    line: *line,
                    warehouse: *warehouse,
                };
                self.returns.insert(id.to_string(), returned);
            }
            (
                Call::Receive {
                    key,
                    warehouse,
                    line,
                },
                _,
            ) => {
                let entry = entry(MovementKind::Receipt, *line, *warehouse);
                self.enter(key.to_string(), entry);
            }
            (
                Call::Adjust {
                    key,
                    warehouse,
                    line,
                },
                _,
            ) => {
                let entry = entry(MovementKind::Adjustment, *line, *warehouse);
                self.enter(key.to_string(), entry);
            }
            (
                Call::Transfer {
                    source,
                    destination,
                    line,
                    in_transit,
                    ..
                },
                Answer::Moved(id),
            ) => {
                let moved = Moved {
                    status: if *in_transit {
                        TransferStatus::InTransit
                    } else {
                        TransferStatus::Received
                    },
                    source: *source,
                    destination: *destination,
                    line: *line,
                };
                self.transfers.insert(*id, moved);
            }
            (Call::Close { id, status }, _) => match self.transfers.get_mut(id) {
                Some(moved) => moved.status = *status,
                None => self.wrong.push(format!("{id} arrived before it left")),
            },
            (Call::SetStatus { warehouse, status }, _) => {
                self.warehouses.insert(*warehouse, *status);
            }
            (
                Call::SetPolicy {
                    warehouse,
                    product,
                    safety_stock,
                },
                _,
            ) => {
                self.policies.insert((*product, *warehouse), *safety_stock);
            }
            (call, answer) => self.wrong.push(format!("{call:?} was answered {answer:?}")),
        }
    }

    fn enter(&mut self, cause: String, entry: Entry) {
        self.entries.entry(cause).or_default().push(entry);
    }

    fn compare(&mut self, found: &Found) {
        self.enter_reservations();
        self.enter_transfers();
        self.enter_returns(found);
        self.compare_states(found);
        self.compare_ledger(found);
        self.compare_levels(found);
        self.compare_promises();
    }

    fn enter_reservations(&mut self) {
        for (id, (status, parts)) in std::mem::take(&mut self.reservations) {
            for part in &parts {
                let place = (part.product, part.warehouse);
                let entry = |kind: MovementKind, on_hand, reserved| Entry {
                    kind: kind.as_str(),
                    place,
                    on_hand,
                    reserved,
                };
                let units = part.quantity;
                self.enter(id.to_string(), entry(MovementKind::Reservation, 0, units));
                match status {
                    ReservationStatus::Held => {}
                    ReservationStatus::Committed => {
                        self.enter(id.to_string(), entry(MovementKind::Sale, -units, -units));
                    }
                    ReservationStatus::Released => {
                        self.enter(id.to_string(), entry(MovementKind::Release, 0, -units));
                    }
                    ReservationStatus::Expired => {
                        self.enter(id.to_string(), entry(MovementKind::Expiry, 0, -units));
                    }
                }
            }
            self.reservations.insert(id, (status, parts));
        }
    }

    fn enter_transfers(&mut self) {
        for (id, moved) in std::mem::take(&mut self.transfers) {
            let left = Line {
                quantity: -moved.line.quantity,
                ..moved.line
            };
            let out = entry(MovementKind::TransferOut, left, moved.source);
            self.enter(id.to_string(), out);
            let to = match moved.status {
                TransferStatus::InTransit => None,
                TransferStatus::Received => Some(moved.destination),
                TransferStatus::Cancelled => Some(moved.source),
            };
            if let Some(to) = to {
                let arrived = entry(MovementKind::TransferIn, moved.line, to);
                self.enter(id.to_string(), arrived);
            }
            self.transfers.insert(id, moved);
        }
    }

    /// Goods that come back to where they came from may do so in several parts: the ledger says in which, within what was sold.
    fn enter_returns(&mut self, found: &Found) {
        for (id, returned) in std::mem::take(&mut self.returns) {
            let sold = self.reservations.get(&returned.reservation);
            let sold = sold.map_or(&[][..], |(_, parts)| parts.as_slice());
            let fits = |entry: &Entry| {
                let (product, warehouse) = entry.place;
                let from = |part: &Part| (part.product, part.warehouse) == entry.place;
                entry.kind == MovementKind::Return.as_str()
                    && product == returned.line.product
                    && returned
                        .warehouse
                        .map_or(sold.iter().any(from), |to| to == warehouse)
            };
            let booked = found.ledger.get(&id).map_or(&[][..], Vec::as_slice);
            let back: Vec<_> = booked
                .iter()
                .map(|booked| booked.entry)
                .filter(fits)
                .collect();
            let units: i32 = back.iter().map(|entry| entry.on_hand).sum();
            if units != returned.line.quantity {
                let expected = returned.line.quantity;
                self.wrong
                    .push(format!("{id}: {units} came back, not {expected}"));
            }
            self.entries.insert(id, back);
        }
    }

    fn compare_states(&mut self, found: &Found) {
        for (id, told) in &self.reservations {
            let is = found.reservations.get(id);
            if is != Some(told) {
                self.wrong.push(format!("{id} is {is:?}, not {told:?}"));
            }
        }
        for (id, moved) in &self.transfers {
            let is = found.transfers.get(id);
            if is != Some(&moved.status) {
                self.wrong
                    .push(format!("{id} is {is:?}, not {}", moved.status));
            }
        }
        for (id, status) in &self.warehouses {
            let is = found.warehouses.get(id);
            if is != Some(status) {
                self.wrong.push(format!("{id} is {is:?}, not {status}"));
            }
        }
    }

    /// Each answered call has its entries, and no entry is without its call.
    fn compare_ledger(&mut self, found: &Found) {
        let causes: BTreeSet<&String> = self.entries.keys().chain(found.ledger.keys()).collect();
        for cause in causes {
            let mut expected = self.entries.get(cause).cloned().unwrap_or_default();
            let booked = found.ledger.get(cause).map_or(&[][..], Vec::as_slice);
            let mut entries: Vec<_> = booked.iter().map(|booked| booked.entry).collect();
            expected.sort_unstable();
            entries.sort_unstable();
            if entries != expected {
                self.wrong.push(format!(
                    "{cause} is booked as {entries:?}, not {expected:?}"
                ));
            }
            // At no moment, not only now.
            for after in booked {
                if !(0..=after.on_hand_after).contains(&after.reserved_after) {
                    self.wrong.push(format!("{cause} left {after:?}"));
                }
            }
        }
    }

    fn compare_levels(&mut self, found: &Found) {
        let mut levels: BTreeMap<Place, Level> = BTreeMap::new();
        for entry in self.entries.values().flatten() {
            let level = levels.entry(entry.place).or_default();
            level.on_hand += entry.on_hand;
            level.reserved += entry.reserved;
        }
        for (place, safety_stock) in &self.policies {
            levels.entry(*place).or_default().safety_stock = *safety_stock;
        }
        let places: BTreeSet<&Place> = levels.keys().chain(found.levels.keys()).collect();
        for place in places {
            let expected = levels.get(place).copied().unwrap_or_default();
            let is = found.levels.get(place).copied().unwrap_or_default();
            if is != expected {
                self.wrong
                    .push(format!("{place:?} is {is:?}, not {expected:?}"));
            }
        }
    }

    /// What was promised, by the answers alone, is no more than came in.
    fn compare_promises(&mut self) {
        let mut balances: BTreeMap<ProductId, i32> = BTreeMap::new();
        let came = [
            MovementKind::Receipt,
            MovementKind::Adjustment,
            MovementKind::Return,
        ];
        for entry in self.entries.values().flatten() {
            if came.iter().any(|kind| kind.as_str() == entry.kind) {
                *balances.entry(entry.place.0).or_default() += entry.on_hand;
            }
        }
        for (status, parts) in self.reservations.values() {
            if matches!(
                status,
                ReservationStatus::Held | ReservationStatus::Committed
            ) {
                for part in parts {
                    *balances.entry(part.product).or_default() -= part.quantity;
                }
            }
        }
        for (product, balance) in balances {
            if balance < 0 {
                let more = -balance;
                self.wrong
                    .push(format!("oversold: {more} more of {product} than there was"));
            }
        }
    }
}

/// An entry that changes what is on hand.
fn entry(kind: MovementKind, line: Line, warehouse: WarehouseId) -> Entry {
    Entry {
        kind: kind.as_str(),
        place: (line.product, warehouse),
        on_hand: line.quantity,
        reserved: 0,
    }
}
