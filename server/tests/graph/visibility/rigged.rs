//! The oracle finds what is wrong in answers that are made up, and lets pass what is right.

use std::collections::{BTreeMap, BTreeSet};

use rand::{SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use stockgraph_kit::{
    caller::{Scope, Scopes},
    id::{OrderId, ReservationId, UserId},
};
use stockgraph_orders::domain::PaymentId;
use uuid::Uuid;

use super::{
    facts::{Facts, OrderFacts, Person, id_text},
    operation::{Arg, Asked, Door, Node, Operation},
    oracle::Oracle,
    rights::Caller,
    twin::Twin,
};
use crate::test_graph::As;

const AYU: Uuid = Uuid::from_u128(1);
const BUDI: Uuid = Uuid::from_u128(2);

fn facts() -> Facts {
    let mut facts = Facts::default();
    for (id, name) in [(AYU, "ayu"), (BUDI, "budi")] {
        let mut person = Person {
            email: format!("{name}@example.com"),
            phone: Some(format!("+62812345000{}", id.as_u128())),
            ..Person::default()
        };
        person.has_password(&format!("password of {name}"));
        person.has_session(&format!("access of {name}"), &format!("refresh of {name}"));
        facts.people.insert(id, person);
        let order = OrderFacts {
            owner: id,
            number: format!("SO-2027-{name}"),
            key: format!("checkout of {name}"),
            reservation: Uuid::from_u128(id.as_u128() + 20),
            payments: vec![Uuid::from_u128(id.as_u128() + 30)],
            tracking: vec![format!("parcel of {name}")],
            ..OrderFacts::default()
        };
        facts.orders.insert(order_of(id), order);
    }
    facts
}

const fn order_of(user: Uuid) -> Uuid {
    Uuid::from_u128(user.as_u128() + 10)
}

fn order_id(user: Uuid) -> String {
    id_text::<OrderId>(order_of(user))
}

fn user_id(user: Uuid) -> String {
    id_text::<UserId>(user)
}

fn ayu(scopes: &[Scope]) -> Caller {
    Caller {
        name: "ayu".to_owned(),
        headers: As::anonymous(),
        user: Some(AYU),
        scopes: scopes.iter().copied().collect::<Scopes>(),
    }
}

/// `field(input: { text: "…" })`.
fn asking(mutation: bool, field: &str, texts: &[&str]) -> Operation {
    let texts = texts.iter().map(|text| Arg::Text((*text).to_owned()));
    Operation {
        door: Door::Router,
        mutation,
        roots: vec![Node::Field(Asked {
            name: field.to_owned(),
            alias: None,
            args: vec![("input".to_owned(), Arg::List(texts.collect()))],
            selection: Vec::new(),
            kept: true,
        })],
        representations: Vec::new(),
    }
}

fn judged<T>(caller: &Caller, operation: &Operation, with: impl FnOnce(&Oracle<'_>) -> T) -> T {
    let facts = facts();
    let markers = facts.markers();
    let before: BTreeSet<_> = facts.people.keys().copied().collect();
    with(&Oracle {
        facts: &facts,
        markers: &markers,
        caller,
        operation,
        before: &before,
    })
}

fn leaks(caller: &Caller, operation: &Operation, answer: &Value) -> Vec<String> {
    judged(caller, operation, |oracle| oracle.leaks(answer))
}

fn asked(field: &str, answer: &Value) -> Vec<String> {
    leaks(&ayu(&[]), &asking(false, field, &[]), answer)
}

#[test]
fn what_is_ones_own_passes() {
    let answer = json!({ "data": { "order_1": {
        "__typename": "Order", "id": order_id(AYU), "number": "SO-2027-ayu",
        "customer": { "__typename": "User", "id": user_id(AYU), "email": "ayu@example.com" },
        "payments_2": [{ "__typename": "Payment", "id": id_text::<PaymentId>(Uuid::from_u128(31)) }],
        "reservation": { "__typename": "StockReservation", "id": id_text::<ReservationId>(Uuid::from_u128(21)) },
        "shipment": { "__typename": "Shipment", "trackingNumber": "parcel of ayu" },
    } } });
    assert_eq!(asked("order", &answer), [""; 0]);
}

#[test]
fn every_kind_of_object_of_another_is_found() {
    for object in [
        json!({ "__typename": "Order", "id": order_id(BUDI) }),
        json!({ "__typename": "Payment", "id": id_text::<PaymentId>(Uuid::from_u128(32)) }),
        json!({ "__typename": "StockReservation", "id": id_text::<ReservationId>(Uuid::from_u128(22)) }),
        json!({ "__typename": "User", "id": user_id(BUDI), "active_4": true }),
        json!({ "__typename": "User", "id": user_id(BUDI), "orders_1": { "__typename": "OrderConnection" } }),
        json!({ "__typename": "Session", "accessToken": "new" }),
        json!({ "__typename": "StockMovement", "id": "movement_1" }),
        json!({ "__typename": "ProductStock", "onHandAt_2": 5 }),
        json!({ "__typename": "UserConnection", "totalCount": 2 }),
    ] {
        // That the caller has named it makes it no more theirs.
        let id = object["id"].as_str().unwrap_or_default().to_owned();
        let operation = asking(false, "anything", &[&id]);
        for answer in [
            json!({ "data": { "anything_1": object } }),
            json!({ "data": { "a": { "__typename": "Order", "id": order_id(AYU), "b": [[object]] } } }),
        ] {
            let found = leaks(&ayu(&[]), &operation, &answer);
            assert_eq!(found.len(), 1, "{answer}: {found:?}");
        }
    }
}

#[test]
fn a_text_of_another_is_found_wherever_it_stands() {
    for text in [
        user_id(BUDI),
        order_id(BUDI),
        "SO-2027-budi".to_owned(),
        "budi@example.com".to_owned(),
        "+628123450002".to_owned(),
        "parcel of budi".to_owned(),
        "checkout of budi".to_owned(),
        "refresh of budi".to_owned(),
        "password of budi".to_owned(),
    ] {
        let said = format!("before {text} after");
        for answer in [
            json!({ "data": { "product": { "__typename": "Product", "name": said } } }),
            json!({ "data": null, "errors": [{ "message": said }] }),
            json!({ "data": null, "errors": [{ "message": "x", "extensions": { "detail": said } }] }),
        ] {
            assert_eq!(asked("product", &answer).len(), 1, "{answer}");
        }
        // An error may repeat what it was told.
        let operation = asking(false, "product", &[&text]);
        let answer = json!({ "data": null, "errors": [{ "message": said }] });
        assert_eq!(leaks(&ayu(&[]), &operation, &answer), [""; 0]);
    }
}

#[test]
fn a_scope_shows_what_it_is_for_and_no_more() {
    let order = json!({ "data": { "order": { "__typename": "Order", "id": order_id(BUDI), "number": "SO-2027-budi" } } });
    let user = json!({ "data": { "user": { "__typename": "User", "id": user_id(BUDI), "email": "budi@example.com" } } });
    let operation = asking(false, "anything", &[]);
    let found = |scope, answer| leaks(&ayu(&[scope]), &operation, answer).len();
    assert_eq!(found(Scope::OrdersRead, &order), 0);
    assert_eq!(found(Scope::UsersRead, &user), 0);
    assert_ne!(found(Scope::OrdersRead, &user), 0);
    assert_ne!(found(Scope::UsersRead, &order), 0);
    // A mutation shows the order that it changes to whoever may change it, and to nobody else.
    let payload = json!({ "data": { "shipOrder": { "__typename": "ShipOrderPayload", "order": order["data"]["order"] } } });
    let ship = asking(true, "shipOrder", &[]);
    assert_eq!(leaks(&ayu(&[Scope::OrdersWrite]), &ship, &payload), [""; 0]);
    assert_ne!(leaks(&ayu(&[Scope::StockWrite]), &ship, &payload), [""; 0]);
}

#[test]
fn a_session_is_for_whoever_has_shown_the_secret() {
    let answer = json!({ "data": { "logIn": { "__typename": "LogInPayload", "session": {
        "__typename": "Session", "accessToken": "new",
        "user": { "__typename": "User", "id": user_id(BUDI), "email": "budi@example.com" },
    } } } });
    let log_in = |texts| leaks(&ayu(&[]), &asking(true, "logIn", texts), &answer);
    assert_eq!(log_in(&["budi@example.com", "password of budi"]), [""; 0]);
    assert_ne!(log_in(&["budi@example.com", "password of ayu"]), [""; 0]);
    assert_ne!(log_in(&["ayu@example.com", "password of ayu"]), [""; 0]);
}

#[test]
fn faults_of_the_inside_are_found() {
    let answer =
        json!({ "data": null, "errors": [{ "extensions": { "code": "INTERNAL_SERVER_ERROR" } }] });
    assert_eq!(asked("order", &answer).len(), 1);
}

#[test]
fn that_something_hidden_exists_must_not_show() {
    let id = order_id(BUDI);
    let operation = asking(false, "order", &[&id]);
    let differ = |hidden: &Value, not_there: &dyn Fn(&str) -> Value| {
        judged(&ayu(&[]), &operation, |oracle| {
            let twin = Twin::of(oracle, &mut StdRng::seed_from_u64(1)).unwrap();
            let other = twin.operation.inputs("order").remove(0);
            assert_ne!(other, id);
            twin.difference(oracle, hidden, &not_there(&other))
                .is_some()
        })
    };
    let none = json!({ "data": { "order": null } });
    assert!(!differ(&none, &|_| none.clone()));
    let refused = json!({ "data": { "order": null }, "errors": [{ "message": "Not yours." }] });
    assert!(differ(&refused, &|_| none.clone()));
    // Both repeat the id that they were asked for.
    let repeated =
        |id: &str| json!({ "data": null, "errors": [{ "message": format!("No order {id}.") }] });
    assert!(!differ(&repeated(&id), &repeated));
    // What is one's own has no twin.
    let own = order_id(AYU);
    let operation = asking(false, "order", &[&own]);
    judged(&ayu(&[]), &operation, |oracle| {
        assert!(Twin::of(oracle, &mut StdRng::seed_from_u64(1)).is_none());
    });
}

#[test]
fn a_mutation_that_refuses_the_hidden_otherwise_is_told_apart() {
    let id = order_id(BUDI);
    let operation = asking(true, "cancelOrder", &[&id]);
    let payload = |error: &str| json!({ "data": { "cancelOrder": { "__typename": "P", "order": null, "errors": [{ "__typename": error }] } } });
    judged(&ayu(&[]), &operation, |oracle| {
        let twin = Twin::of(oracle, &mut StdRng::seed_from_u64(1)).unwrap();
        let (not_found, wrong_state) = (payload("NotFound"), payload("WrongState"));
        assert!(twin.difference(oracle, &not_found, &not_found).is_none());
        assert!(twin.difference(oracle, &wrong_state, &not_found).is_some());
    });
}

#[test]
fn an_operation_is_made_smaller_by_one_part_at_a_time() {
    let leaf = |name: &str, kept| {
        Node::Field(Asked {
            name: name.to_owned(),
            alias: None,
            args: Vec::new(),
            selection: Vec::new(),
            kept,
        })
    };
    let mut operation = asking(false, "order", &["x"]);
    if let Node::Field(asked) = &mut operation.roots[0] {
        asked.selection = vec![
            leaf("id", true),
            leaf("number", false),
            leaf("status", false),
        ];
    }
    let smaller: BTreeMap<_, _> = operation
        .smaller()
        .iter()
        .map(|it| (it.to_string(), it.size()))
        .collect();
    let expected = [
        r#"query { order(input: ["x"]) { id number } }"#,
        r#"query { order(input: ["x"]) { id status } }"#,
    ];
    assert_eq!(smaller.keys().collect::<Vec<_>>(), expected);
    assert!(smaller.values().all(|size| *size < operation.size()));
}
