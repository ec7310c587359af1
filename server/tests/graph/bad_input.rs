//! Bad input gets a clear error, and nothing is lost or changed.

use crate::test_graph::{As, TestGraph};
use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use serde_json::{Value, json};
use stockgraph_kit::database::Engine;
use stockgraph_router::serving::Streaming;
use stockgraph_server::routes;
use tower::ServiceExt;

async fn first_error(graph: &TestGraph, query: &str, variables: Value) -> (String, String) {
    let answer = graph.answer(&graph.everything(), query, variables).await;
    let error = &answer["errors"][0];
    let text = |value: &Value| {
        value
            .as_str()
            .unwrap_or_else(|| panic!("{answer:#}"))
            .to_owned()
    };
    (text(&error["extensions"]["code"]), text(&error["message"]))
}

#[tokio::test]
async fn malformed_ids_and_ids_of_the_wrong_kind_are_told() {
    let graph = TestGraph::empty(Engine::Sqlite).await;
    let query = "query ($id: ID!) { product(id: $id) { name } }";
    let (code, message) = first_error(&graph, query, json!({ "id": "42" })).await;
    assert_eq!(code, "BAD_USER_INPUT");
    assert!(message.contains("`42` is not an id"), "{message}");
    let user = "user_01h455vb4pex5vsknk084sn02q";
    let (code, message) = first_error(&graph, query, json!({ "id": user })).await;
    assert_eq!(code, "BAD_USER_INPUT");
    assert!(
        message.contains("is a user id, not a product id"),
        "{message}"
    );
}

#[tokio::test]
async fn ids_and_quantities_in_inputs_are_told_with_their_path() {
    let graph = TestGraph::empty(Engine::Sqlite).await;
    let shelf = graph.shelf(5).await;
    let customer = graph.customer();
    let query = "mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { order { id } errors { __typename ... on InvalidInput { field message } } } }";
    for (product, quantity, field) in [
        ("nonsense", 1, "productId"),
        ("user_01h455vb4pex5vsknk084sn02q", 1, "productId"),
        (shelf.product.as_str(), -1, "quantity"),
        (shelf.product.as_str(), 0, "quantity"),
        (shelf.product.as_str(), 10_001, "quantity"),
    ] {
        let input = json!({ "idempotencyKey": "k", "lines": [{ "productId": product, "quantity": quantity }] });
        let data = graph
            .data(&customer, query, json!({ "input": input }))
            .await;
        let error = &data["placeOrder"]["errors"][0];
        assert_eq!(error["__typename"], "InvalidInput", "{data:#}");
        assert_eq!(error["field"], json!(["lines", "0", field]));
    }
    assert_eq!(graph.stock(&shelf.product).await, (5, 0, 5));
}

#[tokio::test]
async fn unknown_fields_missing_variables_and_foolish_pages_are_told() {
    let graph = TestGraph::empty(Engine::Sqlite).await;
    let (code, message) = first_error(&graph, "{ products { nodes { colour } } }", json!({})).await;
    assert_eq!(code, "GRAPHQL_VALIDATION_FAILED");
    assert!(
        message.contains("colour") && message.contains("Product"),
        "{message}"
    );
    let (code, _) = first_error(&graph, "{ products(", json!({})).await;
    assert_eq!(code, "GRAPHQL_PARSE_FAILED");
    let (code, message) = first_error(
        &graph,
        "query ($id: ID!) { product(id: $id) { name } }",
        json!({}),
    )
    .await;
    assert_eq!(code, "BAD_USER_INPUT");
    assert!(message.contains("$id"), "{message}");
    let (code, message) = first_error(
        &graph,
        "{ products(first: 1000000000) { nodes { name } } }",
        json!({}),
    )
    .await;
    assert_eq!(code, "BAD_USER_INPUT");
    assert!(
        message.contains("`first` must be between 0 and 100"),
        "{message}"
    );
}

#[tokio::test]
async fn rights_are_asked_for_in_the_subgraph() {
    let graph = TestGraph::empty(Engine::Sqlite).await;
    let query = "{ users(first: 1) { nodes { email } } }";
    for (caller, code) in [
        (As::anonymous(), "UNAUTHENTICATED"),
        (graph.customer(), "FORBIDDEN"),
        (As::token("nonsense"), "UNAUTHENTICATED"),
    ] {
        let answer = graph.answer(&caller, query, json!({})).await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], code,
            "{answer:#}"
        );
    }
}

async fn post(graph: &TestGraph, content_type: &str, body: &'static str) -> (StatusCode, Value) {
    let routes = routes::of_router(
        graph.graph.router.clone(),
        graph.foundation.clone(),
        false,
        Streaming::default(),
    );
    let request = Request::post("/graphql")
        .header("content-type", content_type)
        .body(Body::from(body))
        .unwrap();
    let response = routes.oneshot(request).await.unwrap();
    let status = response.status();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

#[tokio::test]
async fn broken_json_and_foreign_content_types_are_refused() {
    let graph = TestGraph::empty(Engine::Sqlite).await;
    let (status, body) = post(&graph, "application/json", "{ \"query\": ").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(body["errors"][0]["message"].is_string(), "{body}");
    let (status, _) = post(&graph, "text/plain", "{ \"query\": \"{ __typename }\" }").await;
    assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let (status, body) = post(
        &graph,
        "application/json",
        "{ \"query\": \"{ __typename }\" }",
    )
    .await;
    assert_eq!(
        (status, body),
        (StatusCode::OK, json!({ "data": { "__typename": "Query" } }))
    );
}
