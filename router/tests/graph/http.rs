//! GraphQL over HTTP: which request gets which status and which type.

use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};
use stockgraph_router::serving::routes;
use stockgraph_router::{Router, RouterOptions};
use tower::ServiceExt;

use crate::shop::{shop, shop_with_options};

/// No test here changes anything, so that all may share it.
static SHOP: LazyLock<Arc<Router>> = LazyLock::new(|| Arc::new(shop()));

const JSON: (&str, &str) = ("content-type", "application/json");
const NEW: (&str, &str) = ("accept", "application/graphql-response+json");
const SAFE: (&str, &str) = ("graphql-require-preflight", "1");

async fn send(
    method: &str,
    uri: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> (StatusCode, String, Value) {
    send_to(&SHOP, method, uri, headers, body).await
}

async fn send_to(
    router: &Arc<Router>,
    method: &str,
    uri: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> (StatusCode, String, Value) {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(body.into()).unwrap();
    let response: Response<Body> = routes(Arc::clone(router)).oneshot(request).await.unwrap();
    let status = response.status();
    let media = response.headers()["content-type"]
        .to_str()
        .unwrap()
        .to_owned();
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
    (status, media, serde_json::from_slice(&bytes).unwrap())
}

fn code(body: &Value) -> &str {
    body["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or_default()
}

#[tokio::test]
async fn a_post_is_answered_as_the_client_accepts_it() {
    let query = r#"{"query":"{ carriers }","variables":null,"operationName":null}"#;
    let data = json!({"data": {"carriers": ["sea", "air"]}});
    let (status, media, body) = send("POST", "/graphql", &[JSON], query).await;
    assert_eq!(
        (status, media.as_str()),
        (StatusCode::OK, "application/json; charset=utf-8")
    );
    assert_eq!(body, data);
    let (status, media, body) = send("POST", "/graphql", &[JSON, NEW], query).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(media, "application/graphql-response+json; charset=utf-8");
    assert_eq!(body, data);
    let html = ("accept", "text/html");
    let (status, _, body) = send("POST", "/graphql", &[JSON, html], query).await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::NOT_ACCEPTABLE, "BAD_REQUEST")
    );
}

#[tokio::test]
async fn a_refused_operation_is_400_only_in_the_newer_type() {
    for (query, expected) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        (
            "{ product(id: $undefined) { name } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "query ($v: ID!) { product(id: $v) { name } }",
            "BAD_USER_INPUT",
        ),
        (
            "query A { carriers } query B { carriers }",
            "OPERATION_RESOLUTION_FAILURE",
        ),
    ] {
        let body = json!({"query": query}).to_string();
        let (status, _, answer) = send("POST", "/graphql", &[JSON], body.clone()).await;
        assert_eq!((status, code(&answer)), (StatusCode::OK, expected));
        let (status, _, answer) = send("POST", "/graphql", &[JSON, NEW], body).await;
        assert_eq!((status, code(&answer)), (StatusCode::BAD_REQUEST, expected));
        assert_eq!(answer.get("data"), None);
    }
}

#[tokio::test]
async fn bodies_that_are_no_requests_are_refused_with_the_reason() {
    let mut told = String::new();
    for body in [
        "",
        "{",
        "null",
        "\u{feff}{\"query\":\"{ carriers }\"}",
        "{}",
        "{\"query\":1}",
        "{\"query\":\"{ carriers }\",\"operationName\":1}",
        "{\"query\":\"{ carriers }\",\"variables\":[]}",
        "{\"query\":\"{ carriers }\",\"extensions\":1}",
    ] {
        let (status, _, answer) = send("POST", "/graphql", &[JSON], body).await;
        assert_eq!(
            (status, code(&answer)),
            (StatusCode::BAD_REQUEST, "BAD_REQUEST"),
            "{body}"
        );
        told += &format!(
            "{body:50} {}\n",
            answer["errors"][0]["message"].as_str().unwrap()
        );
    }
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn only_json_is_taken() {
    let query = r#"{"query":"{ carriers }"}"#;
    for media in [
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
    ] {
        let (status, _, body) = send("POST", "/graphql", &[("content-type", media)], query).await;
        assert_eq!(
            (status, code(&body)),
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, "BAD_REQUEST")
        );
    }
    let (status, _, _) = send("POST", "/graphql", &[], query).await;
    assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let latin = ("content-type", "application/json; charset=iso-8859-1");
    let (status, _, _) = send("POST", "/graphql", &[latin], query).await;
    assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let twice = [JSON, ("content-type", "text/plain")];
    let (status, _, _) = send("POST", "/graphql", &twice, query).await;
    assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let charset = ("content-type", "application/json; charset=utf-8");
    let (status, _, _) = send("POST", "/graphql", &[charset], query).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_413() {
    let query = json!({"query": "{ carriers }", "extensions": {"x": "y".repeat(1024 * 1024)}});
    let (status, _, body) = send("POST", "/graphql", &[JSON], query.to_string()).await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::PAYLOAD_TOO_LARGE, "BODY_BYTES_LIMIT_EXCEEDED")
    );
}

#[tokio::test]
async fn a_get_needs_a_header_that_pages_cannot_send_unasked() {
    let uri = "/graphql?query=%7B%20carriers%20%7D";
    let (status, _, body) = send("GET", uri, &[], "").await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::BAD_REQUEST, "BAD_REQUEST")
    );
    for header in [
        SAFE,
        JSON,
        ("x-requested-with", "x"),
        ("apollo-require-preflight", "x"),
    ] {
        let (status, _, body) = send("GET", uri, &[header], "").await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(body, json!({"data": {"carriers": ["sea", "air"]}}));
    }
}

#[tokio::test]
async fn a_get_reads_its_parameters_and_changes_nothing() {
    let uri = "/graphql?query=query+A(%24id:ID!)%7Bproduct(id:%24id)%7Bname%7D%7D&variables=%7B%22id%22:%221%22%7D&operationName=A";
    let (status, _, body) = send("GET", uri, &[SAFE], "").await;
    assert_eq!(
        (status, body),
        (
            StatusCode::OK,
            json!({"data": {"product": {"name": "Lamp"}}})
        )
    );
    let (status, _, body) = send(
        "GET",
        "/graphql?query=mutation%7Badd(number:1)%7D",
        &[SAFE],
        "",
    )
    .await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED")
    );
    for bad in [
        "/graphql",
        "/graphql?query=%7Ba%7D&variables=%7B",
        "/graphql?query=%7Ba%7D&query=%7Bb%7D",
    ] {
        let (status, _, body) = send("GET", bad, &[SAFE], "").await;
        assert_eq!(
            (status, code(&body)),
            (StatusCode::BAD_REQUEST, "BAD_REQUEST"),
            "{bad}"
        );
    }
}

#[tokio::test]
async fn several_requests_in_one_are_refused_unless_they_are_switched_on() {
    let two =
        json!([{"query": "{ carriers }"}, {"query": "{ nothing }"}, {"query": 1}]).to_string();
    let (status, _, body) = send("POST", "/graphql", &[JSON], two.clone()).await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::BAD_REQUEST, "BATCH_REFUSED")
    );
    let options = RouterOptions {
        batch: Some(3),
        ..RouterOptions::default()
    };
    let router = Arc::new(shop_with_options(options));
    let (status, _, body) = send_to(&router, "POST", "/graphql", &[JSON], two).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(body[0], json!({"data": {"carriers": ["sea", "air"]}}));
    assert_eq!(
        body[1]["errors"][0]["extensions"]["code"],
        "GRAPHQL_VALIDATION_FAILED"
    );
    assert_eq!(body[2]["errors"][0]["extensions"]["code"], "BAD_REQUEST");
    let four = json!([1, 2, 3, 4]).to_string();
    let (status, _, body) = send_to(&router, "POST", "/graphql", &[JSON], four).await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::BAD_REQUEST, "BATCH_REFUSED")
    );
    assert_eq!(body["errors"][0]["extensions"]["maximum"], 3);
    let (status, _, body) = send_to(&router, "POST", "/graphql", &[JSON], "[]").await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::BAD_REQUEST, "BAD_REQUEST")
    );
}

#[tokio::test]
async fn where_introspection_is_off_neither_it_nor_an_error_tells_the_schema() {
    let options = RouterOptions {
        introspection: false,
        ..RouterOptions::default()
    };
    let router = Arc::new(shop_with_options(options));
    for query in [
        "{ __schema { types { name } } }",
        "{ carriers a: __type(name: \"Product\") { name } }",
        "{ ...F } fragment F on Query { ... { __schema { types { name } } } }",
    ] {
        let body = json!({"query": query}).to_string();
        let (_, _, answer) = send_to(&router, "POST", "/graphql", &[JSON], body).await;
        assert_eq!(code(&answer), "INTROSPECTION_DISABLED", "{query}");
        assert_eq!(answer.get("data"), None);
    }
    for query in [
        "{ carrier }",
        "{ product(id: 1) }",
        "{ product(idd: 1) { name } }",
    ] {
        let body = json!({"query": query}).to_string();
        let (_, _, answer) = send_to(&router, "POST", "/graphql", &[JSON], body).await;
        assert_eq!(code(&answer), "GRAPHQL_VALIDATION_FAILED", "{query}");
        assert!(!answer.to_string().contains("Did you mean"), "{answer}");
    }
    let body = json!({"query": "{ __typename carriers }"}).to_string();
    let (_, _, answer) = send_to(&router, "POST", "/graphql", &[JSON], body).await;
    assert_eq!(answer["data"]["__typename"], "Query");
}

#[tokio::test]
async fn what_is_between_routers_and_subgraphs_no_client_reaches() {
    for query in [
        "{ _service { sdl } }",
        "{ _entities(representations: []) { __typename } }",
        "query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }",
        "{ __type(name: \"_Any\") { name } }",
    ] {
        let body = json!({"query": query, "variables": {"r": []}}).to_string();
        let (_, _, answer) = send("POST", "/graphql", &[JSON], body).await;
        let is_unknown = answer == json!({"data": {"__type": null}});
        assert!(
            is_unknown || code(&answer) == "GRAPHQL_VALIDATION_FAILED",
            "{answer}"
        );
    }
}

#[tokio::test]
async fn answers_are_kept_by_no_cache_and_sniffed_by_no_browser() {
    let request = Request::post("/graphql").header(JSON.0, JSON.1);
    let request = request
        .body(Body::from(r#"{"query":"{ carriers }"}"#))
        .unwrap();
    let response = routes(Arc::clone(&SHOP)).oneshot(request).await.unwrap();
    for (name, value) in [
        ("cache-control", "no-store"),
        ("vary", "accept"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(response.headers()[name], value);
    }
    assert!(!response.headers().contains_key("server"));
}

#[tokio::test]
async fn a_method_that_is_refused_tells_those_that_are_not() {
    for (method, uri, allow) in [
        ("PUT", "/graphql", "GET, POST"),
        ("GET", "/graphql?query=mutation%7Badd(number:1)%7D", "POST"),
    ] {
        let request = Request::builder()
            .method(method)
            .uri(uri)
            .header(SAFE.0, SAFE.1);
        let response = routes(Arc::clone(&SHOP))
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(response.headers()["allow"], allow);
    }
}

#[tokio::test]
async fn a_get_asks_for_a_document_by_its_hash() {
    let text = "{ carriers }";
    let hash = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(text));
    let extensions =
        format!("%7B%22persistedQuery%22:%7B%22version%22:1,%22sha256Hash%22:%22{hash}%22%7D%7D");
    let by_hash = format!("/graphql?extensions={extensions}");
    let data = json!({"data": {"carriers": ["sea", "air"]}});
    // A router of its own, which knows no document yet.
    let router = Arc::new(shop());
    let (_, _, body) = send_to(&router, "GET", &by_hash, &[SAFE], "").await;
    assert_eq!(code(&body), "PERSISTED_QUERY_NOT_FOUND");
    let with_text = format!("{by_hash}&query=%7B%20carriers%20%7D");
    let (_, _, body) = send_to(&router, "GET", &with_text, &[SAFE], "").await;
    assert_eq!(body, data);
    let by_id = format!("/graphql?documentId=sha256:{hash}");
    for uri in [by_hash, by_id] {
        let (status, _, body) = send_to(&router, "GET", &uri, &[SAFE, NEW], "").await;
        assert_eq!((status, body), (StatusCode::OK, data.clone()));
    }
}

#[tokio::test]
async fn other_methods_are_405() {
    for method in ["PUT", "DELETE", "PATCH"] {
        let (status, _, body) = send(method, "/graphql", &[JSON], "{}").await;
        assert_eq!(
            (status, code(&body)),
            (StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED")
        );
    }
}
