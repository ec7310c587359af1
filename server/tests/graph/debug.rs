//! How a request was executed, for those who may know.

use http::HeaderValue;
use serde_json::{Value, json};
use stockgraph_kit::database::Engine;
use stockgraph_router::GraphQLRequest;

use crate::test_graph::{As, TestGraph};

const QUERY: &str = "{ productBySku(sku: \"LAPTOP-16GB\") { name stock { available } } }";

async fn ask(graph: &TestGraph, caller: &As, with_header: bool) -> Value {
    let mut headers = caller.headers().clone();
    if with_header {
        headers.insert("stockgraph-debug", HeaderValue::from_static("1"));
    }
    let router = &graph.graph.router;
    let request = GraphQLRequest::new(QUERY);
    router.execute(request, &headers).await.to_json()
}

#[tokio::test]
async fn an_administrator_sees_the_plan_and_how_long_each_fetch_took() {
    let graph = TestGraph::demo(Engine::Sqlite).await;
    let admin = graph.log_in("admin@example.com", "password123").await;
    assert_eq!(ask(&graph, &admin, false).await.get("extensions"), None);
    let answer = ask(&graph, &admin, true).await;
    assert_eq!(answer["data"]["productBySku"]["stock"]["available"], 65);
    let debug = &answer["extensions"]["debug"];
    assert!(debug["plan"].as_str().unwrap().contains("Fetch"), "{debug}");
    let fetches = debug["fetches"].as_array().unwrap();
    let told: Vec<(&str, &Value)> = fetches
        .iter()
        .map(|it| (it["subgraph"].as_str().unwrap(), &it["entities"]))
        .collect();
    assert_eq!(
        told,
        [("products", &Value::Null), ("warehouses", &json!(1))]
    );
    assert!(fetches[1]["startedAfterMicros"].as_u64() >= fetches[0]["durationMicros"].as_u64());
    assert!(debug["cost"].as_u64() > Some(0));
}

#[tokio::test]
async fn others_get_their_answer_and_no_plan() {
    let graph = TestGraph::demo(Engine::Sqlite).await;
    let customer = graph.log_in("user1@example.com", "password123").await;
    let answer = ask(&graph, &customer, true).await;
    assert_eq!(answer["data"]["productBySku"]["stock"]["available"], 65);
    let debug = &answer["extensions"]["debug"];
    assert_eq!(debug.get("plan"), None);
    assert!(debug["error"].is_string(), "{debug}");
}
