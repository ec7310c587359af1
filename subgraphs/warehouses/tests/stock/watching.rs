//! The subscription.

use futures_util::StreamExt;
use serde_json::{Value, json};
use stockgraph_kit::on_both_engines;

use crate::graph::TestGraph;

on_both_engines! {
    async fn who_watches_sees_the_present_and_then_every_change(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (jakarta, surabaya) = (graph.warehouse("JKT", 0).await, graph.warehouse("SUB", 1).await);
        let (product, other) = (graph.product(), graph.product());
        graph.receive(&jakarta, &product, 5).await;
        let query = format!("subscription {{ stockChanged(productIds: [\"{product}\"]) {{ \
            product {{ id }} onHand available inTransit byWarehouse {{ warehouse {{ code }} }} }} }}");
        let mut watched = graph.watch(&query);
        let mut next = async || {
            let answer = serde_json::to_value(watched.next().await.unwrap()).unwrap();
            assert_eq!(answer["errors"], Value::Null);
            let stock = answer["data"]["stockChanged"].clone();
            assert_eq!(stock["product"]["id"], json!(product));
            ["onHand", "available", "inTransit"].map(|field| stock[field].as_i64().unwrap())
        };
        assert_eq!(next().await, [5, 5, 0]);
        graph.receive(&jakarta, &other, 1).await;
        graph.reserve("018f0000-0000-7000-8000-000000000001", &product, 2).await;
        assert_eq!(next().await, [5, 3, 0]);
        let lines = json!([{ "productId": product, "quantity": 1 }]);
        let input = json!({ "sourceId": jakarta, "destinationId": surabaya, "lines": lines, "inTransit": true });
        graph.mutate("transferStock", "transfer { id }", input).await;
        assert_eq!(next().await, [4, 2, 1]);
        graph.mutate("deactivateWarehouse", "warehouse { id }", json!({ "id": jakarta })).await;
        assert_eq!(next().await, [0, 0, 1]);
    }

    async fn one_to_a_hundred_products_are_watched(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let many: Vec<_> = (0..101).map(|_| format!("\"{}\"", graph.product())).collect();
        for products in ["".to_owned(), many.join(",")] {
            let query = format!("subscription {{ stockChanged(productIds: [{products}]) {{ onHand }} }}");
            let answer = graph.watch(&query).next().await.unwrap();
            let answer = serde_json::to_value(answer).unwrap();
            assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
        }
    }
}
