//! The checker is told of databases that lost or doubled something: one that never found anything would prove nothing.

use stockgraph_kit::id::{Id, ProductId, ReservationId};
use stockgraph_warehouses::domain::{
    line::Line,
    movement::MovementKind,
    reservation::{End, ReservationStatus},
    warehouse::WarehouseId,
};
use uuid::Uuid;

use super::{
    call::{Answer, Call, Part},
    found::{Booked, Entry, Found, Level},
    model::{Record, violations},
};

fn place() -> (ProductId, WarehouseId) {
    let uuid = Uuid::from_u128(1);
    (Id::from_uuid(uuid), Id::from_uuid(uuid))
}

fn receipt(key: u128, quantity: i32) -> Record {
    let (product, warehouse) = place();
    Record {
        call: Call::Receive {
            key: Uuid::from_u128(key),
            warehouse,
            line: Line { product, quantity },
        },
        answer: Answer::Done,
    }
}

fn hold(number: u128, quantity: i32) -> Record {
    let (product, warehouse) = place();
    Record {
        call: Call::Reserve {
            id: Id::from_uuid(Uuid::from_u128(number)),
            lines: vec![Line { product, quantity }],
            expires_at: chrono::DateTime::UNIX_EPOCH,
        },
        answer: Answer::Held(vec![Part {
            product,
            warehouse,
            quantity,
        }]),
    }
}

fn end(number: u128, end: End) -> Record {
    let id = Id::from_uuid(Uuid::from_u128(number));
    Record {
        call: Call::End { id, end },
        answer: Answer::Done,
    }
}

/// A database in which this happened.
struct Rigged(Found);

impl Rigged {
    fn book(&mut self, cause: String, kind: MovementKind, on_hand: i32, reserved: i32) {
        let level = self.0.levels.entry(place()).or_default();
        level.on_hand += on_hand;
        level.reserved += reserved;
        let booked = Booked {
            entry: Entry {
                kind: kind.as_str(),
                place: place(),
                on_hand,
                reserved,
            },
            on_hand_after: level.on_hand,
            reserved_after: level.reserved,
            occurred_at: chrono::DateTime::UNIX_EPOCH,
        };
        self.0.ledger.entry(cause).or_default().push(booked);
    }

    fn receive(&mut self, key: u128, units: i32) {
        let key = Uuid::from_u128(key).to_string();
        self.book(key, MovementKind::Receipt, units, 0);
    }

    fn hold(&mut self, number: u128, quantity: i32) {
        let id = ReservationId::from_uuid(Uuid::from_u128(number));
        let (product, warehouse) = place();
        let parts = vec![Part {
            product,
            warehouse,
            quantity,
        }];
        self.0
            .reservations
            .insert(id, (ReservationStatus::Held, parts));
        self.book(id.to_string(), MovementKind::Reservation, 0, quantity);
    }

    fn sell(&mut self, number: u128, quantity: i32) {
        let id = ReservationId::from_uuid(Uuid::from_u128(number));
        if let Some((status, _)) = self.0.reservations.get_mut(&id) {
            *status = ReservationStatus::Committed;
        }
        self.book(id.to_string(), MovementKind::Sale, -quantity, -quantity);
    }
}

/// A shop that received 5 and held 2 of them, and 1 that it sold.
fn sound() -> (Vec<Record>, Rigged) {
    let records = vec![receipt(1, 5), hold(2, 2), hold(3, 1), end(3, End::Commit)];
    let mut rigged = Rigged(Found::default());
    rigged.receive(1, 5);
    rigged.hold(2, 2);
    rigged.hold(3, 1);
    rigged.sell(3, 1);
    (records, rigged)
}

#[track_caller]
fn assert_told(records: &[Record], rigged: &Rigged, told: &str) {
    let wrong = violations(records, &rigged.0);
    assert!(
        wrong.iter().any(|line| line.contains(told)),
        "{told} is not in {wrong:#?}"
    );
}

#[test]
fn a_sound_database_is_not_accused() {
    let (records, rigged) = sound();
    assert_eq!(violations(&records, &rigged.0), [""; 0]);
}

#[test]
fn an_answered_reservation_that_is_lost_is_told() {
    let (mut records, rigged) = sound();
    records.push(hold(4, 1));
    assert_told(&records, &rigged, "is None, not (Held");
}

#[test]
fn a_hold_that_nobody_was_told_of_is_told() {
    let (records, mut rigged) = sound();
    rigged.hold(4, 1);
    assert_told(&records, &rigged, "not []");
}

#[test]
fn a_receipt_that_is_booked_twice_is_told() {
    let (records, mut rigged) = sound();
    rigged.receive(1, 5);
    assert_told(&records, &rigged, "RECEIPT");
}

#[test]
fn a_sale_that_is_lost_or_doubled_is_told() {
    let (mut records, mut rigged) = sound();
    records.push(end(2, End::Commit));
    assert_told(&records, &rigged, "is Some((Held");
    rigged.sell(2, 2);
    assert_eq!(violations(&records, &rigged.0), [""; 0]);
    rigged.sell(2, 2);
    assert_told(&records, &rigged, "SALE");
}

#[test]
fn a_level_that_its_entries_do_not_make_is_told() {
    let (records, mut rigged) = sound();
    let level = Level {
        on_hand: 5,
        reserved: 2,
        safety_stock: 0,
    };
    rigged.0.levels.insert(place(), level);
    assert_told(&records, &rigged, "on_hand: 5");
}

#[test]
fn more_held_and_sold_than_there_was_is_told_although_all_else_agrees() {
    let (mut records, mut rigged) = sound();
    records.push(hold(4, 3));
    rigged.hold(4, 3);
    assert_told(&records, &rigged, "oversold: 1 more");
    // The ledger says so as well.
    assert_told(&records, &rigged, "reserved_after: 5");
}
