//! Subscriptions of the running binary, and what becomes of them when it stops.

use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use http::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Value, json};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use super::Running;

const LAPTOP: &str = "product_01kdvdna00e008000008000001";

type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

/// The next message of the protocol, or the code of the close.
async fn hear(socket: &mut Socket) -> Result<Value, u16> {
    loop {
        match socket.next().await.unwrap().unwrap() {
            Message::Text(text) => return Ok(serde_json::from_str(&text).unwrap()),
            Message::Close(frame) => return Err(frame.unwrap().code.into()),
            _ => {}
        }
    }
}

async fn open(url: &str, query: &str) -> Socket {
    let mut request = url.replacen("http", "ws", 1).into_client_request().unwrap();
    let protocol = "graphql-transport-ws".parse().unwrap();
    request
        .headers_mut()
        .insert("sec-websocket-protocol", protocol);
    let (mut socket, _) = connect_async(request).await.unwrap();
    let subscribe = json!({ "type": "subscribe", "id": "1", "payload": { "query": query } });
    for message in [json!({ "type": "connection_init" }), subscribe] {
        let message = Message::text(message.to_string());
        socket.send(message).await.unwrap();
    }
    assert_eq!(
        hear(&mut socket).await,
        Ok(json!({ "type": "connection_ack" }))
    );
    socket
}

#[tokio::test]
async fn streams_that_are_open_do_not_hold_up_the_stop() {
    stockgraph_server::use_ring();
    let patience = 60;
    let setting = ("STOCKGRAPH_SERVER__SHUTDOWN_TIMEOUT_SECONDS", "60");
    let mut running = Running::start(&[setting]);
    let query = format!("subscription {{ stockChanged(productIds: [\"{LAPTOP}\"]) {{ onHand }} }}");
    let mut socket = open(&running.url, &query).await;
    let first = hear(&mut socket).await.unwrap();
    let told = first["payload"]["data"]["stockChanged"]["onHand"].as_i64();
    assert!(told.is_some(), "{first}");
    let mut events = reqwest::Client::new()
        .post(&running.url)
        .header(ACCEPT, "text/event-stream")
        .header(CONTENT_TYPE, "application/json")
        .json(&json!({ "query": query }))
        .send()
        .await
        .unwrap();
    let first = events.chunk().await.unwrap().unwrap();
    assert!(first.starts_with(b"event: next\ndata: {\"data\""));
    let asked = Instant::now();
    running.signal("-TERM");
    assert_eq!(hear(&mut socket).await, Err(1012));
    drop(socket);
    let last = events.chunk().await.unwrap().unwrap();
    assert_eq!(&last[..], b"event: complete\ndata: \n\n");
    assert!(events.chunk().await.unwrap().is_none());
    assert!(running.child.wait().unwrap().success());
    assert!(asked.elapsed() < Duration::from_secs(patience / 2));
}
