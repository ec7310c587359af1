//! One trace across the router and a subgraph, as a collector of OpenTelemetry receives it.

use std::{
    process::Command,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Bytes, routing::post};

use super::identity::{Part, until};

/// A collector that keeps what it is sent.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<u8>>>);

impl Collector {
    async fn listen(&self) -> String {
        let kept = self.clone();
        let take = move |body: Bytes| {
            kept.0.lock().unwrap().extend_from_slice(&body);
            async {}
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let routes = Router::new().route("/v1/traces", post(take));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        url
    }

    /// How often these bytes were sent.
    fn count(&self, bytes: &[u8]) -> usize {
        let kept = self.0.lock().unwrap();
        kept.windows(bytes.len()).filter(|it| *it == bytes).count()
    }
}

#[tokio::test]
async fn router_and_subgraph_carry_on_the_trace_that_the_client_began() {
    stockgraph_server::use_ring();
    let collector = Collector::default();
    let endpoint = collector.listen().await;
    let part = |arguments: &[&str], name, more: &[(&str, &str)]| {
        let mut settings = vec![
            ("STOCKGRAPH_TRACES__OTLP_ENDPOINT", endpoint.as_str()),
            ("STOCKGRAPH_TRACES__SERVICE_NAME", name),
            // Spans are sent this often, in milliseconds; the name is OpenTelemetry's.
            ("OTEL_BSP_SCHEDULE_DELAY", "50"),
        ];
        settings.extend(more);
        Part::start(arguments, &settings)
    };
    let users = part(&["subgraph", "users"], "the-users", &[]);
    let keys = users.folder.path().join("data/keys").display().to_string();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("supergraph.graphql");
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap();
    let sdl = root.join("schema/users.graphql");
    let composed = Command::new(env!("CARGO_BIN_EXE_stockgraph"))
        .args(["compose", &format!("users={}", sdl.display())])
        .args(["--url", &format!("users={}", users.url), "--output"])
        .arg(&file)
        .status();
    assert!(composed.unwrap().success());
    let router = part(
        &["router", "--supergraph", &file.display().to_string()],
        "the-router",
        &[("STOCKGRAPH_AUTH__KEYS_DIR", keys.as_str())],
    );
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let asked = reqwest::Client::new()
        .post(&router.url)
        .header("content-type", "application/json")
        .header("traceparent", format!("00-{trace}-b7ad6b7169203331-01"))
        .body(r#"{"query":"query Myself { me { id } }"}"#)
        .send()
        .await
        .unwrap();
    assert_eq!(asked.status(), 200);

    let id = hex::decode(trace).unwrap();
    // The router's request, operation and fetch, and the subgraph's request.
    until(true, async || collector.count(&id) >= 4).await;
    until(true, async || collector.count(b"the-users") > 0).await;
    for name in [
        &b"the-router"[..],
        b"fetch users",
        b"Myself",
        b"POST /graphql",
    ] {
        let name_of = String::from_utf8_lossy(name);
        assert!(collector.count(name) > 0, "{name_of}");
    }
}
