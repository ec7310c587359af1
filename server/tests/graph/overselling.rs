//! It never oversells.

use std::sync::Arc;

use crate::test_graph::TestGraph;
use futures_util::future::join_all;
use stockgraph_kit::database::Engine;

async fn fifty_buyers_of_ten_units_make_ten_orders(engine: Engine) {
    let graph = Arc::new(TestGraph::empty(engine).await);
    let shelf = Arc::new(graph.shelf(10).await);
    let buyers = (0..50).map(|_| {
        let (graph, shelf) = (Arc::clone(&graph), Arc::clone(&shelf));
        tokio::spawn(async move {
            graph
                .place(&graph.customer(), "checkout", &[(&shelf.product, 1)])
                .await
        })
    });
    let (mut placed, mut short) = (0, 0);
    for payload in join_all(buyers).await {
        let payload = payload.unwrap();
        match payload["errors"][0]["__typename"].as_str() {
            None => placed += 1,
            Some("InsufficientStock") => short += 1,
            Some(other) => panic!("{other}"),
        }
    }
    assert_eq!((placed, short), (10, 40));
    assert_eq!(graph.stock(&shelf.product).await, (10, 10, 0));
    graph.assert_verified().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_buyers_of_ten_units_make_ten_orders_on_sqlite() {
    fifty_buyers_of_ten_units_make_ten_orders(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_buyers_of_ten_units_make_ten_orders_on_postgres() {
    fifty_buyers_of_ten_units_make_ten_orders(Engine::Postgres).await;
}
