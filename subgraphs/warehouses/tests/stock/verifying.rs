//! What verification finds, and how it goes about it.

use sea_orm::{ConnectionTrait, DatabaseConnection};
use serde_json::{Value, json};
use stockgraph_kit::{
    database::Engine,
    id::{Id, ReservationId},
    on_both_engines,
};
use stockgraph_warehouses::{domain::level::LevelId, service::verify::Report};

use crate::{
    graph::{TestGraph, text},
    ledger::story,
};

async fn report(graph: &TestGraph) -> Report {
    graph.stock().verify(|_| ()).await.unwrap()
}

/// The rules that are broken.
async fn broken(graph: &TestGraph) -> Vec<&'static str> {
    let checks = report(graph).await.checks.into_iter();
    checks
        .filter(|check| check.wrong > 0)
        .map(|check| check.rule)
        .collect()
}

/// What breaks rules, what puts it right, and the rules.
type Breach = (&'static str, &'static str, &'static [&'static str]);

async fn assert_found(graph: &TestGraph, breaches: &[Breach]) {
    let writer = graph.database.database.writer();
    for (change, back, rules) in breaches {
        assert_eq!(broken(graph).await, [""; 0], "before {change}");
        change_rows(writer, change).await;
        assert_eq!(broken(graph).await, *rules, "{change}");
        change_rows(writer, back).await;
    }
}

async fn change_rows(writer: &DatabaseConnection, change: &str) {
    let changed = writer.execute_unprepared(change).await.unwrap();
    assert!(changed.rows_affected() > 0, "{change}");
}

/// What makes a UUID.
const fn new_uuid(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "randomblob(16)",
        Engine::Postgres => "gen_random_uuid()",
    }
}

/// A shop with a sale of five, of which two came back, and a transfer of three that has arrived.
async fn moved(engine: Engine) -> TestGraph {
    let graph = TestGraph::new(engine).await;
    let (jakarta, surabaya) = (
        graph.warehouse("JKT", 0).await,
        graph.warehouse("SUB", 1).await,
    );
    let product = graph.product();
    graph.receive(&jakarta, &product, 10).await;
    for (id, quantity) in [(SOLD, 5), (GIVEN_BACK, 1)] {
        graph.reserve(id, &product, quantity).await;
    }
    let sale = json!({ "id": SOLD });
    graph
        .mutate("commitReservation", "reservation { id }", sale)
        .await;
    let release = json!({ "id": GIVEN_BACK });
    graph
        .mutate("releaseReservation", "reservation { id }", release)
        .await;
    let lines = |quantity: i32| json!([{ "productId": product, "quantity": quantity }]);
    let back = json!({ "id": RESTOCK, "reservationId": SOLD, "lines": lines(2) });
    graph.mutate("restock", "stockLevels { id }", back).await;
    let route = json!({ "sourceId": jakarta, "destinationId": surabaya, "lines": lines(3) });
    graph
        .mutate("transferStock", "transfer { id }", route)
        .await;
    graph
}

const SOLD: &str = "018f0000-0000-7000-8000-000000000001";
const GIVEN_BACK: &str = "018f0000-0000-7000-8000-000000000002";
const RESTOCK: &str = "018f0000-0000-7000-8000-000000000101";

on_both_engines! {
    async fn verification_finds_what_breaks_a_rule(engine: Engine) {
        let (graph, product, _) = story(engine).await;
        graph.reserve(GIVEN_BACK, &product, 2).await;
        assert_found(&graph, &STOCK_BREACHES).await;
        // An entry too many, of a sale that nobody made.
        let id = new_uuid(engine);
        let forged = format!(
            "INSERT INTO stock_movements SELECT {id}, level_id, 9, product_id, warehouse_id, kind, -1, 0, 1, 0, NULL, {id}, NULL, \
             occurred_at FROM stock_movements WHERE kind = 'SALE'"
        );
        change_rows(graph.database.database.writer(), &forged).await;
        assert_eq!(broken(&graph).await, [SUMS, CHAIN, KINDS, CAUSES]);
    }

    async fn verification_finds_what_is_wrong_with_returns_and_transfers(engine: Engine) {
        let graph = moved(engine).await;
        assert_found(&graph, &GOODS_BREACHES).await;
        let writer = graph.database.database.writer();
        change_rows(writer, "UPDATE reservations SET status = 'EXPIRED' WHERE status = 'COMMITTED'").await;
        assert_eq!(broken(&graph).await, [ONCE, RETURNS]);
        change_rows(writer, "UPDATE reservations SET status = 'COMMITTED' WHERE status = 'EXPIRED'").await;
        let id = new_uuid(engine);
        change_rows(writer, &format!("INSERT INTO restocks SELECT {id}, reservation_id, digest, created_at FROM restocks")).await;
        assert_eq!(broken(&graph).await, [PUT_BACK]);
        change_rows(writer, "DELETE FROM restocks").await;
        assert_eq!(broken(&graph).await, [CAUSES, RETURNS]);
        change_rows(writer, "DELETE FROM transfer_lines").await;
        let report = report(&graph).await;
        let causes = report.checks.iter().find(|check| check.rule == CAUSES).unwrap();
        assert_eq!(causes.wrong, 3, "a return, and both sides of a transfer");
        assert!(causes.violations.iter().all(|violation| violation.subject.starts_with("movement_")));
    }

    async fn what_breaks_a_rule_is_named_as_everybody_knows_it(engine: Engine) {
        let (graph, _, _) = story(engine).await;
        let levels = graph.data("{ stockMovements(first: 1) { nodes { reference } } }", Value::Null).await;
        let sold = text(&levels["stockMovements"]["nodes"][0]["reference"]);
        assert!(ReservationId::parse(&sold).is_ok());
        let writer = graph.database.database.writer();
        change_rows(writer, "UPDATE stock_levels SET on_hand = 8").await;
        change_rows(writer, "UPDATE reservation_allocations SET returned = 2").await;
        let report = report(&graph).await;
        let found: Vec<_> = report.checks.iter().flat_map(|check| &check.violations).collect();
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(LevelId::parse(&found[0].subject).is_ok(), "{found:?}");
        assert_eq!(found[0].detail, "on_hand 8, on_hand_by_ledger 5, reserved 0, reserved_by_ledger 0, sequence 4, entries 4");
        assert_eq!((found[1].subject.as_str(), found[1].detail.as_str()), (sold.as_str(), "sold 3, returned 2, returned_by_ledger 0"));
    }

    async fn verification_sees_one_state_while_the_shop_is_open(engine: Engine) {
        let (graph, product, _) = story(engine).await;
        let warehouse = graph.warehouse("SUB", 1).await;
        let trade = async {
            for number in 100..130 {
                let id = format!("018f0000-0000-7000-8000-000000000{number}");
                graph.receive(&warehouse, &product, 1).await;
                graph.reserve(&id, &product, 1).await;
                graph.mutate("commitReservation", "reservation { id }", json!({ "id": id })).await;
            }
        };
        let watch = async {
            for _ in 0..8 {
                graph.verify().await;
            }
        };
        futures_util::future::join(trade, watch).await;
        graph.verify().await;
    }

    async fn every_row_is_checked_once_slice_by_slice_and_the_first_violations_are_listed(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        graph.warehouse("JKT", 0).await;
        let writer = graph.database.database.writer();
        let id = new_uuid(engine);
        // Whole slices and one row more.
        let levels = format!(
            "INSERT INTO stock_levels (id, product_id, warehouse_id, on_hand, reserved, safety_stock, low_stock_threshold, sequence, \
               updated_at) \
             WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20001) \
             SELECT {id}, {id}, id, 2, 1, 0, 0, 0, updated_at FROM numbers CROSS JOIN warehouses"
        );
        change_rows(writer, &levels).await;
        let mut seen = Vec::new();
        let report = graph.stock().verify(|progress| seen.push((progress.done, progress.total))).await.unwrap();
        let wrong: Vec<_> = report.checks.iter().map(|check| (check.rule, check.rows, check.wrong)).filter(|check| check.2 > 0).collect();
        assert_eq!(wrong, [(SUMS, 20_001, 20_001), (HOLDS, 20_001, 20_001)]);
        assert_eq!(report.checks.iter().map(|check| check.violations.len()).max(), Some(20));
        assert!(seen.is_sorted() && seen.contains(&(30_001, 60_003)), "{seen:?}");
        assert_eq!(seen.last(), Some(&(60_003, 60_003)));
    }
}

const SUMS: &str = "The sums of a level's entries in the ledger are the level";
const HOLDS: &str = "What is reserved of a level is what held reservations have of it";
const CHAIN: &str = "Each entry of the ledger follows from the one before it";
const KINDS: &str = "Each entry of the ledger moves what its kind moves";
const NAMES: &str = "Each entry of the ledger names its level's product and warehouse";
const CAUSES: &str = "The ledger names no reservation, transfer or return that is not there";
const ONCE: &str = "A reservation is held once and then sold, released or expired once";
const WHOLE: &str = "Every line of a reservation is allocated whole";
const LINES: &str =
    "Nothing is allocated but a line of its reservation, and every reservation has one";
const RETURNS: &str = "What comes back is on the ledger, and no more than was sold";
const PUT_BACK: &str = "A return has put something back";
const TRANSFERS: &str =
    "A transfer leaves its source once, and arrives once where it was closed to";

/// In the [`story`], with a hold of two besides.
const STOCK_BREACHES: [Breach; 7] = [
    (
        "UPDATE stock_levels SET on_hand = on_hand + 1",
        "UPDATE stock_levels SET on_hand = on_hand - 1",
        &[SUMS],
    ),
    (
        "UPDATE reservation_allocations SET quantity = quantity + 1",
        "UPDATE reservation_allocations SET quantity = quantity - 1",
        &[HOLDS, ONCE, WHOLE],
    ),
    (
        "UPDATE reservations SET status = 'RELEASED' WHERE status = 'COMMITTED'",
        "UPDATE reservations SET status = 'COMMITTED' WHERE status = 'RELEASED'",
        &[ONCE],
    ),
    (
        "UPDATE reservation_lines SET quantity = quantity + 1",
        "UPDATE reservation_lines SET quantity = quantity - 1",
        &[WHOLE],
    ),
    (
        "UPDATE reservation_allocations SET returned = 1",
        "UPDATE reservation_allocations SET returned = 0",
        &[RETURNS],
    ),
    (
        "DELETE FROM reservation_lines WHERE quantity = 2",
        "INSERT INTO reservation_lines SELECT reservation_id, (SELECT product_id FROM stock_levels), 0, quantity \
         FROM reservation_allocations WHERE quantity = 2",
        &[LINES],
    ),
    (
        "UPDATE stock_levels SET product_id = warehouse_id",
        "UPDATE stock_levels SET product_id = (SELECT product_id FROM reservation_lines LIMIT 1)",
        &[NAMES, WHOLE, LINES],
    ),
];

/// In what [`moved`].
const GOODS_BREACHES: [Breach; 5] = [
    (
        "UPDATE transfers SET status = 'IN_TRANSIT', closed_at = NULL",
        "UPDATE transfers SET status = 'RECEIVED', closed_at = created_at",
        &[TRANSFERS],
    ),
    // Received at the destination, and not back at the source.
    (
        "UPDATE transfers SET status = 'CANCELLED'",
        "UPDATE transfers SET status = 'RECEIVED'",
        &[TRANSFERS],
    ),
    (
        "UPDATE transfers SET source_id = destination_id, destination_id = source_id",
        "UPDATE transfers SET source_id = destination_id, destination_id = source_id",
        &[TRANSFERS],
    ),
    (
        "UPDATE transfer_lines SET quantity = quantity + 1",
        "UPDATE transfer_lines SET quantity = quantity - 1",
        &[TRANSFERS],
    ),
    // What came back, came back of another reservation.
    (
        "UPDATE restocks SET reservation_id = (SELECT id FROM reservations WHERE status = 'RELEASED')",
        "UPDATE restocks SET reservation_id = (SELECT id FROM reservations WHERE status = 'COMMITTED')",
        &[RETURNS],
    ),
];
