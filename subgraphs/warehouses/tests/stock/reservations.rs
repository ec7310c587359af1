//! Reservations: holding, selling, giving back, expiring.

use chrono::TimeDelta;
use serde_json::{Value, json};
use stockgraph_kit::on_both_engines;

use crate::graph::{RESERVATION, TestGraph, errors};

const FIRST: &str = "018f0000-0000-7000-8000-000000000001";
const SECOND: &str = "018f0000-0000-7000-8000-000000000002";

async fn end(graph: &TestGraph, mutation: &str, id: &str) -> Value {
    graph
        .mutate(mutation, RESERVATION, json!({ "id": id }))
        .await
}

fn status(payload: &Value) -> &str {
    assert_eq!(payload["errors"], json!([]));
    payload["reservation"]["status"].as_str().unwrap()
}

on_both_engines! {
    async fn a_reservation_is_held_and_then_sold_once(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (jakarta, product) = (graph.warehouse("JKT", 0).await, graph.product());
        graph.receive(&jakarta, &product, 10).await;
        let payload = graph.reserve(FIRST, &product, 4).await;
        assert_eq!(status(&payload), "HELD");
        assert_eq!(payload["reservation"]["lines"], json!([{
            "product": { "id": product }, "quantity": 4, "allocations": [{ "quantity": 4, "warehouse": { "code": "JKT" } }],
        }]));
        assert_eq!(graph.numbers(&product).await, [10, 4, 6]);
        for _ in 0..2 {
            assert_eq!(status(&end(&graph, "commitReservation", FIRST).await), "COMMITTED");
        }
        assert_eq!(graph.numbers(&product).await, [6, 0, 6]);
        let payload = end(&graph, "releaseReservation", FIRST).await;
        assert_eq!((errors(&payload), &payload["errors"][0]["state"]), (vec!["WrongState".into()], &json!("COMMITTED")));
        graph.verify().await;
    }

    async fn many_reservations_are_given_back_with_one_call(engine: Engine) {
        const THIRD: &str = "018f0000-0000-7000-8000-000000000003";
        let graph = TestGraph::new(engine).await;
        let (jakarta, product) = (graph.warehouse("JKT", 0).await, graph.product());
        graph.receive(&jakarta, &product, 10).await;
        for id in [FIRST, SECOND] {
            graph.reserve(id, &product, 4).await;
        }
        end(&graph, "commitReservation", SECOND).await;
        for _ in 0..2 {
            let input = json!({ "ids": [SECOND, FIRST, THIRD, FIRST] });
            let payload = graph.mutate("releaseReservations", "reservations { status }", input).await;
            assert_eq!(payload["errors"], json!([]));
            assert_eq!(payload["reservations"], json!([{ "status": "RELEASED" }, { "status": "COMMITTED" }]));
            assert_eq!(graph.numbers(&product).await, [6, 0, 6]);
        }
        for (ids, field) in [(json!([]), "ids"), (json!(vec![FIRST; 501]), "ids"), (json!([FIRST, "7"]), "ids.1")] {
            let payload = graph.mutate("releaseReservations", "reservations { status }", json!({ "ids": ids })).await;
            assert_eq!(errors(&payload), [format!("InvalidInput {field}")]);
        }
        graph.verify().await;
    }

    async fn a_released_reservation_is_given_back_once_and_its_id_is_used_up(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (jakarta, product) = (graph.warehouse("JKT", 0).await, graph.product());
        graph.receive(&jakarta, &product, 10).await;
        graph.reserve(FIRST, &product, 4).await;
        for _ in 0..2 {
            assert_eq!(status(&end(&graph, "releaseReservation", FIRST).await), "RELEASED");
        }
        assert_eq!(graph.numbers(&product).await, [10, 0, 10]);
        let payload = end(&graph, "commitReservation", FIRST).await;
        assert_eq!(errors(&payload), ["WrongState"]);
        let payload = graph.reserve(FIRST, &product, 4).await;
        assert_eq!((errors(&payload), &payload["reservation"]["status"]), (vec!["WrongState".into()], &json!("RELEASED")));
        assert_eq!(graph.numbers(&product).await, [10, 0, 10]);
        for mutation in ["commitReservation", "releaseReservation"] {
            assert_eq!(errors(&end(&graph, mutation, SECOND).await), ["NotFound"]);
        }
        graph.verify().await;
    }

    async fn the_same_id_and_lines_are_the_same_reservation_and_other_lines_an_error(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (jakarta, product) = (graph.warehouse("JKT", 0).await, graph.product());
        graph.receive(&jakarta, &product, 10).await;
        let first = graph.reserve(FIRST, &product, 4).await;
        graph.clock.advance(TimeDelta::hours(2));
        assert_eq!(graph.reserve(FIRST, &product, 4).await, first);
        let payload = graph.reserve(FIRST, &product, 5).await;
        assert_eq!(errors(&payload), ["WrongState"]);
        assert_eq!((&payload["errors"][0]["state"], &payload["reservation"]), (&json!("HELD"), &Value::Null));
        assert_eq!(graph.numbers(&product).await, [10, 4, 6]);
        end(&graph, "commitReservation", FIRST).await;
        assert_eq!(status(&graph.reserve(FIRST, &product, 4).await), "COMMITTED");
        graph.verify().await;
    }

    async fn all_lines_are_held_or_none_and_each_that_is_short_is_told(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let jakarta = graph.warehouse("JKT", 0).await;
        let products: Vec<_> = (0..3).map(|_| graph.product()).collect();
        graph.receive(&jakarta, &products[0], 5).await;
        graph.receive(&jakarta, &products[1], 1).await;
        let lines: Vec<_> = products.iter().map(|id| json!({ "productId": id, "quantity": 2 })).collect();
        let input = json!({ "id": FIRST, "lines": lines, "expiresAt": graph.after(60) });
        let payload = graph.mutate("reserveStock", RESERVATION, input).await;
        assert_eq!(payload["reservation"], Value::Null);
        let short = |product: &str, available: i32| json!({
            "__typename": "InsufficientStock", "message": format!("2 units were asked for, {available} are available."),
            "requested": 2, "available": available, "product": { "id": product },
        });
        assert_eq!(payload["errors"], json!([short(&products[1], 1), short(&products[2], 0)]));
        assert_eq!(graph.numbers(&products[0]).await, [5, 0, 5]);
        graph.verify().await;
    }

    async fn one_warehouse_that_has_all_gives_before_several_and_then_by_priority(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (near, far) = (graph.warehouse("NEAR", 1).await, graph.warehouse("FAR", 2).await);
        let product = graph.product();
        graph.receive(&near, &product, 3).await;
        graph.receive(&far, &product, 5).await;
        let allocations = |payload: &Value| payload["reservation"]["lines"][0]["allocations"].clone();
        let payload = graph.reserve(FIRST, &product, 4).await;
        assert_eq!(allocations(&payload), json!([{ "quantity": 4, "warehouse": { "code": "FAR" } }]));
        let payload = graph.reserve(SECOND, &product, 4).await;
        let mut split = allocations(&payload);
        split.as_array_mut().unwrap().sort_by_key(|part| part["quantity"].as_i64());
        assert_eq!(split, json!([
            { "quantity": 1, "warehouse": { "code": "FAR" } }, { "quantity": 3, "warehouse": { "code": "NEAR" } },
        ]));
        end(&graph, "commitReservation", SECOND).await;
        graph.verify().await;
    }

    async fn a_hold_takes_as_many_statements_for_sixty_four_lines_as_for_one(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let warehouses = [graph.warehouse("JKT", 0).await, graph.warehouse("SUB", 1).await];
        let products: Vec<_> = (0..64).map(|_| graph.product()).collect();
        let lines = |count: usize, quantity: i32| -> Vec<Value> {
            products[..count].iter().map(|id| json!({ "productId": id, "quantity": quantity })).collect()
        };
        for warehouse in &warehouses {
            let input = json!({ "warehouseId": warehouse, "lines": lines(64, 10) });
            graph.mutate("receiveStock", "stockLevels { id }", input).await;
        }
        let mut counts = Vec::new();
        for (id, count) in [(FIRST, 1), (SECOND, 64)] {
            let input = json!({ "id": id, "lines": lines(count, 6), "expiresAt": graph.after(60) });
            drop(graph.database.take_statements());
            let payload = graph.mutate("reserveStock", "reservation { id }", input).await;
            assert_eq!(payload["errors"], json!([]));
            end(&graph, "commitReservation", id).await;
            counts.push(graph.database.take_statements().len());
        }
        assert_eq!(counts[0], counts[1]);
        graph.verify().await;
    }

    async fn a_hold_that_breaks_a_rule_is_not_made(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let product = graph.product();
        let line = json!({ "productId": product, "quantity": 1 });
        let table = [
            (json!({ "id": "x", "lines": [line], "expiresAt": graph.after(60) }), "InvalidInput id"),
            (json!({ "id": product, "lines": [line], "expiresAt": graph.after(60) }), "InvalidInput id"),
            (json!({ "id": FIRST, "lines": [line], "expiresAt": graph.after(0) }), "InvalidInput expiresAt"),
            (json!({ "id": FIRST, "lines": [], "expiresAt": graph.after(60) }), "InvalidInput lines"),
            (json!({ "id": FIRST, "lines": [line], "expiresAt": graph.after(60), "ownerId": "x" }), "InvalidInput ownerId"),
        ];
        for (input, error) in table {
            let payload = graph.mutate("reserveStock", RESERVATION, input).await;
            assert_eq!(errors(&payload), [error]);
        }
    }

    async fn what_is_held_too_long_is_given_back_in_the_order_of_its_time(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (jakarta, product) = (graph.warehouse("JKT", 0).await, graph.product());
        graph.receive(&jakarta, &product, 10).await;
        for (id, seconds) in [(FIRST, 120), (SECOND, 60)] {
            let lines = json!([{ "productId": product, "quantity": 2 }]);
            let input = json!({ "id": id, "lines": lines, "expiresAt": graph.after(seconds) });
            graph.mutate("reserveStock", RESERVATION, input).await;
        }
        let expire = async |limit: Option<i32>| {
            graph.mutate("expireReservations", "expired { status } hasMore", json!({ "limit": limit })).await
        };
        assert_eq!(expire(None).await, json!({ "expired": [], "hasMore": false }));
        graph.clock.advance(TimeDelta::seconds(120));
        assert_eq!(expire(Some(1)).await, json!({ "expired": [{ "status": "EXPIRED" }], "hasMore": true }));
        let read = "query Test($id: ID!) { stockReservation(id: $id) { status } }";
        let first = graph.data(read, json!({ "id": reservation_id(FIRST) })).await;
        assert_eq!(first["stockReservation"]["status"], "HELD");
        assert_eq!(status(&end(&graph, "commitReservation", FIRST).await), "COMMITTED");
        assert_eq!(expire(Some(5)).await, json!({ "expired": [], "hasMore": false }));
        assert_eq!(graph.numbers(&product).await, [8, 0, 8]);
        let payload = end(&graph, "commitReservation", SECOND).await;
        assert_eq!((errors(&payload), &payload["errors"][0]["state"]), (vec!["WrongState".into()], &json!("EXPIRED")));
        assert_eq!(status(&end(&graph, "releaseReservation", SECOND).await), "EXPIRED");
        let expire = "mutation { expireReservations(input: { limit: 1001 }) { hasMore } }";
        assert_eq!(graph.code(expire, Value::Null).await, "BAD_USER_INPUT");
        graph.verify().await;
    }
}

/// The reservation's id in the graph.
fn reservation_id(uuid: &str) -> String {
    use stockgraph_kit::id::{Id, ReservationId};
    ReservationId::parse_chosen(uuid).unwrap().to_string()
}
