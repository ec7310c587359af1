//! Every subgraph over a websocket stands behind the gate and the guard that a POST meets.

use chrono::TimeDelta;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use stockgraph_kit::{
    caller::{Scope, Scopes},
    database::Engine,
    serve::Lifetime,
};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::{
    subgraph_guard::bomb,
    subscriptions::{serve, within},
    test_graph::TestGraph,
};

/// The messages that a subgraph answers on a websocket of its own, up to the end of the operation, or the code of its close.
async fn spoken(url: &str, init: Value, query: &str) -> Result<Vec<Value>, u16> {
    let mut request = url.replacen("http", "ws", 1).into_client_request().unwrap();
    let protocol = "graphql-transport-ws".parse().unwrap();
    request
        .headers_mut()
        .insert("sec-websocket-protocol", protocol);
    let (mut socket, _) = connect_async(request).await.unwrap();
    let subscribe = json!({ "type": "subscribe", "id": "1", "payload": { "query": query } });
    for message in [
        json!({ "type": "connection_init", "payload": init }),
        subscribe,
    ] {
        socket
            .send(Message::text(message.to_string()))
            .await
            .unwrap();
    }
    let mut heard: Vec<Value> = Vec::new();
    loop {
        match within(socket.next()).await.unwrap().unwrap() {
            Message::Text(text) => {
                let message: Value = serde_json::from_str(&text).unwrap();
                let is_last = matches!(message["type"].as_str(), Some("complete" | "error"));
                heard.push(message);
                if is_last {
                    return Ok(heard);
                }
            }
            Message::Close(frame) => return Err(frame.unwrap().code.into()),
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_websocket_to_a_subgraph_stands_behind_the_gate() {
    let test = TestGraph::demo(Engine::Sqlite).await;
    let url = serve(&test, &test.graph.users, &Lifetime::default()).await;
    let me = test.log_in("user1@example.com", "password123").await;
    let me = me.headers()["authorization"].to_str().unwrap();
    let heard = spoken(&url, json!({ "authorization": me }), "{ me { email } }").await;
    let heard = heard.unwrap();
    assert_eq!(heard[0], json!({ "type": "connection_ack" }));
    assert_eq!(
        heard[1]["payload"]["data"]["me"]["email"],
        "user1@example.com"
    );
    assert_eq!(heard[2], json!({ "type": "complete", "id": "1" }));

    const SDL: &str = "{ _service { sdl } }";
    let refused = spoken(&url, json!({}), SDL).await.unwrap();
    assert_eq!(refused[1]["type"], "error");
    assert_eq!(
        refused[1]["payload"][0]["extensions"]["code"],
        "UNAUTHENTICATED"
    );
    let token = |scope| {
        let lifetime = TimeDelta::minutes(1);
        let issuer = &test.foundation.issuer;
        issuer
            .service("test", &Scopes::from([scope]), lifetime)
            .unwrap()
            .text
    };
    let router = json!({ "stockgraph-router-token": token(Scope::FederationRead) });
    let sdl = spoken(&url, router, SDL).await.unwrap();
    assert!(
        sdl[1]["payload"]["data"]["_service"]["sdl"].is_string(),
        "{sdl:?}"
    );
    for other in [token(Scope::OrdersExpire), "nonsense".to_owned()] {
        let init = json!({ "stockgraph-router-token": other });
        assert_eq!(spoken(&url, init, SDL).await, Err(4403));
    }
}

#[tokio::test]
async fn what_a_post_is_refused_a_websocket_is_refused_by_every_subgraph() {
    let test = TestGraph::empty(Engine::Sqlite).await;
    let (graph, websockets) = (&test.graph, Lifetime::default());
    let urls = [
        serve(&test, &graph.users, &websockets).await,
        serve(&test, &graph.products, &websockets).await,
        serve(&test, &graph.warehouses, &websockets).await,
        serve(&test, &graph.orders, &websockets).await,
    ];
    let aliases: String = (0..501).map(|i| format!("a{i}: __typename ")).collect();
    for url in urls {
        for (query, code) in [
            (bomb(30), "FIELDS_LIMIT_EXCEEDED"),
            (bomb(499), "FRAGMENT_DEPTH_LIMIT_EXCEEDED"),
            (format!("{{ {aliases} }}"), "ALIASES_LIMIT_EXCEEDED"),
            ("{ a ".repeat(60), "DEPTH_LIMIT_EXCEEDED"),
            ("{ broken".to_owned(), "GRAPHQL_PARSE_FAILED"),
            (
                "{ _entities(representations: []) { __typename } }".to_owned(),
                "UNAUTHENTICATED",
            ),
            (
                "{ __schema { types { name } } }".to_owned(),
                "UNAUTHENTICATED",
            ),
        ] {
            let heard = spoken(&url, json!({}), &query).await.unwrap();
            assert_eq!(heard[1]["type"], "error", "{heard:?}");
            let found = &heard[1]["payload"][0]["extensions"]["code"];
            assert_eq!(found, code, "{query:.80}");
        }
        let heard = spoken(&url, json!({}), "{ __typenam }").await.unwrap();
        assert!(!heard[1].to_string().contains("Did you mean"), "{heard:?}");
    }
}
