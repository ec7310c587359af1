//! Transfers between warehouses.

use serde_json::{Value, json};
use stockgraph_kit::{database::Engine, on_both_engines};

use crate::graph::{TestGraph, errors, text};

const TRANSFER: &str = "transfer { id status closedAt source { code } destination { code } \
     lines { quantity product { id } } }";

struct Route {
    graph: TestGraph,
    source: String,
    destination: String,
    product: String,
}

impl Route {
    async fn new(engine: Engine) -> Self {
        let graph = TestGraph::new(engine).await;
        let source = graph.warehouse("JKT", 0).await;
        let destination = graph.warehouse("SUB", 1).await;
        let product = graph.product();
        graph.receive(&source, &product, 10).await;
        Self {
            graph,
            source,
            destination,
            product,
        }
    }

    async fn transfer(&self, quantity: i32, in_transit: bool, key: Option<&str>) -> Value {
        let input = json!({
            "sourceId": self.source,
            "destinationId": self.destination,
            "lines": [{ "productId": self.product, "quantity": quantity }],
            "inTransit": in_transit,
            "idempotencyKey": key,
        });
        self.graph.mutate("transferStock", TRANSFER, input).await
    }

    async fn close(&self, mutation: &str, id: &str) -> Value {
        self.graph
            .mutate(mutation, TRANSFER, json!({ "id": id }))
            .await
    }

    /// On hand at the source and at the destination, and in transit.
    async fn numbers(&self) -> Value {
        let stock = self
            .graph
            .stock_of(
                &self.product,
                "inTransit byWarehouse { onHand warehouse { code } }",
            )
            .await;
        let at = |code: &str| {
            let levels = stock["byWarehouse"].as_array().unwrap();
            levels
                .iter()
                .find(|level| level["warehouse"]["code"] == code)
                .map_or(Value::Null, |level| level["onHand"].clone())
        };
        json!([at("JKT"), at("SUB"), stock["inTransit"]])
    }
}

on_both_engines! {
    async fn a_transfer_at_once_moves_both_sides(engine: Engine) {
        let route = Route::new(engine).await;
        let payload = route.transfer(4, false, None).await;
        assert_eq!(payload["errors"], json!([]));
        assert_eq!(payload["transfer"]["status"], "RECEIVED");
        assert!(payload["transfer"]["closedAt"].is_string());
        assert_eq!(payload["transfer"]["lines"], json!([{ "quantity": 4, "product": { "id": route.product } }]));
        assert_eq!(route.numbers().await, json!([6, 4, 0]));
        route.graph.verify().await;
    }

    async fn a_transfer_in_transit_is_nowhere_until_it_is_received(engine: Engine) {
        let route = Route::new(engine).await;
        let payload = route.transfer(4, true, None).await;
        let id = text(&payload["transfer"]["id"]);
        assert_eq!(payload["transfer"]["status"], "IN_TRANSIT");
        assert_eq!(route.numbers().await, json!([6, null, 4]));
        route.graph.verify().await;
        for _ in 0..2 {
            let payload = route.close("receiveTransfer", &id).await;
            assert_eq!((&payload["transfer"]["status"], &payload["errors"]), (&json!("RECEIVED"), &json!([])));
        }
        assert_eq!(route.numbers().await, json!([6, 4, 0]));
        let payload = route.close("cancelTransfer", &id).await;
        assert_eq!((errors(&payload), &payload["errors"][0]["state"]), (vec!["WrongState".into()], &json!("RECEIVED")));
        let query = "query Test($id: ID!) { stockTransfer(id: $id) { id status } }";
        let read = route.graph.data(query, json!({ "id": id })).await;
        assert_eq!(read["stockTransfer"], json!({ "id": id, "status": "RECEIVED" }));
        route.graph.verify().await;
    }

    async fn a_cancelled_transfer_is_back_at_its_source(engine: Engine) {
        let route = Route::new(engine).await;
        let id = text(&route.transfer(10, true, None).await["transfer"]["id"]);
        for _ in 0..2 {
            let payload = route.close("cancelTransfer", &id).await;
            assert_eq!((&payload["transfer"]["status"], &payload["errors"]), (&json!("CANCELLED"), &json!([])));
        }
        assert_eq!(route.numbers().await, json!([10, null, 0]));
        let payload = route.close("receiveTransfer", &id).await;
        assert_eq!(errors(&payload), ["WrongState"]);
        let payload = route.close("receiveTransfer", "transfer_01h455vb4pex5vsknk084sn02q").await;
        assert_eq!(errors(&payload), ["NotFound"]);
        route.graph.verify().await;
    }

    async fn a_transfer_with_a_key_is_the_same_transfer(engine: Engine) {
        let route = Route::new(engine).await;
        let first = route.transfer(4, true, Some("truck 9")).await;
        let second = route.transfer(4, true, Some("truck 9")).await;
        assert_eq!(first, second);
        let other = route.transfer(5, true, Some("truck 9")).await;
        assert_eq!(errors(&other), ["InvalidInput idempotencyKey"]);
        assert_eq!(route.numbers().await, json!([6, null, 4]));
        route.graph.verify().await;
    }

    async fn what_is_reserved_or_not_there_cannot_be_moved(engine: Engine) {
        let route = Route::new(engine).await;
        route.graph.reserve("018f0000-0000-7000-8000-000000000001", &route.product, 7).await;
        let payload = route.transfer(4, false, None).await;
        assert_eq!((errors(&payload), &payload["errors"][0]["available"]), (vec!["InsufficientStock".into()], &json!(3)));
        let lines = json!([{ "productId": route.product, "quantity": 1 }]);
        let input = json!({ "sourceId": route.source, "destinationId": route.source, "lines": lines });
        let payload = route.graph.mutate("transferStock", TRANSFER, input).await;
        assert_eq!(errors(&payload), ["InvalidInput destinationId"]);
        let input = json!({ "sourceId": route.source, "destinationId": "warehouse_01h455vb4pex5vsknk084sn02q", "lines": lines });
        let payload = route.graph.mutate("transferStock", TRANSFER, input).await;
        assert_eq!(errors(&payload), ["NotFound"]);
        let input = json!({ "sourceId": route.destination, "destinationId": route.source, "lines": lines });
        let payload = route.graph.mutate("transferStock", TRANSFER, input).await;
        assert_eq!((errors(&payload), &payload["errors"][0]["available"]), (vec!["InsufficientStock".into()], &json!(0)));
        assert_eq!(route.numbers().await, json!([10, null, 0]));
        route.graph.verify().await;
    }
}
