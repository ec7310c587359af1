//! The graph over real connections and through all layers before it.

use std::{io::Write, net::SocketAddr, time::Duration};

use axum::body::{Body, to_bytes};
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, Method, Request, StatusCode};
use serde_json::{Value, json};
use stockgraph_kit::database::Engine;
use stockgraph_server::{config::Config, http_server, routes};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::test_graph::TestGraph;

const QUERY: &str = r#"{"query":"{ __typename }"}"#;

pub struct Site {
    pub test: TestGraph,
    pub address: SocketAddr,
    stop: CancellationToken,
    server: JoinHandle<anyhow::Result<()>>,
}

impl Site {
    pub async fn start(config: Config) -> Self {
        let test = TestGraph::configured(Engine::Sqlite, config).await;
        let listener = http_server::listen(([127, 0, 0, 1], 0).into())
            .await
            .unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let (routes, config, token) =
            (site_routes(&test), test.config.server.clone(), stop.clone());
        let server =
            tokio::spawn(async move { http_server::serve(listener, routes, &config, token).await });
        Self {
            test,
            address,
            stop,
            server,
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}/graphql", self.address)
    }

    /// Sends these bytes and reads until the server closes.
    async fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut answer = Vec::new();
        // A server that closes while there is more to read resets the connection, after its answer.
        stream.read_to_end(&mut answer).await.ok();
        String::from_utf8_lossy(&answer).into_owned()
    }
}

fn site_routes(test: &TestGraph) -> axum::Router {
    let router = test.graph.router.clone();
    routes::of_router(
        router,
        test.foundation.clone(),
        &test.config.router,
        test.config.router.streaming(&CancellationToken::new()),
    )
    .unwrap()
}

fn http1(headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{headers}\r\n{body}")
        .into_bytes()
}

pub fn client() -> reqwest::ClientBuilder {
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    reqwest::Client::builder().no_proxy()
}

#[tokio::test]
async fn http_1_is_kept_alive_and_http_2_is_spoken_without_tls() {
    let site = Site::start(Config::default()).await;
    let mut two = http1("", QUERY);
    two.extend(http1("connection: close\r\n", QUERY));
    let answer = site.raw(&two).await;
    assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 2, "{answer}");
    assert!(!answer.to_lowercase().contains("\nserver:"), "{answer}");
    let http2 = client().http2_prior_knowledge().build().unwrap();
    let request = http2
        .post(site.url())
        .header("content-type", "application/json");
    let response = request.body(QUERY).send().await.unwrap();
    assert_eq!(response.version(), http::Version::HTTP_2);
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer, json!({ "data": { "__typename": "Query" } }));
}

#[tokio::test]
async fn headers_that_are_too_large_or_too_many_are_431() {
    let site = Site::start(Config::default()).await;
    let large = format!("x-large: {}\r\n", "x".repeat(40 * 1024));
    let many: String = (0..200).map(|i| format!("x-{i}: 1\r\n")).collect();
    for headers in [large, many] {
        let answer = site.raw(&http1(&headers, QUERY)).await;
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer:.200}");
    }
}

#[tokio::test]
async fn who_sends_too_slowly_is_given_up() {
    let mut config = Config::default();
    config.server.read_timeout_seconds = 1;
    let site = Site::start(config).await;
    let patience = Duration::from_secs(20);
    for begun in ["", "POST /graphql HTTP/1.1\r\nhost: x\r\n", "P"] {
        let closed = tokio::time::timeout(patience, site.raw(begun.as_bytes())).await;
        assert!(
            !closed.expect("the server closes").contains("200 OK"),
            "{begun}"
        );
    }
    let half = "POST /graphql HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 30\r\n\r\n{";
    let answer = tokio::time::timeout(patience, site.raw(half.as_bytes())).await;
    let answer = answer.expect("the server answers");
    assert!(!answer.contains("200 OK"), "{answer}");
}

#[tokio::test]
async fn messages_that_two_servers_would_read_in_two_ways_are_refused() {
    let site = Site::start(Config::default()).await;
    for headers in [
        "content-length: 5\r\n",
        "transfer-encoding: xchunked\r\n",
        "bad header: x\r\n",
    ] {
        let answer = site.raw(&http1(headers, QUERY)).await;
        assert!(!answer.contains("200 OK"), "{headers}: {answer}");
    }
}

#[tokio::test]
async fn the_server_stops_when_it_is_told_and_idle_connections_do_not_hold_it() {
    let site = Site::start(Config::default()).await;
    let silent = TcpStream::connect(site.address).await.unwrap();
    let mut idle = TcpStream::connect(site.address).await.unwrap();
    idle.write_all(&http1("", QUERY)).await.unwrap();
    let mut answer = [0; 12];
    idle.read_exact(&mut answer).await.unwrap();
    site.stop.cancel();
    let stopped = tokio::time::timeout(Duration::from_secs(10), site.server).await;
    stopped.expect("it stops").unwrap().unwrap();
    assert!(TcpStream::connect(site.address).await.is_err());
    drop((silent, site.test));
}

async fn send(
    test: &TestGraph,
    method: Method,
    headers: &[(&str, &str)],
    body: Vec<u8>,
) -> (StatusCode, HeaderMap, Value) {
    let mut request = Request::builder().method(method).uri("/graphql");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body)).unwrap();
    let response = site_routes(test).oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
    (parts.status, parts.headers, json)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

const JSON: (&str, &str) = ("content-type", "application/json");
const GZIP: (&str, &str) = ("content-encoding", "gzip");

#[tokio::test]
async fn a_compressed_body_counts_by_what_it_holds() {
    let test = TestGraph::empty(Engine::Sqlite).await;
    let (status, _, body) = send(&test, Method::POST, &[JSON, GZIP], gzip(QUERY.as_bytes())).await;
    assert_eq!(
        (status, &body["data"]["__typename"]),
        (StatusCode::OK, &json!("Query"))
    );
    let bomb = json!({ "query": "{ __typename }", "extensions": { "x": "y".repeat(32 << 20) } });
    let bomb = gzip(bomb.to_string().as_bytes());
    assert!(bomb.len() < 1 << 20, "it is small on the wire");
    let (status, _, body) = send(&test, Method::POST, &[JSON, GZIP], bomb).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{body}");
    let (status, _, _) = send(&test, Method::POST, &[JSON, GZIP], QUERY.into()).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let other = ("content-encoding", "compress");
    let (status, _, _) = send(&test, Method::POST, &[JSON, other], QUERY.into()).await;
    assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn answers_are_compressed_as_the_client_wants_them() {
    let test = TestGraph::empty(Engine::Sqlite).await;
    let query = json!({ "query": "{ __schema { types { name description } } }" }).to_string();
    for coding in ["gzip", "br"] {
        let headers = [JSON, ("accept-encoding", coding)];
        let (_, headers, _) = send(&test, Method::POST, &headers, query.clone().into()).await;
        assert_eq!(headers["content-encoding"], coding);
        let vary: Vec<_> = headers
            .get_all("vary")
            .iter()
            .map(|it| it.to_str().unwrap())
            .collect();
        let vary = vary.join(",");
        assert!(
            vary.contains("accept-encoding") && vary.contains("accept"),
            "{vary}"
        );
    }
}

#[tokio::test]
async fn pages_of_other_origins_are_let_in_only_where_they_are_named() {
    let shop = "https://shop.example";
    let mut config = Config::default();
    config.router.cors.allow_origins = vec![shop.to_owned()];
    config.router.cors.allow_credentials = true;
    let open = TestGraph::configured(Engine::Sqlite, config).await;
    let closed = TestGraph::empty(Engine::Sqlite).await;
    let preflight = |origin| {
        [
            ("origin", origin),
            ("access-control-request-method", "POST"),
            (
                "access-control-request-headers",
                "content-type,authorization",
            ),
        ]
    };
    let allowed = "access-control-allow-origin";
    let (status, headers, _) = send(&open, Method::OPTIONS, &preflight(shop), Vec::new()).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers[allowed], shop);
    assert_eq!(headers["access-control-allow-credentials"], "true");
    assert_eq!(
        headers["access-control-allow-headers"],
        "content-type,authorization"
    );
    let query = || QUERY.as_bytes().to_vec();
    let (_, headers, _) = send(&open, Method::POST, &[JSON, ("origin", shop)], query()).await;
    assert_eq!(headers[allowed], shop);
    for (test, origin) in [
        (&open, "null"),
        (&open, "https://evil.example"),
        (&open, "https://shop.example.evil.example"),
        (&open, "http://shop.example"),
        (&closed, shop),
        (&closed, "null"),
    ] {
        let (_, headers, _) = send(test, Method::OPTIONS, &preflight(origin), Vec::new()).await;
        assert_eq!(headers.get(allowed), None, "{origin}");
        let (_, headers, _) = send(test, Method::POST, &[JSON, ("origin", origin)], query()).await;
        assert_eq!(headers.get(allowed), None, "{origin}");
    }
}

#[tokio::test]
async fn a_manifest_of_the_configuration_is_all_that_clients_get_answered() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("documents.json");
    std::fs::write(&manifest, r#"{"greeting": "{ __typename }"}"#).unwrap();
    let mut config = Config::default();
    config.router.persisted_documents.manifest = Some(manifest);
    config.router.persisted_documents.only = true;
    let test = TestGraph::configured(Engine::Sqlite, config).await;
    let named = br#"{"documentId": "greeting"}"#.to_vec();
    let (_, _, body) = send(&test, Method::POST, &[JSON], named).await;
    assert_eq!(body, json!({ "data": { "__typename": "Query" } }));
    let (_, _, body) = send(&test, Method::POST, &[JSON], QUERY.into()).await;
    let code = &body["errors"][0]["extensions"]["code"];
    assert_eq!(code, "PERSISTED_QUERY_REQUIRED");
}

#[tokio::test]
async fn requests_in_one_array_may_cost_together_what_one_may() {
    let mut config = Config::default();
    config.router.batch_maximum = 10;
    config.router.limits.cost = 100;
    let test = TestGraph::configured(Engine::Sqlite, config).await;
    let page = json!({ "query": "query ($n: Int) { products(first: $n) { nodes { id } } }", "variables": { "n": 40 } });
    let batch = |n: usize| json!(vec![&page; n]).to_string().into_bytes();
    let (status, _, body) = send(&test, Method::POST, &[JSON], batch(2)).await;
    assert_eq!(status, StatusCode::OK);
    assert!(body[1]["data"]["products"].is_object(), "{body}");
    let (status, _, body) = send(&test, Method::POST, &[JSON], batch(3)).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let expected =
        json!({ "code": "COST_LIMIT_EXCEEDED", "limit": "cost", "maximum": 100, "actual": 123 });
    assert_eq!(body["errors"][0]["extensions"], expected);
}
