//! Documents by their ids: registered ones, and those that clients send with their hash.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use std::sync::Arc;
use stockgraph_router::pipeline::{DocumentOptions, Manifest};
use stockgraph_router::serving::routes;
use stockgraph_router::{GraphQLRequest, Router, RouterError, RouterOptions};
use tower::ServiceExt;

use crate::doubles::{Scripted, compose};

const SCHEMA: &str = "type Query { a: Int b: Int }";
fn hash(text: &str) -> String {
    use sha2::Digest;
    hex::encode(sha2::Sha256::digest(text))
}

fn options(manifest: &Value, only: bool) -> RouterOptions {
    RouterOptions {
        documents: DocumentOptions {
            manifest: Manifest::parse(&manifest.to_string()).unwrap(),
            only,
            ..DocumentOptions::default()
        },
        ..RouterOptions::default()
    }
}

fn graph(options: RouterOptions) -> Result<Arc<Router>, RouterError> {
    let double = Scripted::always(json!({"data": {"a": 1, "b": 2}}));
    compose(vec![("only", SCHEMA, double)], options).map(Arc::new)
}

async fn post(router: &Arc<Router>, body: Value) -> Value {
    let request = Request::post("/graphql").header("content-type", "application/json");
    let request = request.body(Body::from(body.to_string())).unwrap();
    let response = routes(Arc::clone(router)).oneshot(request).await.unwrap();
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn by_hash(hash: &str, query: Option<&str>) -> Value {
    let extensions = json!({"persistedQuery": {"version": 1, "sha256Hash": hash}});
    match query {
        Some(query) => json!({"query": query, "extensions": extensions}),
        None => json!({"extensions": extensions}),
    }
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or_default()
}

#[tokio::test]
async fn a_client_sends_a_document_once_and_then_its_hash() {
    let router = graph(RouterOptions::default()).unwrap();
    let hash = hash("{ a }");
    let answer = post(&router, by_hash(&hash, None)).await;
    assert_eq!(answer["errors"][0]["message"], "PersistedQueryNotFound");
    assert_eq!(code(&answer), "PERSISTED_QUERY_NOT_FOUND");
    let data = json!({"data": {"a": 1}});
    assert_eq!(post(&router, by_hash(&hash, Some("{ a }"))).await, data);
    assert_eq!(post(&router, by_hash(&hash, None)).await, data);
    assert_eq!(
        post(&router, json!({"documentId": format!("sha256:{hash}")})).await,
        data
    );
}

#[tokio::test]
async fn a_document_with_the_hash_of_another_is_refused_and_not_kept() {
    let router = graph(RouterOptions::default()).unwrap();
    let hash = hash("{ a }");
    let answer = post(&router, by_hash(&hash, Some("{ b }"))).await;
    assert_eq!(code(&answer), "PERSISTED_QUERY_HASH_MISMATCH");
    assert_eq!(
        code(&post(&router, by_hash(&hash, None)).await),
        "PERSISTED_QUERY_NOT_FOUND"
    );
    let bad = json!({"extensions": {"persistedQuery": {"version": 2, "sha256Hash": hash}}});
    assert_eq!(code(&post(&router, bad).await), "BAD_REQUEST");
}

#[tokio::test]
async fn a_document_that_is_wrong_is_not_kept() {
    let router = graph(RouterOptions::default()).unwrap();
    let hash = hash("{ c }");
    let answer = post(&router, by_hash(&hash, Some("{ c }"))).await;
    assert_eq!(code(&answer), "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(
        code(&post(&router, by_hash(&hash, None)).await),
        "PERSISTED_QUERY_NOT_FOUND"
    );
}

#[tokio::test]
async fn automatic_documents_can_be_switched_off() {
    let mut options = RouterOptions::default();
    options.documents.automatic_bytes = 0;
    let router = graph(options).unwrap();
    let answer = post(&router, by_hash(&hash("{ a }"), Some("{ a }"))).await;
    assert_eq!(answer["errors"][0]["message"], "PersistedQueryNotSupported");
    assert_eq!(code(&answer), "PERSISTED_QUERY_NOT_SUPPORTED");
}

#[tokio::test]
async fn what_automatic_documents_take_is_bounded() {
    let mut options = RouterOptions::default();
    options.documents.automatic_bytes = 250;
    let router = graph(options).unwrap();
    let long = format!("{{ a }} #{}", "x".repeat(300));
    let hash = hash(&long);
    assert_eq!(
        post(&router, by_hash(&hash, Some(&long))).await["data"],
        json!({"a": 1})
    );
    assert_eq!(
        code(&post(&router, by_hash(&hash, None)).await),
        "PERSISTED_QUERY_NOT_FOUND"
    );
}

#[tokio::test]
async fn registered_documents_are_read_in_both_forms() {
    let apollo = json!({"format": "apollo-persisted-query-manifest", "version": 1, "operations": [
        {"id": "first", "name": "A", "type": "query", "body": "query A { a }"}]});
    let plain = json!({"sha256:first": "query A { a }"});
    for manifest in [apollo, plain] {
        let router = graph(options(&manifest, false)).unwrap();
        let data = json!({"data": {"a": 1}});
        for request in [
            json!({"documentId": "first"}),
            json!({"documentId": "first", "operationName": "A"}),
            by_hash("first", None),
            json!({"query": "{ a }"}),
        ] {
            assert_eq!(post(&router, request.clone()).await, data, "{request}");
        }
        let unknown = post(&router, json!({"documentId": "second"})).await;
        assert_eq!(code(&unknown), "PERSISTED_QUERY_NOT_FOUND");
        let both = json!({"documentId": "first", "query": "{ a }"});
        assert_eq!(code(&post(&router, both).await), "BAD_REQUEST");
    }
}

#[tokio::test]
async fn where_only_registered_documents_are_answered_a_client_gets_no_other() {
    let router = graph(options(&json!({"first": "{ a }"}), true)).unwrap();
    let answer = post(&router, json!({"documentId": "first"})).await;
    assert_eq!(answer, json!({"data": {"a": 1}}));
    for (request, expected) in [
        (json!({"query": "{ b }"}), "PERSISTED_QUERY_REQUIRED"),
        (json!({"query": "{ a }"}), "PERSISTED_QUERY_REQUIRED"),
        (
            json!({"query": "{ __typename }"}),
            "PERSISTED_QUERY_REQUIRED",
        ),
        (
            by_hash(&hash("{ b }"), Some("{ b }")),
            "PERSISTED_QUERY_REQUIRED",
        ),
        (by_hash(&hash("{ b }"), None), "PERSISTED_QUERY_NOT_FOUND"),
        (
            by_hash("first", Some("{ b }")),
            "PERSISTED_QUERY_HASH_MISMATCH",
        ),
    ] {
        assert_eq!(
            code(&post(&router, request.clone()).await),
            expected,
            "{request}"
        );
    }
    let own = GraphQLRequest::new("{ b }").of_this_process();
    let refused = GraphQLRequest::new("{ b }");
    for (request, expected) in [(own, "data"), (refused, "errors")] {
        let answer = router.execute(request, &http::HeaderMap::new()).await;
        let answer = answer.to_json();
        assert!(
            answer.get(expected).is_some(),
            "what does not say that it is the process's own is a client's: {answer}"
        );
    }
}

#[tokio::test]
async fn what_is_wrong_with_registered_documents_is_told_when_the_router_is_made() {
    let manifest = json!({"good": "{ a }", "bad": "{ c }", "broken": "{"});
    let Err(error) = graph(options(&manifest, false)) else {
        panic!("two documents are wrong");
    };
    let told = error.to_string();
    assert!(
        told.contains("`bad`: ") && told.contains("`broken`: "),
        "{told}"
    );
    assert!(!told.contains("good"), "{told}");
    for text in [
        "[]",
        "{",
        r#"{"a": 1}"#,
        r#"{"format": "x", "version": 1, "operations": []}"#,
        r#"{"a": "{ a }", "sha256:a": "{ b }"}"#,
    ] {
        assert!(Manifest::parse(text).is_err(), "{text}");
    }
}
