//! A router follows the schemas of its subgraphs while it serves.

use std::{fs, process::Command};

use axum::{Json, Router, routing::post};
use serde_json::{Value, json};

use super::identity::{Part, until};

/// A foreign subgraph that answers every operation with everything it knows, and whose schema is the file's.
async fn foreign() -> String {
    let answer = || async { Json(json!({ "data": { "a": 1, "b": 2, "__typename": "Query" } })) };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/graphql", listener.local_addr().unwrap());
    let routes = Router::new().route("/graphql", post(answer));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    url
}

async fn data(router: &Part, query: &str) -> Value {
    router.ask(None, query).await["data"].take()
}

async fn metric(router: &Part, line: &str) -> bool {
    let text = reqwest::get(router.url.replace("/graphql", "/metrics"));
    let text = text.await.unwrap().text().await.unwrap();
    text.lines().any(|it| it == line)
}

#[tokio::test]
async fn a_changed_schema_is_served_and_one_that_does_not_compose_is_not() {
    stockgraph_server::use_ring();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.graphql");
    fs::write(&file, "type Query { a: Int }").unwrap();
    let at = format!("x={}", foreign().await);
    let sdl = format!("x={}", file.display());
    let router = Part::start(
        &["router", "--only", "--subgraph", &at, "--sdl", &sdl],
        &[("STOCKGRAPH_ROUTER__POLL_SECONDS", "0")],
    );
    assert_eq!(data(&router, "{ a }").await, json!({ "a": 1 }));
    assert!(data(&router, "{ b }").await.is_null());

    fs::write(&file, "type Query { a: Int b: Int }").unwrap();
    router.hang_up();
    until(json!({ "b": 2 }), || data(&router, "{ b }")).await;

    fs::write(&file, "type Query { a: Missing }").unwrap();
    router.hang_up();
    let refused = "stockgraph_graph_reloads_total{outcome=\"refused\"} 1";
    until(true, || metric(&router, refused)).await;
    assert_eq!(data(&router, "{ a b }").await, json!({ "a": 1, "b": 2 }));
}

#[tokio::test]
async fn a_change_is_noticed_without_being_told() {
    stockgraph_server::use_ring();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("supergraph.graphql");
    let url = foreign().await;
    let compose = |sdl: &str| {
        fs::write(folder.path().join("x.graphql"), sdl).unwrap();
        let composed = Command::new(env!("CARGO_BIN_EXE_stockgraph"))
            .current_dir(folder.path())
            .args(["compose", "x=x.graphql", "--url", &format!("x={url}")])
            .arg("--output")
            .arg(&file)
            .status();
        assert!(composed.unwrap().success());
    };
    compose("type Query { a: Int }");
    let router = Part::start(
        &["router", "--supergraph", &file.display().to_string()],
        &[("STOCKGRAPH_ROUTER__POLL_SECONDS", "1")],
    );
    assert!(data(&router, "{ b }").await.is_null());
    compose("type Query { b: Int }");
    until(json!({ "b": 2 }), || data(&router, "{ b }")).await;
}
