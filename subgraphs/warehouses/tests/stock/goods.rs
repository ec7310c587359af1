//! Receiving, adjusting, and the policy of a level.

use serde_json::json;
use stockgraph_kit::on_both_engines;

use crate::graph::{TestGraph, errors};

const NOWHERE: &str = "warehouse_01h455vb4pex5vsknk084sn02q";

on_both_engines! {
    async fn what_comes_in_is_on_hand_and_on_the_ledger(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let jakarta = graph.warehouse("JKT", 0).await;
        let products: Vec<_> = (0..100).map(|_| graph.product()).collect();
        let lines: Vec<_> = (1..).zip(&products).map(|(quantity, id)| json!({ "productId": id, "quantity": quantity })).collect();
        let input = json!({ "warehouseId": jakarta, "lines": lines, "reason": "first delivery" });
        let payload = graph.mutate("receiveStock", "stockLevels { onHand product { id } warehouse { code } }", input.clone()).await;
        let levels = payload["stockLevels"].as_array().unwrap();
        assert_eq!(levels.len(), 100);
        for ((expected, product), level) in (1..).zip(&products).zip(levels) {
            assert_eq!((&level["onHand"], &level["product"]["id"]), (&json!(expected), &json!(product)));
        }
        graph.mutate("receiveStock", "stockLevels { id }", input).await;
        assert_eq!(graph.numbers(&products[99]).await, [200, 0, 200]);
        graph.verify().await;
    }

    async fn a_receipt_with_a_key_is_booked_once(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (jakarta, product) = (graph.warehouse("JKT", 0).await, graph.product());
        let input = |quantity: i32| json!({
            "warehouseId": jakarta,
            "lines": [{ "productId": product, "quantity": quantity }],
            "idempotencyKey": "delivery 17",
        });
        for _ in 0..2 {
            let payload = graph.mutate("receiveStock", "stockLevels { onHand }", input(5)).await;
            assert_eq!(payload["stockLevels"], json!([{ "onHand": 5 }]));
        }
        let payload = graph.mutate("receiveStock", "stockLevels { onHand }", input(6)).await;
        assert_eq!(errors(&payload), ["InvalidInput idempotencyKey"]);
        assert_eq!(graph.numbers(&product).await, [5, 0, 5]);
        graph.verify().await;
    }

    async fn a_receipt_that_breaks_a_rule_books_nothing(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (jakarta, product) = (graph.warehouse("JKT", 0).await, graph.product());
        let table = [
            (json!([]), vec!["InvalidInput lines"]),
            (json!([{ "productId": product, "quantity": 0 }]), vec!["InvalidInput lines.0.quantity"]),
            (json!([{ "productId": product, "quantity": 1_000_001 }]), vec!["InvalidInput lines.0.quantity"]),
            (
                json!([{ "productId": product, "quantity": 1 }, { "productId": product, "quantity": 1 }]),
                vec!["InvalidInput lines.1.productId"],
            ),
            (
                json!([{ "productId": "x", "quantity": 1 }, { "productId": jakarta, "quantity": 1 }]),
                vec!["InvalidInput lines.0.productId", "InvalidInput lines.1.productId"],
            ),
        ];
        for (lines, expected) in table {
            let input = json!({ "warehouseId": jakarta, "lines": lines });
            let payload = graph.mutate("receiveStock", "stockLevels { id }", input).await;
            assert_eq!(errors(&payload), expected);
        }
        let lines = json!([{ "productId": product, "quantity": 1 }]);
        let payload = graph.mutate("receiveStock", "stockLevels { id }", json!({ "warehouseId": NOWHERE, "lines": lines })).await;
        assert_eq!(errors(&payload), ["NotFound"]);
        assert_eq!(graph.numbers(&product).await, [0, 0, 0]);
    }

    async fn stock_is_corrected_but_never_below_what_is_reserved(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (jakarta, product) = (graph.warehouse("JKT", 0).await, graph.product());
        graph.receive(&jakarta, &product, 10).await;
        graph.reserve("018f0000-0000-7000-8000-000000000001", &product, 4).await;
        let adjust = |delta: i32| json!({ "warehouseId": jakarta, "productId": product, "delta": delta, "reason": "count" });
        let payload = graph.mutate("adjustStock", "stockLevel { onHand }", adjust(-7)).await;
        assert_eq!(errors(&payload), ["InsufficientStock"]);
        assert_eq!(
            (&payload["errors"][0]["requested"], &payload["errors"][0]["available"], &payload["errors"][0]["product"]["id"]),
            (&json!(7), &json!(6), &json!(product))
        );
        let payload = graph.mutate("adjustStock", "stockLevel { onHand reserved }", adjust(-6)).await;
        assert_eq!(payload["stockLevel"], json!({ "onHand": 4, "reserved": 4 }));
        let payload = graph.mutate("adjustStock", "stockLevel { onHand }", adjust(3)).await;
        assert_eq!(payload["stockLevel"], json!({ "onHand": 7 }));
        for delta in [0, 1_000_001, i32::MIN] {
            let payload = graph.mutate("adjustStock", "stockLevel { onHand }", adjust(delta)).await;
            assert_eq!(errors(&payload), ["InvalidInput delta"]);
        }
        graph.verify().await;
    }

    async fn an_adjustment_with_a_key_is_booked_once_and_needs_a_reason_and_a_warehouse(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (jakarta, product) = (graph.warehouse("JKT", 0).await, graph.product());
        let input = |delta: i32, reason: &str, warehouse: &str| json!({
            "warehouseId": warehouse, "productId": product, "delta": delta, "reason": reason, "idempotencyKey": "count 1",
        });
        for _ in 0..2 {
            let payload = graph.mutate("adjustStock", "stockLevel { onHand }", input(5, "found", &jakarta)).await;
            assert_eq!(payload["stockLevel"]["onHand"], 5);
        }
        let payload = graph.mutate("adjustStock", "stockLevel { onHand }", input(6, "found", &jakarta)).await;
        assert_eq!(errors(&payload), ["InvalidInput idempotencyKey"]);
        let payload = graph.mutate("adjustStock", "stockLevel { onHand }", input(6, " ", &jakarta)).await;
        assert_eq!(errors(&payload), ["InvalidInput reason"]);
        let payload = graph.mutate("adjustStock", "stockLevel { onHand }", input(6, "found", NOWHERE)).await;
        assert_eq!(errors(&payload), ["NotFound"]);
        graph.verify().await;
    }

    async fn a_level_cannot_have_more_than_its_bound(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (jakarta, product) = (graph.warehouse("JKT", 0).await, graph.product());
        let sql = "UPDATE stock_levels SET on_hand = 999999999";
        graph.receive(&jakarta, &product, 1).await;
        sea_orm::ConnectionTrait::execute_unprepared(graph.database.database.writer(), sql).await.unwrap();
        let lines = json!([{ "productId": product, "quantity": 2 }]);
        let payload = graph.mutate("receiveStock", "stockLevels { id }", json!({ "warehouseId": jakarta, "lines": lines })).await;
        assert_eq!(errors(&payload), ["InvalidInput lines.0.quantity"]);
        let input = json!({ "warehouseId": jakarta, "productId": product, "delta": 2, "reason": "x" });
        let payload = graph.mutate("adjustStock", "stockLevel { id }", input).await;
        assert_eq!(errors(&payload), ["InvalidInput delta"]);
    }

    async fn safety_stock_is_kept_back_from_sale(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (jakarta, product) = (graph.warehouse("JKT", 0).await, graph.product());
        let policy = |units: i32| json!({ "warehouseId": jakarta, "productId": product, "safetyStock": units });
        let payload = graph.mutate("setStockPolicy", "stockLevel { onHand safetyStock lowStockThreshold }", policy(3)).await;
        assert_eq!(payload["stockLevel"], json!({ "onHand": 0, "safetyStock": 3, "lowStockThreshold": 0 }));
        graph.receive(&jakarta, &product, 10).await;
        assert_eq!(graph.numbers(&product).await, [10, 0, 7]);
        let payload = graph.reserve("018f0000-0000-7000-8000-000000000001", &product, 8).await;
        assert_eq!(errors(&payload), ["InsufficientStock"]);
        let payload = graph.mutate("setStockPolicy", "stockLevel { available }", policy(20)).await;
        assert_eq!(payload["stockLevel"], json!({ "available": 0 }));
        let payload = graph.mutate("setStockPolicy", "stockLevel { id }", policy(-1)).await;
        assert_eq!(errors(&payload), ["InvalidInput safetyStock"]);
        let nowhere = json!({ "warehouseId": NOWHERE, "productId": product, "safetyStock": 1 });
        let payload = graph.mutate("setStockPolicy", "stockLevel { id }", nowhere).await;
        assert_eq!(errors(&payload), ["NotFound"]);
        graph.verify().await;
    }
}
