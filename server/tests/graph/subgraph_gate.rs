//! Subgraphs over HTTP: they verify the caller's token themselves, and answer `_entities` and `_service` to routers alone.

use axum::{
    Router,
    body::{Body, to_bytes},
};
use http::{Request, StatusCode, header::AUTHORIZATION};
use serde_json::{Value, json};
use stockgraph_kit::{
    caller::{Scope, Scopes},
    database::Engine,
    serve,
};
use stockgraph_server::{config::Secret, parts};
use tower::ServiceExt;

use crate::test_graph::TestGraph;

const SECRET: &str = "a secret that another router has, long enough";

/// The header in which a router says that it is one.
const ROUTER: &str = "stockgraph-router-token";

const SDL: &str = "{ _service { sdl } }";

struct Gate {
    test: TestGraph,
    routes: Router,
}

impl Gate {
    /// The products over HTTP, which know the secret of another router.
    async fn of_products() -> Self {
        let mut test = TestGraph::demo(Engine::Sqlite).await;
        test.config.auth.router_secrets = vec![Secret::new(SECRET)];
        let gate = parts::gate(&test.config, &test.foundation);
        let routes = serve::routes(test.graph.products.clone(), gate);
        Self { test, routes }
    }

    async fn ask(&self, headers: &[(&str, &str)], query: &str) -> (StatusCode, Value) {
        let mut request = Request::post("/graphql").header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = Body::from(json!({ "query": query }).to_string());
        let response = self
            .routes
            .clone()
            .oneshot(request.body(body).unwrap())
            .await;
        let response = response.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    async fn code(&self, headers: &[(&str, &str)], query: &str) -> (u16, String) {
        let (status, body) = self.ask(headers, query).await;
        assert!(body["data"].is_null(), "{body}");
        let code = body["errors"][0]["extensions"]["code"].as_str();
        (status.as_u16(), code.expect("a coded error").to_owned())
    }

    fn service(&self, scope: Scope) -> String {
        let lifetime = chrono::TimeDelta::minutes(1);
        let token = self
            .test
            .foundation
            .issuer
            .service("test", &Scopes::from([scope]), lifetime);
        token.unwrap().text
    }
}

#[tokio::test]
async fn schema_and_entities_are_refused_to_who_is_no_router() {
    let gate = Gate::of_products().await;
    let entities = "{ _entities(representations: []) { __typename } }";
    let hidden = "{ ...F } fragment F on Query { innocent: _service { sdl } }";
    let admin = gate.test.log_in("admin@example.com", "password123").await;
    let admin = admin.headers()[AUTHORIZATION].to_str().unwrap();
    let scheduler = gate.service(Scope::OrdersExpire);
    for query in [SDL, entities, hidden] {
        let unauthenticated = (401, "UNAUTHENTICATED".to_owned());
        let as_router = |token| [(ROUTER, token)];
        assert_eq!(gate.code(&[], query).await, unauthenticated);
        assert_eq!(
            gate.code(&[("authorization", admin)], query).await,
            unauthenticated
        );
        for token in ["", "nonsense", &SECRET[1..], &SECRET[..SECRET.len() - 1]] {
            assert_eq!(
                gate.code(&as_router(token), query).await,
                unauthenticated,
                "{token}"
            );
        }
        let forbidden = (403, "FORBIDDEN".to_owned());
        let user = admin.strip_prefix("Bearer ").unwrap();
        assert_eq!(gate.code(&as_router(user), query).await, forbidden);
        assert_eq!(gate.code(&as_router(&scheduler), query).await, forbidden);
    }
}

#[tokio::test]
async fn a_router_is_let_in_by_its_token_and_another_by_its_secret() {
    let gate = Gate::of_products().await;
    let token = gate.service(Scope::FederationRead);
    for credential in [token.as_str(), SECRET] {
        let (status, body) = gate.ask(&[(ROUTER, credential)], SDL).await;
        assert_eq!(status, StatusCode::OK);
        let sdl = body["data"]["_service"]["sdl"].as_str().unwrap();
        assert!(sdl.contains("type Product"), "{sdl:.200}");
    }
}

#[tokio::test]
async fn a_routers_token_gives_its_caller_no_rights() {
    let gate = Gate::of_products().await;
    let query =
        "mutation { createCategory(input: { name: \"N\", slug: \"n\" }) { category { id } } }";
    let router = [(ROUTER, SECRET)];
    let (_, body) = gate.ask(&router, query).await;
    assert_eq!(body["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    let as_caller = format!("Bearer {}", gate.service(Scope::FederationRead));
    let (_, body) = gate.ask(&[("authorization", &as_caller)], query).await;
    assert_eq!(body["errors"][0]["extensions"]["code"], "FORBIDDEN");
}

#[tokio::test]
async fn an_expired_router_token_is_refused() {
    let gate = Gate::of_products().await;
    let token = gate.service(Scope::FederationRead);
    gate.test.clock().advance(chrono::TimeDelta::minutes(1));
    let headers = [(ROUTER, token.as_str())];
    assert_eq!(
        gate.code(&headers, SDL).await,
        (401, "UNAUTHENTICATED".into())
    );
}

#[tokio::test]
async fn everybody_may_ask_for_what_is_everybodys() {
    let gate = Gate::of_products().await;
    let query = "{ productBySku(sku: \"LAPTOP-16GB\") { name } }";
    let (status, body) = gate.ask(&[], query).await;
    assert_eq!(status, StatusCode::OK);
    assert!(body["data"]["productBySku"]["name"].is_string(), "{body}");
}

#[tokio::test]
async fn forged_identity_headers_count_for_nothing() {
    let gate = Gate::of_products().await;
    let query =
        "mutation { createCategory(input: { name: \"N\", slug: \"n\" }) { category { id } } }";
    let headers = [
        ("x-user-id", "user_01h455vb4pex5vsknk084sn02q"),
        ("x-scopes", "catalogue:write"),
        ("x-role", "ADMIN"),
    ];
    let (_, body) = gate.ask(&headers, query).await;
    assert_eq!(body["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
}
