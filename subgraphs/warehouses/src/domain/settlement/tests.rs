//! Requests settled over stock in memory.

use proptest::prelude::*;
use stockgraph_kit::id::{Id, ProductId};
use uuid::Uuid;

use super::*;
use crate::domain::{
    level::{Level, LevelId},
    line::Line,
    warehouse::WarehouseStatus,
};

fn id<I: Id>(number: u128) -> I {
    I::from_uuid(Uuid::from_u128(number))
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(100, 0).unwrap()
}

/// One warehouse, with so many units of products 0, 1, ….
fn situation(units: &[i32]) -> Situation {
    let warehouse = Warehouse {
        id: id(1),
        code: "JKT".into(),
        name: "Jakarta".into(),
        location: None,
        status: WarehouseStatus::Active,
        priority: 0,
        created_at: now(),
        updated_at: now(),
    };
    let levels = (0..).zip(units).map(|(product, units)| Level {
        on_hand: *units,
        ..Level::empty(id::<LevelId>(product), id(product), warehouse.id, now())
    });
    let book = Book::new(levels, now());
    Situation::new(book, vec![warehouse], Vec::new())
}

fn hold(reservation: u128, lines: &[(u128, i32)]) -> Ask {
    let lines = lines.iter().map(|(product, quantity)| Line {
        product: id::<ProductId>(*product),
        quantity: *quantity,
    });
    Ask {
        what: Wish::Hold(Hold {
            id: id(reservation),
            lines: Lines::check(lines.collect()).unwrap(),
            expires_at: DateTime::from_timestamp(200, 0).unwrap(),
            owner: None,
        }),
        actor: None,
    }
}

fn end(reservation: u128, end: End) -> Ask {
    Ask {
        what: Wish::End(id(reservation), end),
        actor: None,
    }
}

/// What became of each: the status, or what is missing.
fn told(answers: &[Answer]) -> Vec<String> {
    let tell = |answer: &Answer| match answer {
        Answer::Done(reservation) => reservation.status.to_string(),
        Answer::WrongState(reservation) => format!("not {}", reservation.status),
        Answer::OtherLines(_) => "other lines".into(),
        Answer::NotFound => "not found".into(),
        Answer::Short(short) => format!("{} left", short[0].available),
        Answer::Invalid(violation) => violation.field.join("."),
    };
    answers.iter().map(tell).collect()
}

#[test]
fn requests_are_decided_in_their_order_and_one_that_is_short_harms_no_other() {
    let mut situation = situation(&[5, 9]);
    let answers = situation
        .settle(&[
            hold(1, &[(0, 3)]),
            hold(2, &[(0, 3), (1, 1)]),
            hold(3, &[(0, 2)]),
            end(1, End::Release),
            hold(4, &[(0, 3)]),
            hold(1, &[(0, 3)]),
            hold(3, &[(0, 1)]),
            end(3, End::Commit),
            end(9, End::Commit),
        ])
        .unwrap();
    assert_eq!(
        told(&answers),
        [
            "HELD",
            "2 left",
            "HELD",
            "RELEASED",
            "HELD",
            "not RELEASED",
            "other lines",
            "COMMITTED",
            "not found"
        ]
    );
    let outcome = situation.into_outcome();
    let opened: Vec<_> = outcome
        .opened
        .iter()
        .map(|opened| opened.holding.reservation.status.as_str())
        .collect();
    // What opens and ends in one go is saved once, as it is in the end.
    assert_eq!(opened, ["RELEASED", "COMMITTED", "HELD"]);
    assert_eq!(outcome.ended, []);
    let level = &outcome.changes.levels[0];
    assert_eq!((level.on_hand, level.reserved), (3, 3));
}

#[test]
fn a_hold_that_is_over_before_it_begins_is_refused() {
    let mut ask = hold(1, &[(0, 1)]);
    if let Wish::Hold(hold) = &mut ask.what {
        hold.expires_at = now();
    }
    let answers = situation(&[5]).settle(&[ask]).unwrap();
    assert_eq!(told(&answers), ["expiresAt"]);
}

/// A few requests about four reservations of three products.
fn asks() -> impl Strategy<Value = Vec<Ask>> {
    let ask = prop_oneof![
        (0..4_u128, 0..3_u128, 1..5_i32).prop_map(|(number, product, quantity)| {
            hold(number, &[(product, quantity), (product + 1, 1)])
        }),
        (0..4_u128).prop_map(|number| end(number, End::Commit)),
        (0..4_u128).prop_map(|number| end(number, End::Release)),
    ];
    proptest::collection::vec(ask, 1..30)
}

proptest! {
    #[test]
    fn what_is_reserved_is_what_is_held_whatever_is_asked(asks in asks(), units in proptest::collection::vec(0..12_i32, 4)) {
        let mut situation = situation(&units);
        situation.settle(&asks).unwrap();
        let outcome = situation.into_outcome();
        for (product, units) in (0..).zip(units) {
            let parts = |status| -> i32 {
                outcome.opened.iter()
                    .filter(|opened| opened.holding.reservation.status == status)
                    .flat_map(|opened| &opened.holding.allocations)
                    .filter(|part| part.product == id::<ProductId>(product))
                    .map(|part| part.quantity)
                    .sum()
            };
            let level = outcome.changes.levels.iter().find(|level| level.product == id::<ProductId>(product));
            let (on_hand, reserved) = level.map_or((units, 0), |level| (level.on_hand, level.reserved));
            prop_assert_eq!(reserved, parts(ReservationStatus::Held));
            prop_assert_eq!(on_hand, units - parts(ReservationStatus::Committed));
        }
    }
}
