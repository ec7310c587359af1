//! The way of a unit: received, moved, held, sold, given back.

use crate::test_graph::{As, TestGraph};
use chrono::TimeDelta;
use serde_json::json;
use stockgraph_kit::on_both_engines;

on_both_engines! {
    async fn stock_in_an_inactive_warehouse_is_not_available(engine: Engine) {
        let graph = TestGraph::empty(engine).await;
        let shelf = graph.shelf(7).await;
        assert_eq!(graph.stock(&shelf.product).await, (7, 0, 7));
        let staff = graph.everything();
        let warehouse = json!({ "id": shelf.warehouse });
        let off = graph.done(&staff, "deactivateWarehouse", "warehouse { status }", warehouse.clone()).await;
        assert_eq!(off["warehouse"]["status"], "INACTIVE");
        assert_eq!(graph.stock(&shelf.product).await, (0, 0, 0));
        let refused = graph.place(&graph.customer(), "k", &[(&shelf.product, 1)]).await;
        assert_eq!(refused["errors"][0]["__typename"], "InsufficientStock");
        graph.done(&staff, "activateWarehouse", "warehouse { status }", warehouse).await;
        assert_eq!(graph.stock(&shelf.product).await, (7, 0, 7));
        graph.assert_verified().await;
    }

    async fn a_transfer_moves_stock_between_warehouses(engine: Engine) {
        let graph = TestGraph::empty(engine).await;
        let shelf = graph.shelf(7).await;
        let other = graph.warehouse("W2", 1).await;
        let input = json!({
            "sourceId": shelf.warehouse, "destinationId": other,
            "lines": [{ "productId": shelf.product, "quantity": 3 }],
        });
        graph.done(&graph.everything(), "transferStock", "transfer { status }", input).await;
        let query = "query ($id: ID!) { product(id: $id) { stock { byWarehouse { warehouse { code } onHand } } } }";
        let data = graph.data(&As::anonymous(), query, json!({ "id": shelf.product })).await;
        assert_eq!(
            data["product"]["stock"]["byWarehouse"],
            json!([
                { "warehouse": { "code": "W1" }, "onHand": 4 },
                { "warehouse": { "code": "W2" }, "onHand": 3 },
            ])
        );
        graph.assert_verified().await;
    }

    async fn an_order_holds_stock_and_its_payment_takes_it_off_hand(engine: Engine) {
        let graph = TestGraph::empty(engine).await;
        let shelf = graph.shelf(7).await;
        let placed = graph.place(&graph.customer(), "k", &[(&shelf.product, 2)]).await;
        assert_eq!(placed["order"]["status"], "PENDING_PAYMENT");
        assert_eq!(placed["order"]["total"], json!({ "amount": "2000.00", "currency": "IDR" }));
        assert_eq!(graph.stock(&shelf.product).await, (7, 2, 5));
        let paid = graph.pay(&placed["order"], "p1").await;
        assert_eq!(paid["order"]["status"], "PAID");
        assert_eq!(graph.stock(&shelf.product).await, (5, 0, 5));
        graph.assert_verified().await;
    }

    async fn an_unpaid_order_gives_its_stock_back_after_the_payment_timeout(engine: Engine) {
        let graph = TestGraph::empty(engine).await;
        let shelf = graph.shelf(7).await;
        let customer = graph.customer();
        let placed = graph.place(&customer, "k", &[(&shelf.product, 2)]).await;
        let timeout = TimeDelta::seconds(graph.config.orders.payment_timeout_seconds.into());
        graph.pass(timeout - TimeDelta::seconds(1)).await;
        assert_eq!(graph.stock(&shelf.product).await, (7, 2, 5));
        graph.pass(TimeDelta::seconds(1)).await;
        assert_eq!(graph.stock(&shelf.product).await, (7, 0, 7));
        let query = "query ($id: ID!) { order(id: $id) { status reservation { status } timeline { kind } } }";
        let data = graph.data(&customer, query, json!({ "id": placed["order"]["id"] })).await;
        assert_eq!(
            data["order"],
            json!({
                "status": "EXPIRED",
                "reservation": { "status": "RELEASED" },
                "timeline": [{ "kind": "PLACED" }, { "kind": "EXPIRED" }],
            })
        );
        graph.assert_verified().await;
    }

    async fn a_cancelled_order_gives_its_stock_back_paid_or_not(engine: Engine) {
        let graph = TestGraph::empty(engine).await;
        let shelf = graph.shelf(7).await;
        let customer = graph.customer();
        for (key, paid) in [("unpaid", false), ("paid", true)] {
            let placed = graph.place(&customer, key, &[(&shelf.product, 2)]).await;
            if paid {
                graph.pay(&placed["order"], "p").await;
                assert_eq!(graph.stock(&shelf.product).await, (5, 0, 5));
            }
            let input = json!({ "id": placed["order"]["id"] });
            let cancelled = graph.done(&customer, "cancelOrder", "order { status refundDue { amount } }", input).await;
            assert_eq!(cancelled["order"]["status"], "CANCELLED");
            let due = if paid { json!({ "amount": "2000.00" }) } else { json!(null) };
            assert_eq!(cancelled["order"]["refundDue"], due);
            assert_eq!(graph.stock(&shelf.product).await, (7, 0, 7));
        }
        graph.assert_verified().await;
    }

    async fn goods_that_come_back_go_to_the_warehouse_that_is_named(engine: Engine) {
        let graph = TestGraph::empty(engine).await;
        let shelf = graph.shelf(7).await;
        let other = graph.warehouse("W2", 1).await;
        let staff = graph.everything();
        let placed = graph.place(&graph.customer(), "k", &[(&shelf.product, 3)]).await;
        let order = &placed["order"];
        graph.pay(order, "p").await;
        graph.done(&staff, "shipOrder", "order { status }", json!({ "id": order["id"] })).await;
        let delivered = graph.done(&staff, "deliverOrder", "order { lines { id } }", json!({ "id": order["id"] })).await;
        for (id, warehouse) in [(1, json!(null)), (2, json!(other))] {
            let input = json!({
                "id": uuid::Uuid::from_u128(id).to_string(), "orderId": order["id"], "warehouseId": warehouse,
                "lines": [{ "orderLineId": delivered["order"]["lines"][0]["id"], "quantity": 1 }],
            });
            graph.done(&staff, "returnOrder", "order { status }", input).await;
        }
        let query = "query ($id: ID!) { product(id: $id) { stock { byWarehouse { warehouse { code } onHand } } } }";
        let data = graph.data(&As::anonymous(), query, json!({ "id": shelf.product })).await;
        assert_eq!(
            data["product"]["stock"]["byWarehouse"],
            json!([
                { "warehouse": { "code": "W1" }, "onHand": 5 },
                { "warehouse": { "code": "W2" }, "onHand": 1 },
            ])
        );
        graph.assert_verified().await;
    }

    async fn what_is_wrong_with_several_lines_is_told_together(engine: Engine) {
        let graph = TestGraph::empty(engine).await;
        let shelf = graph.shelf(7).await;
        let other = graph.product("SKU-2", "10").await;
        let input = json!({ "idempotencyKey": "k", "lines": [
            { "productId": shelf.product, "quantity": 8 },
            { "productId": other, "quantity": 1, "expectedUnitPrice": { "amount": "9", "currency": "IDR" } },
        ] });
        let placed = graph.payload(&graph.customer(), "placeOrder", "order { id }", input).await;
        let kinds: Vec<_> = placed["errors"].as_array().unwrap().iter().map(|error| error["__typename"].clone()).collect();
        assert_eq!(kinds, ["PriceChanged", "InsufficientStock", "InsufficientStock"]);
        assert_eq!(graph.stock(&shelf.product).await, (7, 0, 7));
    }
}
