//! `graphql-transport-ws`, by a client that speaks it word for word.

use futures_util::{SinkExt, StreamExt};
use http::{HeaderMap, HeaderName};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use stockgraph_router::Router;
use stockgraph_router::serving::{
    PerClient, Streaming, StreamingOptions, WebSocketOptions, routes_with,
};
use stockgraph_router::transport::InProcess;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use tokio_util::sync::CancellationToken;

use crate::bounds::install;
use crate::events::Eager;
use crate::graph::{Feed, LAST, graph, graph_over, serve, stock, within};

pub struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

async fn connect(address: &str, headers: &[(&'static str, &str)]) -> Result<Client, Error> {
    let mut request = format!("ws://{address}/graphql").into_client_request()?;
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    let (socket, response) = within(connect_async(request)).await?;
    assert_eq!(
        response.headers()["sec-websocket-protocol"],
        "graphql-transport-ws"
    );
    Ok(Client(socket))
}

const PROTOCOL: (&str, &str) = ("sec-websocket-protocol", "graphql-transport-ws");

impl Client {
    pub async fn open(address: &str) -> Self {
        let mut client = connect(address, &[PROTOCOL]).await.unwrap();
        client.say(json!({"type": "connection_init"})).await;
        assert_eq!(client.hear().await, json!({"type": "connection_ack"}));
        client
    }

    pub async fn say(&mut self, message: Value) {
        self.0
            .send(Message::text(message.to_string()))
            .await
            .unwrap();
    }

    async fn subscribe(&mut self, id: &str, query: &str) {
        self.say(json!({"type": "subscribe", "id": id, "payload": {"query": query}}))
            .await;
    }

    pub async fn hear(&mut self) -> Value {
        match self.hear_any().await {
            Ok(message) => message,
            Err(code) => panic!("closed with {code}"),
        }
    }

    /// The next message, or the code of the close.
    async fn hear_any(&mut self) -> Result<Value, u16> {
        loop {
            match within(self.0.next())
                .await
                .expect("a close before the end")
                .unwrap()
            {
                Message::Text(text) => return Ok(serde_json::from_str(&text).unwrap()),
                Message::Close(frame) => return Err(frame.unwrap().code.into()),
                _ => {}
            }
        }
    }

    pub async fn closed(&mut self) -> u16 {
        loop {
            if let Err(code) = self.hear_any().await {
                return code;
            }
        }
    }
}

async fn served(router: Arc<Router>) -> String {
    serve(routes_with(router, Streaming::default())).await
}

async fn served_with(router: Arc<Router>, options: StreamingOptions) -> String {
    let streaming = Streaming::new(options, CancellationToken::new());
    serve(routes_with(router, streaming)).await
}

fn websocket(options: WebSocketOptions) -> StreamingOptions {
    StreamingOptions {
        websocket: options,
        ..StreamingOptions::default()
    }
}

const WATCH: &str = "subscription { stockChanged(id: \"a\") { onHand name } }";

#[tokio::test]
async fn several_operations_share_a_connection() {
    let feed = Feed::new();
    let mut client = Client::open(&served(graph(&feed)).await).await;
    client.subscribe("1", WATCH).await;
    feed.send_to(1, 4).await;
    let told = json!({"data": {"stockChanged": {"onHand": 4, "name": "name of a"}}});
    assert_eq!(
        client.hear().await,
        json!({"type": "next", "id": "1", "payload": told})
    );
    client.subscribe("2", "{ stock }").await;
    assert_eq!(
        client.hear().await["payload"],
        json!({"data": {"stock": 7}})
    );
    assert_eq!(client.hear().await, json!({"type": "complete", "id": "2"}));
    client.subscribe("2", "{ nothing }").await;
    let refused = client.hear().await;
    assert_eq!(
        (&refused["type"], &refused["id"]),
        (&json!("error"), &json!("2"))
    );
    assert_eq!(
        refused["payload"][0]["extensions"]["code"],
        "GRAPHQL_VALIDATION_FAILED"
    );
    client.say(json!({"type": "ping"})).await;
    assert_eq!(client.hear().await, json!({"type": "pong"}));
    feed.send_to(1, LAST).await;
    assert_eq!(client.hear().await, json!({"type": "complete", "id": "1"}));
}

#[tokio::test]
async fn what_a_client_completes_or_leaves_is_broken_off() {
    let feed = Feed::new();
    let mut client = Client::open(&served(graph(&feed)).await).await;
    for id in ["1", "2"] {
        client.subscribe(id, WATCH).await;
    }
    feed.until(2).await;
    client.say(json!({"type": "complete", "id": "1"})).await;
    feed.send_to(1, 4).await;
    assert_eq!(client.hear().await["id"], "2");
    // The id is free again.
    client.subscribe("1", WATCH).await;
    feed.until(2).await;
    drop(client);
    feed.until(0).await;
}

#[tokio::test]
async fn who_does_not_keep_the_protocol_is_closed_with_its_code() {
    let address = served(graph(&Feed::new())).await;
    let init = json!({"type": "connection_init"});
    let watch = json!({"type": "subscribe", "id": "1", "payload": {"query": WATCH}});
    for (messages, code) in [
        (vec![json!("hello")], 4400),
        (vec![json!({"type": "start"})], 4400),
        (
            vec![init.clone(), json!({"type": "subscribe", "payload": {}})],
            4400,
        ),
        (vec![watch.clone()], 4401),
        (
            vec![
                init.clone(),
                json!({"type": "subscribe", "id": "x".repeat(129), "payload": {"query": WATCH}}),
            ],
            4400,
        ),
        (vec![init.clone(), init.clone()], 4429),
        (vec![init.clone(), watch.clone(), watch], 4409),
        (
            vec![json!({"type": "connection_init", "payload": {"authorization": 1}})],
            4403,
        ),
    ] {
        let mut client = connect(&address, &[PROTOCOL]).await.unwrap();
        for message in &messages {
            client.say(message.clone()).await;
        }
        assert_eq!(client.closed().await, code, "{messages:?}");
    }
    let mut client = connect(&address, &[PROTOCOL]).await.unwrap();
    client.0.send(Message::binary("x")).await.unwrap();
    assert_eq!(client.closed().await, 4400);
}

#[tokio::test]
async fn who_says_nothing_is_closed_and_who_is_gone_is_given_up() {
    let options = WebSocketOptions {
        init_timeout: Duration::from_millis(20),
        ..WebSocketOptions::default()
    };
    let address = served_with(graph(&Feed::new()), websocket(options)).await;
    let mut client = connect(&address, &[PROTOCOL]).await.unwrap();
    assert_eq!(client.closed().await, 4408);

    let options = WebSocketOptions {
        ping_interval: Duration::from_millis(20),
        silence: Duration::from_millis(500),
        ..WebSocketOptions::default()
    };
    let feed = Feed::new();
    let address = served_with(graph(&feed), websocket(options)).await;
    let mut client = Client::open(&address).await;
    client.subscribe("1", WATCH).await;
    feed.until(1).await;
    // The client reads nothing from here on, so that it answers no ping.
    feed.until(0).await;
}

#[tokio::test]
async fn a_client_that_does_not_read_is_given_up_and_nothing_gathers_for_it() {
    let told = Arc::new(AtomicI32::new(0));
    let options = WebSocketOptions {
        send_timeout: Duration::from_millis(100),
        ..WebSocketOptions::default()
    };
    let router = graph_over(Arc::new(Eager(Arc::clone(&told))));
    let address = served_with(router, websocket(options)).await;
    let mut client = Client::open(&address).await;
    let watch = "subscription { stockChanged(id: \"a\") { id } }";
    client.subscribe("1", watch).await;
    // Beside the test and the subgraph, each stream holds the counter.
    let holders = |wanted| {
        let told = &told;
        async move {
            while Arc::strong_count(told) != wanted {
                tokio::task::yield_now().await;
            }
        }
    };
    within(holders(3)).await;
    // It was told until the buffers of the connection were full, and then given up.
    within(holders(2)).await;
    let in_buffers = told.load(Ordering::SeqCst);
    tokio::task::yield_now().await;
    assert_eq!(told.load(Ordering::SeqCst), in_buffers);
    assert!(in_buffers > 1);
}

#[tokio::test]
async fn what_is_too_much_is_refused_with_the_limit() {
    let options = WebSocketOptions {
        operations: 1,
        message_bytes: 1_000,
        ..WebSocketOptions::default()
    };
    let options = StreamingOptions {
        subscriptions: 1,
        connections: 2,
        ..websocket(options)
    };
    let feed = Feed::new();
    let address = served_with(graph(&feed), options).await;
    let mut first = Client::open(&address).await;
    first.subscribe("1", WATCH).await;
    feed.until(1).await;
    first.subscribe("2", "{ stock }").await;
    let refused = first.hear().await;
    let limit = json!({"code": "TOO_MANY_SUBSCRIPTIONS", "limit": 1, "value": 2});
    assert_eq!(refused["type"], "error");
    assert_eq!(refused["payload"][0]["extensions"], limit);
    let mut second = Client::open(&address).await;
    second.subscribe("1", WATCH).await;
    let refused = second.hear().await;
    assert_eq!(refused["type"], "error");
    assert_eq!(refused["payload"][0]["extensions"], limit);
    let Err(Error::Http(response)) = connect(&address, &[PROTOCOL]).await else {
        panic!("a third connection is too many");
    };
    assert_eq!(response.status(), 503);
    second.subscribe("2", &"#".repeat(1_000)).await;
    assert_eq!(second.closed().await, 1009);
}

#[tokio::test]
async fn one_client_cannot_take_the_room_of_all() {
    install();
    let options = StreamingOptions {
        per_client: Some(PerClient {
            address: HeaderName::from_static("x-address"),
            most: 1,
        }),
        ..StreamingOptions::default()
    };
    let address = served_with(graph(&Feed::new()), options).await;
    let one = ("x-address", "192.0.2.1");
    let first = connect(&address, &[PROTOCOL, one]).await.unwrap();
    let Err(Error::Http(response)) = connect(&address, &[PROTOCOL, one]).await else {
        panic!("a second connection is too many");
    };
    assert_eq!(response.status(), 429);
    let events = reqwest::Client::builder().no_proxy().build().unwrap();
    let events = events
        .post(format!("http://{address}/graphql"))
        .header("accept", "text/event-stream")
        .header("content-type", "application/json")
        .header(one.0, one.1)
        .body(json!({"query": WATCH}).to_string());
    let refused = within(events.send()).await.unwrap();
    assert_eq!(refused.status(), 429);
    let other = ("x-address", "192.0.2.2");
    connect(&address, &[PROTOCOL, other]).await.unwrap();
    drop(first);
    within(async {
        while connect(&address, &[PROTOCOL, one]).await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn other_protocols_and_foreign_pages_are_refused() {
    let options = StreamingOptions {
        allowed_origins: vec!["https://friend.example".to_owned()],
        ..StreamingOptions::default()
    };
    let address = served_with(graph(&Feed::new()), options).await;
    let evil = ("origin", "https://evil.example");
    for (headers, status) in [
        (vec![("sec-websocket-protocol", "graphql-ws")], 400),
        (vec![], 400),
        (vec![PROTOCOL, evil], 403),
    ] {
        let Err(Error::Http(response)) = connect(&address, &headers).await else {
            panic!("refused");
        };
        assert_eq!(response.status(), status, "{headers:?}");
    }
    let own = format!("http://{address}");
    for origin in ["https://friend.example", own.as_str()] {
        connect(&address, &[PROTOCOL, ("origin", origin)])
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn the_token_is_that_of_the_first_message_or_else_of_the_upgrade() {
    let seen: Arc<Mutex<Vec<HeaderMap>>> = Arc::default();
    let (headers, schema) = (Arc::clone(&seen), stock(&Feed::new()));
    let subgraph = InProcess::new(schema.clone()).subscribed_by(Arc::new(
        move |headers: &HeaderMap, request| {
            seen.lock().unwrap().push(headers.clone());
            schema.execute_stream(request).boxed()
        },
    ));
    let address = served(graph_over(Arc::new(subgraph))).await;
    let upgrade = ("authorization", "Bearer upgrade");
    for (payload, token) in [
        (json!({"authorization": "Bearer first"}), "Bearer first"),
        (json!({"Authorization": "Bearer capital"}), "Bearer capital"),
        (json!({}), "Bearer upgrade"),
    ] {
        let mut client = connect(&address, &[PROTOCOL, upgrade]).await.unwrap();
        client
            .say(json!({"type": "connection_init", "payload": payload}))
            .await;
        client.hear().await;
        client.subscribe("1", "subscription { other }").await;
        assert_eq!(client.hear().await["type"], "next");
        let headers = headers.lock().unwrap();
        assert_eq!(headers.last().unwrap()["authorization"], token);
    }
}

#[tokio::test]
async fn a_process_that_stops_sends_its_clients_away_to_come_again() {
    let stop = CancellationToken::new();
    let streaming = Streaming::new(StreamingOptions::default(), stop.clone());
    let feed = Feed::new();
    let address = serve(routes_with(graph(&feed), streaming.clone())).await;
    let mut client = Client::open(&address).await;
    client.subscribe("1", WATCH).await;
    feed.until(1).await;
    assert_eq!(streaming.open_subscriptions(), 1);
    assert_eq!(streaming.open_connections(), 1);
    stop.cancel();
    assert_eq!(client.closed().await, 1012);
    within(streaming.ended()).await;
    assert_eq!(streaming.open_subscriptions(), 0);
}
