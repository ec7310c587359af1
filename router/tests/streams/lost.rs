//! Subgraphs that break their word: a server written down message by message.

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::routing::get;
use futures_util::StreamExt;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use stockgraph_router::transport::{Http, HttpOptions, SubscriptionOptions, client};
use stockgraph_router::{GraphQLRequest, Responses, Router};
use tokio::sync::oneshot;

use crate::events::subscribe;
use crate::graph::{QUERY, graph_over, http, next, serve, within};

type Headers = Arc<Mutex<Vec<HeaderMap>>>;

/// A server whose every websocket is handled by `script`; its address, and the headers of its upgrades.
async fn scripted<F>(
    script: impl Fn(WebSocket) -> F + Clone + Send + Sync + 'static,
) -> (String, Headers)
where
    F: Future<Output = ()> + Send + 'static,
{
    let seen: Headers = Arc::default();
    let headers = Arc::clone(&seen);
    let upgrade = move |headers: HeaderMap, upgrade: WebSocketUpgrade| {
        seen.lock().unwrap().push(headers);
        async move {
            upgrade
                .protocols(["graphql-transport-ws"])
                .on_upgrade(script)
        }
    };
    let address = serve(axum::Router::new().route("/graphql", get(upgrade))).await;
    (address, headers)
}

async fn hear(socket: &mut WebSocket) -> Value {
    loop {
        match within(socket.recv()).await.expect("a message").unwrap() {
            Message::Text(text) => return serde_json::from_str(&text).unwrap(),
            Message::Close(_) => panic!("closed"),
            _ => {}
        }
    }
}

async fn say(socket: &mut WebSocket, message: Value) {
    socket
        .send(Message::text(message.to_string()))
        .await
        .unwrap();
}

/// Acknowledges, hears the subscription and tells one event; what was heard.
async fn begin(socket: &mut WebSocket) -> (Value, Value) {
    let init = hear(socket).await;
    say(socket, json!({"type": "connection_ack"})).await;
    let subscribe = hear(socket).await;
    say(socket, event(&subscribe, 1)).await;
    (init, subscribe)
}

fn event(subscribe: &Value, on_hand: i32) -> Value {
    let product = json!({"__typename": "Product", "id": "a", "onHand": on_hand});
    json!({"type": "next", "id": subscribe["id"], "payload": {"data": {"stockChanged": product}}})
}

async fn assert_lost(mut responses: Responses) {
    let first = next(&mut responses).await.unwrap();
    assert_eq!(first["data"]["stockChanged"]["onHand"], 1, "{first}");
    let last = next(&mut responses).await.unwrap();
    assert_eq!(last["data"], Value::Null);
    assert_eq!(
        last["errors"][0]["extensions"],
        json!({"code": "SUBGRAPH_UNAVAILABLE", "service": "stock"})
    );
    assert_eq!(last["errors"][0]["path"], json!(["stockChanged"]));
    assert_eq!(next(&mut responses).await, None);
}

#[tokio::test]
async fn a_subgraph_whose_connection_is_cut_ends_the_stream_with_an_error() {
    let (address, _) = scripted(|mut socket| async move {
        begin(&mut socket).await;
    })
    .await;
    let router = graph_over(http(&address, SubscriptionOptions::default()));
    assert_lost(subscribe(&router, QUERY, "a").await).await;
}

#[tokio::test]
async fn a_subgraph_that_stops_ends_the_stream_with_an_error() {
    let (address, _) = scripted(|mut socket| async move {
        begin(&mut socket).await;
        let frame = axum::extract::ws::CloseFrame {
            code: 1012,
            reason: "restart".into(),
        };
        socket.send(Message::Close(Some(frame))).await.unwrap();
    })
    .await;
    let router = graph_over(http(&address, SubscriptionOptions::default()));
    assert_lost(subscribe(&router, QUERY, "a").await).await;
}

#[tokio::test]
async fn a_subgraph_of_which_nothing_is_heard_any_more_ends_the_stream_with_an_error() {
    let (address, _) = scripted(|mut socket| async move {
        begin(&mut socket).await;
        // Keeps the connection, and reads nothing, so that no ping is answered.
        std::future::pending::<()>().await;
    })
    .await;
    let options = SubscriptionOptions {
        ping_interval: Duration::from_millis(20),
        silence: Duration::from_millis(500),
        ..SubscriptionOptions::default()
    };
    let router = graph_over(http(&address, options));
    assert_lost(subscribe(&router, QUERY, "a").await).await;
}

#[tokio::test]
async fn a_subgraph_that_is_not_there_is_told() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let router = graph_over(http(&address, SubscriptionOptions::default()));
    let mut responses = subscribe(&router, QUERY, "a").await;
    let response = next(&mut responses).await.unwrap();
    assert_eq!(
        response["errors"][0]["extensions"]["code"],
        "SUBGRAPH_UNAVAILABLE"
    );
    assert_eq!(next(&mut responses).await, None);
}

#[tokio::test]
async fn more_events_than_are_kept_end_the_stream_with_an_error() {
    let (gone, is_gone) = oneshot::channel();
    let gone = Arc::new(Mutex::new(Some(gone)));
    let (address, _) = scripted(move |mut socket| {
        let gone = Arc::clone(&gone);
        async move {
            let (_, subscribe) = begin(&mut socket).await;
            for on_hand in 2..=20 {
                // The router may have closed the connection by then.
                let event = Message::text(event(&subscribe, on_hand).to_string());
                if socket.send(event).await.is_err() {
                    break;
                }
            }
            while let Some(Ok(_)) = socket.recv().await {}
            gone.lock().unwrap().take().unwrap().send(()).unwrap();
        }
    })
    .await;
    let options = SubscriptionOptions {
        kept_events: 4,
        ..SubscriptionOptions::default()
    };
    let router = graph_over(http(&address, options));
    let mut responses = subscribe(&router, QUERY, "a").await;
    within(is_gone).await.unwrap();
    for on_hand in 1..=4 {
        let response = next(&mut responses).await.unwrap();
        assert_eq!(response["data"]["stockChanged"]["onHand"], on_hand);
    }
    let last = next(&mut responses).await.unwrap();
    assert_eq!(
        last["errors"][0]["extensions"]["code"],
        "SUBSCRIPTION_TOO_SLOW"
    );
    assert_eq!(next(&mut responses).await, None);
}

#[tokio::test]
async fn what_is_no_answer_is_told_as_one() {
    for message in [
        "{}",
        "[",
        r#"{"type":"next","id":"1","payload":{}}"#,
        r#"{"type":"data"}"#,
    ] {
        let (address, _) = scripted(move |mut socket| async move {
            begin(&mut socket).await;
            socket.send(Message::text(message)).await.unwrap();
            while let Some(Ok(_)) = socket.recv().await {}
        })
        .await;
        let router = graph_over(http(&address, SubscriptionOptions::default()));
        let mut responses = subscribe(&router, QUERY, "a").await;
        next(&mut responses).await.unwrap();
        let last = next(&mut responses).await.unwrap();
        assert_eq!(
            last["errors"][0]["extensions"]["code"], "SUBGRAPH_BAD_ANSWER",
            "{message}"
        );
        assert_eq!(next(&mut responses).await, None);
    }
}

/// A router whose own headers go to the subgraph as well.
fn router_with_token(address: &str) -> Arc<Router> {
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    let client = client(&HttpOptions::default()).unwrap();
    let own = HeaderMap::from_iter([(
        HeaderName::from_static("router-token"),
        HeaderValue::from_static("r"),
    )]);
    let http = Http::new(client, format!("http://{address}/graphql")).unwrap();
    graph_over(Arc::new(
        http.with_headers(Arc::new(move || Ok(own.clone()))),
    ))
}

#[tokio::test]
async fn tokens_go_with_the_upgrade_and_with_the_first_message_and_a_client_that_leaves_is_told() {
    let (heard, told) = oneshot::channel();
    let heard = Arc::new(Mutex::new(Some(heard)));
    let (address, headers) = scripted(move |mut socket| {
        let heard = Arc::clone(&heard);
        async move {
            let (init, subscribe) = begin(&mut socket).await;
            let complete = hear(&mut socket).await;
            let told = [init, subscribe, complete];
            heard.lock().unwrap().take().unwrap().send(told).unwrap();
        }
    })
    .await;
    let router = router_with_token(&address);
    let request = GraphQLRequest::new(QUERY).variables(json!({"id": "a"}));
    let caller = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static("Bearer t"))]);
    let mut responses = router.subscribe(request, &caller).await;
    within(responses.next()).await.unwrap();
    drop(responses);
    let [init, subscribe, complete] = within(told).await.unwrap();
    assert_eq!(
        init["payload"],
        json!({"authorization": "Bearer t", "router-token": "r"})
    );
    assert_eq!(subscribe["payload"]["variables"], json!({"id": "a"}));
    assert_eq!(complete, json!({"type": "complete", "id": subscribe["id"]}));
    let headers = headers.lock().unwrap();
    assert_eq!(headers[0][AUTHORIZATION], "Bearer t");
    assert_eq!(headers[0]["router-token"], "r");
}
