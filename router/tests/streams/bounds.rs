//! Whatever binds a POST binds what comes over a websocket or asks for events, too.

use http::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use stockgraph_router::pipeline::{DocumentOptions, Manifest};
use stockgraph_router::serving::routes;
use stockgraph_router::transport::InProcess;
use stockgraph_router::{Router, RouterOptions, SubgraphDefinition};

use crate::graph::{Feed, graph_with, serve, stock, within};
use crate::websocket::Client;

const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";

/// How a request comes.
#[derive(Clone, Copy, Debug)]
enum Way {
    Post,
    Events,
    Websocket,
}

const ALL: [Way; 3] = [Way::Post, Way::Events, Way::Websocket];
const STREAMS: [Way; 2] = [Way::Events, Way::Websocket];

/// A router on a port of its own.
struct Site(String);

impl Site {
    async fn start(options: RouterOptions) -> Self {
        let stock = Arc::new(InProcess::new(stock(&Feed::new())));
        Site(serve(routes(graph_with(stock, options))).await)
    }

    /// The first response to a request.
    async fn ask(&self, way: Way, request: &Value) -> Value {
        if let Way::Websocket = way {
            let mut client = Client::open(&self.0).await;
            client
                .say(json!({"type": "subscribe", "id": "1", "payload": request}))
                .await;
            let mut told = client.hear().await;
            let payload = told["payload"].take();
            return match told["type"].as_str() {
                Some("next") => payload,
                _ => json!({"errors": payload}),
            };
        }
        let accept = match way {
            Way::Events => EVENTS,
            Way::Post | Way::Websocket => JSON,
        };
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let posted = client
            .post(format!("http://{}/graphql", self.0))
            .header(ACCEPT, accept)
            .header(CONTENT_TYPE, JSON)
            .body(request.to_string());
        first(within(posted.send()).await.unwrap()).await
    }

    async fn code(&self, way: Way, request: &Value) -> String {
        let answer = self.ask(way, request).await;
        assert_eq!(answer.get("data"), None, "{way:?} {request:.200}");
        let code = &answer["errors"][0]["extensions"]["code"];
        code.as_str().unwrap_or_default().to_owned()
    }
}

/// The response, or the first of those that are events.
async fn first(response: reqwest::Response) -> Value {
    let text = within(response.text()).await.unwrap();
    let json = match text.strip_prefix("event: next\ndata: ") {
        Some(event) => event.split("\n\n").next().unwrap(),
        None => &text,
    };
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {text}"))
}

pub fn install() {
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
}

#[tokio::test]
async fn where_only_registered_documents_are_answered_none_slips_in_by_a_stream() {
    install();
    let manifest = json!({"events": "subscription { other }", "stock": "{ stock }"});
    let site = Site::start(RouterOptions {
        documents: DocumentOptions {
            manifest: Manifest::parse(&manifest.to_string()).unwrap(),
            only: true,
            ..DocumentOptions::default()
        },
        ..RouterOptions::default()
    })
    .await;
    for way in ALL {
        for query in ["{ stock }", "{ __typename }", "subscription { other }"] {
            let code = site.code(way, &json!({"query": query})).await;
            assert_eq!(code, "PERSISTED_QUERY_REQUIRED", "{way:?} {query}");
        }
        let unknown = site.code(way, &json!({"documentId": "unknown"})).await;
        assert_eq!(unknown, "PERSISTED_QUERY_NOT_FOUND", "{way:?}");
        let known = site.ask(way, &json!({"documentId": "stock"})).await;
        assert_eq!(known, json!({"data": {"stock": 7}}), "{way:?}");
    }
    for way in STREAMS {
        let known = site.ask(way, &json!({"documentId": "events"})).await;
        assert_eq!(known, json!({"data": {"other": 1}}), "{way:?}");
    }
}

#[tokio::test]
async fn a_stream_is_asked_for_by_the_hash_of_its_document() {
    install();
    for way in STREAMS {
        let site = Site::start(RouterOptions::default()).await;
        let text = "subscription { other }";
        let hash = hex::encode(Sha256::digest(text));
        let extensions = json!({"persistedQuery": {"version": 1, "sha256Hash": hash}});
        let by_hash = json!({"extensions": extensions});
        assert_eq!(
            site.code(way, &by_hash).await,
            "PERSISTED_QUERY_NOT_FOUND",
            "{way:?}"
        );
        let other = json!({"query": "{ stock }", "extensions": extensions});
        assert_eq!(
            site.code(way, &other).await,
            "PERSISTED_QUERY_HASH_MISMATCH",
            "{way:?}"
        );
        let with_text = json!({"query": text, "extensions": extensions});
        for request in [with_text, by_hash] {
            let answer = site.ask(way, &request).await;
            assert_eq!(answer, json!({"data": {"other": 1}}), "{way:?}");
        }
    }
}

#[tokio::test]
async fn what_is_too_large_or_costs_too_much_is_refused_whichever_way_it_comes() {
    install();
    let mut options = RouterOptions {
        introspection: false,
        ..RouterOptions::default()
    };
    options.limits.cost.maximum = 0;
    let site = Site::start(options).await;
    let watch = "subscription ($id: ID!) { stockChanged(id: $id) { id } }";
    let aliases: String = (0..501).map(|i| format!("a{i}: stock ")).collect();
    let bomb: String = (0..30)
        .map(|i| format!("fragment F{i} on Query {{ ...F{0} ...F{0} }} ", i + 1))
        .collect();
    let bomb = format!("{{ ...F0 }} {bomb} fragment F30 on Query {{ stock }}");
    let large = json!({"id": "x".repeat(65_537)});
    for (ways, request, code) in [
        (
            &STREAMS[..],
            json!({"query": watch, "variables": {"id": "a"}}),
            "COST_LIMIT_EXCEEDED",
        ),
        (
            &STREAMS,
            json!({"query": watch, "variables": large}),
            "STRING_BYTES_LIMIT_EXCEEDED",
        ),
        (&STREAMS, json!({"query": watch}), "BAD_USER_INPUT"),
        (
            &ALL,
            json!({"query": "{ stock }", "variables": large}),
            "STRING_BYTES_LIMIT_EXCEEDED",
        ),
        (
            &ALL,
            json!({"query": format!("{{ {aliases} }}")}),
            "ALIASES_LIMIT_EXCEEDED",
        ),
        (&ALL, json!({"query": bomb}), "FIELDS_LIMIT_EXCEEDED"),
        (
            &ALL,
            json!({"query": "{ stock ".repeat(60)}),
            "DEPTH_LIMIT_EXCEEDED",
        ),
        (
            &ALL,
            json!({"query": "{ __schema { types { name } } }"}),
            "INTROSPECTION_DISABLED",
        ),
        (
            &ALL,
            json!({"query": "{ _service { sdl } }"}),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (&ALL, json!({"query": 1}), "BAD_REQUEST"),
    ] {
        for way in ways {
            let found = site.code(*way, &request).await;
            assert_eq!(found, code, "{way:?} {request:.200}");
        }
    }
    for way in ALL {
        let answer = site.ask(way, &json!({"query": "{ stok }"})).await;
        assert!(!answer.to_string().contains("Did you mean"), "{answer}");
    }
}

#[tokio::test]
async fn a_stream_takes_one_request_and_none_that_is_larger_than_a_body() {
    install();
    let mut options = RouterOptions {
        batch: Some(10),
        ..RouterOptions::default()
    };
    options.limits.body_bytes = 1_000;
    let site = Site::start(options).await;
    let two = json!([{"query": "{ stock }"}, {"query": "{ stock }"}]);
    assert_eq!(site.code(Way::Events, &two).await, "BATCH_REFUSED");
    assert_eq!(site.code(Way::Websocket, &two).await, "BAD_REQUEST");
    let large = json!({"query": format!("{{ stock }} # {}", "x".repeat(1_000))});
    for way in [Way::Post, Way::Events] {
        assert_eq!(site.code(way, &large).await, "BODY_BYTES_LIMIT_EXCEEDED");
    }
    let mut client = Client::open(&site.0).await;
    client
        .say(json!({"type": "subscribe", "id": "1", "payload": large}))
        .await;
    assert_eq!(client.closed().await, 1009);
}

#[tokio::test]
async fn a_mutation_comes_by_no_get_though_it_asks_for_events() {
    install();
    let sdl = "type Query { a: Int } type Mutation { change: Int }";
    let changing = SubgraphDefinition {
        name: "changing".to_owned(),
        url: "http://changing.test".to_owned(),
        sdl: sdl.to_owned(),
        // Nobody reaches it, or the answer would be another.
        transport: Arc::new(InProcess::new(stock(&Feed::new()))),
    };
    let router = Router::compose(vec![changing], RouterOptions::default()).unwrap();
    let address = serve(routes(Arc::new(router))).await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for accept in [EVENTS, "text/event-stream, application/json"] {
        let url = format!("http://{address}/graphql?query=mutation%7Bchange%7D");
        let get = client.get(url).header(ACCEPT, accept);
        let unsafe_get = get.try_clone().unwrap().send();
        let refused = first(within(unsafe_get).await.unwrap()).await;
        assert_eq!(refused["errors"][0]["extensions"]["code"], "BAD_REQUEST");
        let get = get.header("graphql-require-preflight", "1").send();
        let refused = first(within(get).await.unwrap()).await;
        let code = &refused["errors"][0]["extensions"]["code"];
        assert_eq!(code, "METHOD_NOT_ALLOWED", "{refused}");
    }
}
