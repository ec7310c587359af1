//! Every subgraph over HTTP refuses what was made to hurt it, before async-graphql sees it.

use std::time::{Duration, Instant};

use axum::{
    Router,
    body::{Body, to_bytes},
};
use http::{Request, StatusCode};
use serde_json::{Value, json};
use stockgraph_kit::{database::Engine, serve};
use stockgraph_server::{config::Secret, parts};
use tower::ServiceExt;

use crate::test_graph::TestGraph;

const SECRET: &str = "a secret that another router has, long enough";
const JSON: (&str, &str) = ("content-type", "application/json");
const ROUTER: (&str, &str) = ("stockgraph-router-token", SECRET);

/// All four subgraphs over HTTP.
struct Subgraphs {
    _test: TestGraph,
    routes: [(&'static str, Router); 4],
}

impl Subgraphs {
    async fn new(introspection: bool) -> Self {
        let mut test = TestGraph::empty(Engine::Sqlite).await;
        test.config.auth.router_secrets = vec![Secret::new(SECRET)];
        test.config.subgraphs.introspection = introspection;
        let gate = parts::gate(&test.config, &test.foundation);
        let graph = &test.graph;
        let routes = [
            ("users", serve::routes(graph.users.clone(), gate.clone())),
            (
                "products",
                serve::routes(graph.products.clone(), gate.clone()),
            ),
            (
                "warehouses",
                serve::routes(graph.warehouses.clone(), gate.clone()),
            ),
            ("orders", serve::routes(graph.orders.clone(), gate)),
        ];
        Self {
            _test: test,
            routes,
        }
    }
}

async fn send(routes: &Router, headers: &[(&str, &str)], body: String) -> (StatusCode, Value) {
    let mut request = Request::post("/graphql");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body)).unwrap();
    let response = routes.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let body = to_bytes(response.into_body(), 1 << 22).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

async fn ask(routes: &Router, body: Value) -> (StatusCode, Value) {
    send(routes, &[JSON], body.to_string()).await
}

fn code(body: &Value) -> &str {
    body["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or_default()
}

/// Fragments of which each spreads the next twice.
pub fn bomb(n: usize) -> String {
    let mut query = String::from("{ ...F0 }");
    for i in 0..n {
        query += &format!(" fragment F{i} on Query {{ ...F{0} ...F{0} }}", i + 1);
    }
    query + &format!(" fragment F{n} on Query {{ __typename }}")
}

#[tokio::test]
async fn a_fragment_bomb_is_refused_at_once() {
    for (name, routes) in &Subgraphs::new(false).await.routes {
        for n in [24, 30, 100, 499] {
            let start = Instant::now();
            let (status, body) = ask(routes, json!({ "query": bomb(n) })).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{name}");
            assert!(code(&body).ends_with("_LIMIT_EXCEEDED"), "{name}: {body}");
            // Without the guard 30 of them take a minute.
            assert!(
                start.elapsed() < Duration::from_secs(2),
                "{:?}",
                start.elapsed()
            );
        }
    }
}

#[tokio::test]
async fn what_is_too_large_is_refused_by_what_it_has_too_much_of() {
    let repeated = |part: &str, n: usize| format!("{{ {} }}", part.repeat(n));
    let aliases: String = (0..1_000).map(|i| format!("a{i}:__typename ")).collect();
    let variables: String = (0..201).map(|i| format!("$v{i}: Int ")).collect();
    let fragments: String = (0..501)
        .map(|i| format!("fragment F{i} on Query {{ __typename }} "))
        .collect();
    let deep_input = format!("{}1{}", "[".repeat(21), "]".repeat(21));
    let deep_variable = (0..21).fold(json!(1), |inner, _| json!({ "a": inner }));
    let subgraphs = Subgraphs::new(false).await;
    for (query, variables, limit) in [
        (repeated("ping ", 200_000), json!({}), "DOCUMENT_BYTES"),
        (repeated("a ", 20_000), json!({}), "TOKENS"),
        (
            format!("{}a{}", "{ a ".repeat(40), "}".repeat(40)),
            json!({}),
            "DEPTH",
        ),
        (format!("{}a", "{ a ".repeat(9_000)), json!({}), "DEPTH"),
        (format!("{{ {aliases} }}"), json!({}), "ALIASES"),
        (repeated("a ", 201), json!({}), "ROOT_FIELDS"),
        (
            format!("{{ a {} }}", "@a".repeat(4_900)),
            json!({}),
            "DIRECTIVES",
        ),
        (format!("{{ a }} {fragments}"), json!({}), "FRAGMENTS"),
        (
            format!("{{ a {{ {} }} }}", "b ".repeat(4_000)),
            json!({}),
            "COMPARISONS",
        ),
        (
            format!("query ({variables}) {{ a }}"),
            json!({}),
            "VARIABLES",
        ),
        (
            format!("{{ a(b: [{}]) }}", "1,".repeat(1_001)),
            json!({}),
            "LIST_ITEMS",
        ),
        (
            format!("{{ a(b: {deep_input}) }}"),
            json!({}),
            "INPUT_DEPTH",
        ),
        (
            format!("{{ a(b: \"{}\") }}", "x".repeat(65_537)),
            json!({}),
            "STRING_BYTES",
        ),
        (
            "{ a }".to_owned(),
            json!({ "v": vec![1; 1_001] }),
            "LIST_ITEMS",
        ),
        (
            "{ a }".to_owned(),
            json!({ "v": deep_variable }),
            "INPUT_DEPTH",
        ),
        (
            "{ a }".to_owned(),
            json!({ "v": vec![vec![1; 1_000]; 11] }),
            "INPUT_VALUES",
        ),
        (
            "{ a }".to_owned(),
            json!({ "v": "x".repeat(65_537) }),
            "STRING_BYTES",
        ),
    ] {
        for (name, routes) in &subgraphs.routes {
            let body = json!({ "query": query, "variables": variables });
            let (status, body) = ask(routes, body).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{name}");
            assert_eq!(
                code(&body),
                format!("{limit}_LIMIT_EXCEEDED"),
                "{name}: {query:.60}"
            );
            assert!(
                body["errors"][0]["extensions"]["maximum"].is_u64(),
                "{body}"
            );
            assert!(body["data"].is_null());
        }
    }
}

#[tokio::test]
async fn fragments_in_circles_and_what_is_no_graphql_are_refused_with_a_code() {
    for (name, routes) in &Subgraphs::new(false).await.routes {
        let circle = "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }";
        for (query, expected) in [
            (circle, "GRAPHQL_VALIDATION_FAILED"),
            ("{ broken", "GRAPHQL_PARSE_FAILED"),
            ("", "GRAPHQL_PARSE_FAILED"),
        ] {
            let (status, body) = ask(routes, json!({ "query": query })).await;
            let found = (status, code(&body));
            assert_eq!(
                found,
                (StatusCode::BAD_REQUEST, expected),
                "{name}: {query}"
            );
        }
    }
}

#[tokio::test]
async fn forms_texts_and_arrays_are_refused() {
    let query = json!({ "query": "{ __typename }" });
    for (name, routes) in &Subgraphs::new(false).await.routes {
        for media in [
            "text/plain",
            "text/plain; application/json",
            "multipart/form-data; boundary=x",
            "application/x-www-form-urlencoded",
        ] {
            let headers = [("content-type", media)];
            let (status, _) = send(routes, &headers, query.to_string()).await;
            assert_eq!(
                status,
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "{name}: {media}"
            );
        }
        let (status, _) = send(routes, &[], query.to_string()).await;
        assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{name}");
        let (status, body) = ask(routes, json!([query])).await;
        assert!(
            status.is_client_error() && body["data"].is_null(),
            "{name}: {body}"
        );
        let (status, body) = ask(routes, query.clone()).await;
        assert_eq!(
            (status, &body["data"]["__typename"]),
            (StatusCode::OK, &json!("Query"))
        );
    }
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_413() {
    for (name, routes) in &Subgraphs::new(false).await.routes {
        let body = json!({ "query": "{ __typename }", "extensions": { "x": "y".repeat(5 << 20) } });
        let (status, _) = ask(routes, body).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{name}");
    }
}

#[tokio::test]
async fn the_schema_is_for_routers_unless_it_is_opened() {
    let queries = [
        "{ __schema { types { name } } }",
        "{ a: __type(name: \"Query\") { name } }",
        "{ ...F } fragment F on Query { __schema { types { name } } }",
    ];
    for (name, routes) in &Subgraphs::new(false).await.routes {
        for query in queries {
            let (status, body) = ask(routes, json!({ "query": query })).await;
            let found = (status, code(&body));
            assert_eq!(
                found,
                (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED"),
                "{name}"
            );
            let query = json!({ "query": query }).to_string();
            let (status, body) = send(routes, &[JSON, ROUTER], query).await;
            assert_eq!(status, StatusCode::OK, "{name}: {body}");
            assert!(body["data"].is_object(), "{body}");
        }
        let (_, body) = ask(routes, json!({ "query": "{ __typenam }" })).await;
        let told = body["errors"][0]["message"].as_str().unwrap();
        assert!(
            told.contains("__typenam") && !told.contains("Did you mean"),
            "{told}"
        );
    }
    for (name, routes) in &Subgraphs::new(true).await.routes {
        let (status, body) = ask(routes, json!({ "query": queries[0] })).await;
        assert!(
            status.is_success() && body["data"].is_object(),
            "{name}: {body}"
        );
    }
}

#[tokio::test]
async fn introspection_in_circles_is_refused_where_the_schema_is_open_and_undeclared_variables_everywhere()
 {
    let circle = "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }";
    let undeclared = "{ __type(name: $name) { name } }";
    for (name, routes) in &Subgraphs::new(true).await.routes {
        let (status, body) = ask(routes, json!({ "query": circle })).await;
        let found = (status, code(&body));
        let expected = (StatusCode::BAD_REQUEST, "INTROSPECTION_LIMIT_EXCEEDED");
        assert_eq!(found, expected, "{name}");
        let (_, body) = ask(routes, json!({ "query": undeclared })).await;
        assert!(
            body["data"].is_null() && !body["errors"].is_null(),
            "{name}: {body}"
        );
    }
}

#[tokio::test]
async fn a_page_of_a_billion_is_refused_by_the_subgraph_itself() {
    let subgraphs = Subgraphs::new(false).await;
    let [_, (_, products), ..] = &subgraphs.routes;
    for argument in ["first: 1000000000", "last: 1000000000", "first: -1"] {
        let query = format!("{{ products({argument}) {{ nodes {{ id }} }} }}");
        let (_, body) = ask(products, json!({ "query": query })).await;
        assert_eq!(code(&body), "BAD_USER_INPUT", "{body}");
    }
}

#[tokio::test]
async fn a_routers_long_list_of_entities_passes() {
    for (name, routes) in &Subgraphs::new(false).await.routes {
        let representations = vec![json!({ "__typename": "Nothing", "id": "1" }); 5_000];
        let query = "query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }";
        let body = json!({ "query": query, "variables": { "r": representations } });
        let (_, body) = send(routes, &[JSON, ROUTER], body.to_string()).await;
        let refused = code(&body).ends_with("_LIMIT_EXCEEDED");
        assert!(!refused, "{name}: {}", code(&body));
    }
}
