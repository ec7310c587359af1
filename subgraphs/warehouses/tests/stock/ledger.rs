//! The ledger: what it says, that it cannot be changed, and what is computed from it.

use chrono::TimeDelta;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use stockgraph_kit::{
    database::Engine,
    id::{Id, ReservationId, UserId},
    on_both_engines,
};

use crate::graph::{TestGraph, keeper, mutation_text, text};

const HELD: &str = "018f0000-0000-7000-8000-000000000001";

const MOVEMENT: &str = "id kind onHandDelta reservedDelta onHandAfter reservedAfter reason reference occurredAt \
     actor { id } product { id } warehouse { code }";

/// A product with a receipt, an adjustment, a hold and a sale, a minute apart.
pub async fn story(engine: Engine) -> (TestGraph, String, String) {
    let graph = TestGraph::new(engine).await;
    let (jakarta, product) = (graph.warehouse("JKT", 0).await, graph.product());
    let minute = TimeDelta::minutes(1);
    graph.receive(&jakarta, &product, 10).await;
    graph.clock.advance(minute);
    let actor: UserId = graph.ids.next();
    let input = json!({ "input": { "warehouseId": jakarta, "productId": product, "delta": -2, "reason": "broken" } });
    graph
        .answer_to(
            keeper(actor),
            &mutation_text("adjustStock", "stockLevel { id }"),
            input,
        )
        .await;
    graph.clock.advance(minute);
    graph.reserve(HELD, &product, 3).await;
    graph.clock.advance(minute);
    graph
        .mutate(
            "commitReservation",
            "reservation { id }",
            json!({ "id": HELD }),
        )
        .await;
    (graph, product, actor.to_string())
}

/// A statement for SQLite that puts an entry with these keys (id, level, sequence, row) in the place of the sale.
fn replacement(keys: &str) -> String {
    format!(
        "INSERT OR REPLACE INTO stock_movements (id, level_id, sequence, rowid, product_id, warehouse_id, kind, on_hand_delta, \
         reserved_delta, on_hand_after, reserved_after, occurred_at) \
         SELECT {keys}, product_id, warehouse_id, kind, 99, 0, 99, 0, occurred_at FROM stock_movements WHERE kind = 'SALE'"
    )
}

async fn movements(graph: &TestGraph, arguments: &str) -> Value {
    let query = format!(
        "{{ stockMovements({arguments}) {{ nodes {{ {MOVEMENT} }} edges {{ cursor }} pageInfo {{ hasNextPage hasPreviousPage endCursor startCursor }} }} }}"
    );
    let mut data = graph.data(&query, Value::Null).await;
    data["stockMovements"].take()
}

fn kinds(connection: &Value) -> Vec<String> {
    connection["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| text(&node["kind"]))
        .collect()
}

on_both_engines! {
    async fn every_change_is_an_entry_with_what_was_after_it(engine: Engine) {
        let (graph, product, actor) = story(engine).await;
        let ledger = movements(&graph, "first: 10").await;
        assert_eq!(kinds(&ledger), ["SALE", "RESERVATION", "ADJUSTMENT", "RECEIPT"]);
        let numbers: Vec<_> = ledger["nodes"].as_array().unwrap().iter()
            .map(|node| ["onHandDelta", "reservedDelta", "onHandAfter", "reservedAfter"].map(|field| node[field].as_i64().unwrap()))
            .collect();
        assert_eq!(numbers, [[-3, -3, 5, 0], [0, 3, 8, 3], [-2, 0, 8, 0], [10, 0, 10, 0]]);
        let reservation = ReservationId::parse_chosen(HELD).unwrap().to_string();
        assert_eq!(ledger["nodes"][0]["reference"], json!(reservation));
        let adjustment = &ledger["nodes"][2];
        assert_eq!(
            (&adjustment["reason"], &adjustment["actor"]["id"], &adjustment["product"]["id"], &adjustment["warehouse"]["code"]),
            (&json!("broken"), &json!(actor), &json!(product), &json!("JKT"))
        );
        let query = format!("query Test($of: [_Any!]!) {{ _entities(representations: $of) {{ ... on StockMovement {{ {MOVEMENT} }} }} }}");
        let of = json!({ "of": [{ "__typename": "StockMovement", "id": adjustment["id"] }] });
        assert_eq!(graph.data(&query, of).await["_entities"][0], *adjustment);
    }

    async fn the_ledger_is_paged_both_ways(engine: Engine) {
        let (graph, _, _) = story(engine).await;
        let all = movements(&graph, "first: 10").await;
        let first = movements(&graph, "first: 2").await;
        assert_eq!(kinds(&first), ["SALE", "RESERVATION"]);
        assert_eq!(first["pageInfo"]["hasNextPage"], true);
        let after = text(&first["pageInfo"]["endCursor"]);
        let second = movements(&graph, &format!("first: 2, after: \"{after}\"")).await;
        assert_eq!((kinds(&second), &second["pageInfo"]["hasNextPage"]), (vec!["ADJUSTMENT".into(), "RECEIPT".into()], &json!(false)));
        let last = movements(&graph, "last: 3").await;
        assert_eq!((kinds(&last), &last["pageInfo"]["hasPreviousPage"]), (vec!["RESERVATION".into(), "ADJUSTMENT".into(), "RECEIPT".into()], &json!(true)));
        let before = text(&all["edges"][2]["cursor"]);
        let back = movements(&graph, &format!("last: 1, before: \"{before}\"")).await;
        assert_eq!(kinds(&back), ["RESERVATION"]);
        assert_eq!(graph.code("{ stockMovements(first: 101) { nodes { id } } }", Value::Null).await, "BAD_USER_INPUT");
        assert_eq!(graph.code("{ stockMovements(after: \"x\") { nodes { id } } }", Value::Null).await, "BAD_USER_INPUT");
    }

    async fn the_ledger_is_filtered(engine: Engine) {
        let (graph, product, _) = story(engine).await;
        let other = graph.product();
        let surabaya = graph.warehouse("SUB", 1).await;
        graph.receive(&surabaya, &other, 1).await;
        let reservation = ReservationId::parse_chosen(HELD).unwrap();
        let start = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let at = |minutes: i64| (start + TimeDelta::minutes(minutes)).to_rfc3339();
        let table = [
            (format!("productId: \"{other}\""), vec!["RECEIPT"]),
            (format!("warehouseId: \"{surabaya}\""), vec!["RECEIPT"]),
            (format!("productId: \"{product}\", warehouseId: \"{surabaya}\""), vec![]),
            ("kind: RECEIPT".into(), vec!["RECEIPT", "RECEIPT"]),
            (format!("reference: \"{reservation}\""), vec!["SALE", "RESERVATION"]),
            (format!("from: \"{}\", to: \"{}\"", at(1), at(3)), vec!["RESERVATION", "ADJUSTMENT"]),
        ];
        for (filter, expected) in table {
            let found = movements(&graph, &format!("filter: {{ {filter} }}")).await;
            assert_eq!(kinds(&found), expected, "{filter}");
        }
        let wrong = "{ stockMovements(filter: { reference: \"x\" }) { nodes { id } } }";
        assert_eq!(graph.code(wrong, Value::Null).await, "BAD_USER_INPUT");
        let stock = graph.stock_of(&other, "movements(first: 5) { nodes { kind warehouse { code } } }").await;
        assert_eq!(stock["movements"]["nodes"], json!([{ "kind": "RECEIPT", "warehouse": { "code": "SUB" } }]));
    }

    async fn the_past_is_known_from_the_ledger(engine: Engine) {
        let (graph, product, _) = story(engine).await;
        let jakarta_too = graph.warehouse("SUB", 1).await;
        graph.receive(&jakarta_too, &product, 100).await;
        let start = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        for (seconds, expected) in [(-1, 0), (0, 10), (59, 10), (60, 8), (179, 8), (180, 105), (9_999, 105)] {
            let instant = (start + TimeDelta::seconds(seconds)).to_rfc3339();
            let stock = graph.stock_of(&product, &format!("onHandAt(instant: \"{instant}\")")).await;
            assert_eq!(stock["onHandAt"], expected, "after {seconds} s");
        }
    }

    async fn the_database_refuses_to_change_the_ledger(engine: Engine) {
        let (graph, _, _) = story(engine).await;
        let writer = graph.database.database.writer();
        let statements = ["UPDATE stock_movements SET on_hand_delta = 99", "DELETE FROM stock_movements"];
        for statement in statements {
            let error = writer.execute_unprepared(statement).await.unwrap_err();
            assert!(error.to_string().contains("append-only"), "{error}");
        }
        if engine == Engine::Postgres {
            assert!(writer.execute_unprepared("TRUNCATE stock_movements").await.is_err());
        } else {
            for keys in ["id, randomblob(16), 1, -7", "randomblob(16), level_id, sequence, -7", "randomblob(16), randomblob(16), 1, rowid"] {
                let error = writer.execute_unprepared(&replacement(keys)).await.unwrap_err();
                assert!(error.to_string().contains("append-only"), "{keys}: {error}");
            }
        }
        assert_eq!(kinds(&movements(&graph, "first: 10").await).len(), 4);
    }
}
