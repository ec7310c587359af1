//! Sold goods that come back.

use serde_json::{Value, json};
use stockgraph_kit::{database::Engine, on_both_engines};

use crate::graph::{TestGraph, errors};

const SOLD: &str = "018f0000-0000-7000-8000-000000000001";

/// Eight units sold: three from JKT, five from SUB.
async fn sold(engine: Engine) -> (TestGraph, String, [String; 2]) {
    let graph = TestGraph::new(engine).await;
    let jakarta = graph.warehouse("JKT", 0).await;
    let surabaya = graph.warehouse("SUB", 1).await;
    let product = graph.product();
    graph.receive(&jakarta, &product, 3).await;
    graph.receive(&surabaya, &product, 5).await;
    graph.reserve(SOLD, &product, 8).await;
    graph
        .mutate(
            "commitReservation",
            "reservation { id }",
            json!({ "id": SOLD }),
        )
        .await;
    (graph, product, [jakarta, surabaya])
}

async fn restock(
    graph: &TestGraph,
    number: u8,
    product: &str,
    quantity: i32,
    warehouse: Option<&str>,
) -> Value {
    let input = json!({
        "id": format!("018f0000-0000-7000-8000-0000000001{number:02}"),
        "reservationId": SOLD,
        "lines": [{ "productId": product, "quantity": quantity }],
        "warehouseId": warehouse,
        "reason": "too large",
    });
    graph
        .mutate(
            "restock",
            "stockLevels { onHand warehouse { code } }",
            input,
        )
        .await
}

async fn by_warehouse(graph: &TestGraph, product: &str) -> Value {
    let stock = graph.stock_of(product, "byWarehouse { onHand }").await;
    stock["byWarehouse"].clone()
}

on_both_engines! {
    async fn goods_go_back_to_where_they_came_from_once_and_never_more_than_were_sold(engine: Engine) {
        let (graph, product, _) = sold(engine).await;
        let first = restock(&graph, 1, &product, 4, None).await;
        assert_eq!(first["errors"], json!([]));
        assert_eq!(restock(&graph, 1, &product, 4, None).await, first);
        assert_eq!(graph.numbers(&product).await, [4, 0, 4]);
        let payload = restock(&graph, 1, &product, 3, None).await;
        assert_eq!(errors(&payload), ["InvalidInput id"]);
        let payload = restock(&graph, 2, &product, 5, None).await;
        assert_eq!(errors(&payload), ["InvalidInput lines.0.quantity"]);
        restock(&graph, 3, &product, 4, None).await;
        assert_eq!(by_warehouse(&graph, &product).await, json!([{ "onHand": 3 }, { "onHand": 5 }]));
        let payload = restock(&graph, 4, &product, 1, None).await;
        assert_eq!(errors(&payload), ["InvalidInput lines.0.quantity"]);
        graph.verify().await;
    }

    async fn goods_can_go_to_another_warehouse(engine: Engine) {
        let (graph, product, _) = sold(engine).await;
        let bandung = graph.warehouse("BDO", 2).await;
        let payload = restock(&graph, 1, &product, 8, Some(&bandung)).await;
        assert_eq!(payload["stockLevels"], json!([{ "onHand": 8, "warehouse": { "code": "BDO" } }]));
        assert_eq!(by_warehouse(&graph, &product).await, json!([{ "onHand": 0 }, { "onHand": 0 }, { "onHand": 8 }]));
        graph.verify().await;
    }

    async fn only_what_was_sold_comes_back(engine: Engine) {
        let (graph, product, _) = sold(engine).await;
        let payload = restock(&graph, 1, &graph.product(), 1, None).await;
        assert_eq!(errors(&payload), ["InvalidInput lines.0.quantity"]);
        let payload = restock(&graph, 1, &product, 1, Some("warehouse_01h455vb4pex5vsknk084sn02q")).await;
        assert_eq!(errors(&payload), ["NotFound"]);
        let lines = json!([{ "productId": product, "quantity": 1 }]);
        let other = "018f0000-0000-7000-8000-000000000002";
        let input = json!({ "id": other, "reservationId": other, "lines": lines });
        let payload = graph.mutate("restock", "stockLevels { id }", input.clone()).await;
        assert_eq!(errors(&payload), ["NotFound"]);
        restock(&graph, 1, &product, 1, None).await;
        graph.reserve(other, &product, 1).await;
        let payload = graph.mutate("restock", "stockLevels { id }", input).await;
        assert_eq!((errors(&payload), &payload["errors"][0]["state"]), (vec!["WrongState".into()], &json!("HELD")));
        graph.verify().await;
    }
}
