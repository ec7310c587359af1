//! Server-sent events, as curl reads them.

use axum::body::Body;
use futures_util::StreamExt;
use http::{Request, Response, StatusCode};
use std::sync::Arc;
use std::time::Duration;
use stockgraph_router::Router;
use stockgraph_router::serving::{Streaming, StreamingOptions, routes_with};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::events::Eager;
use crate::graph::{Feed, LAST, graph, graph_over, serve, within};

const STREAM: (&str, &str) = ("accept", "text/event-stream");
const JSON: (&str, &str) = ("content-type", "application/json");
const SUBSCRIBE: &str = r#"{"query":"subscription { stockChanged(id: \"a\") { onHand name } }"}"#;

async fn send(
    router: &Arc<Router>,
    streaming: &Streaming,
    method: &str,
    uri: &str,
    headers: &[(&str, &str)],
    body: &'static str,
) -> Response<Body> {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body)).unwrap();
    let routes = routes_with(Arc::clone(router), streaming.clone());
    routes.oneshot(request).await.unwrap()
}

/// Posts a request and takes events alone.
async fn post(router: &Arc<Router>, streaming: &Streaming, body: &'static str) -> Response<Body> {
    let headers = &[STREAM, JSON];
    send(router, streaming, "POST", "/graphql", headers, body).await
}

async fn text(response: Response<Body>) -> String {
    let bytes = within(axum::body::to_bytes(response.into_body(), usize::MAX)).await;
    String::from_utf8(bytes.unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn a_subscription_is_an_event_each_and_one_at_the_end() {
    let feed = Feed::new();
    let (router, streaming) = (graph(&feed), Streaming::default());
    let response = post(&router, &streaming, SUBSCRIBE).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert_eq!(response.headers()["cache-control"], "no-cache");
    assert_eq!(streaming.open_subscriptions(), 1);
    let events = async {
        feed.send_to(1, 3).await;
        feed.send_to(1, LAST).await;
    };
    let (text, ()) = tokio::join!(text(response), events);
    assert_eq!(
        text,
        "event: next\ndata: {\"data\":{\"stockChanged\":{\"onHand\":3,\"name\":\"name of a\"}}}\n\nevent: complete\ndata: \n\n"
    );
    assert_eq!(streaming.open_subscriptions(), 0);
}

#[tokio::test]
async fn a_client_that_does_not_read_is_given_up_and_makes_room_for_another() {
    let mut options = StreamingOptions::default();
    options.websocket.send_timeout = Duration::from_millis(100);
    let streaming = Streaming::new(options, CancellationToken::new());
    let router = graph_over(Arc::new(Eager(Arc::default())));
    let address = serve(routes_with(router, streaming.clone())).await;
    let mut client = TcpStream::connect(address).await.unwrap();
    let query = r#"{"query":"subscription { stockChanged(id: \"a\") { id } }"}"#;
    let request = format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{query}",
        query.len()
    );
    client.write_all(request.as_bytes()).await.unwrap();
    for open in [1, 0] {
        within(async {
            while streaming.open_subscriptions() != open {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
    drop(client);
}

#[tokio::test]
async fn a_query_is_one_event_and_so_is_a_refusal() {
    let (router, streaming) = (graph(&Feed::new()), Streaming::default());
    for (query, told) in [
        (r#"{"query":"{ stock }"}"#, r#"{"data":{"stock":7}}"#),
        (r#"{"query":"{ nothing }"}"#, "GRAPHQL_VALIDATION_FAILED"),
    ] {
        let response = post(&router, &streaming, query).await;
        assert_eq!(response.status(), StatusCode::OK);
        let text = text(response).await;
        assert!(
            text.starts_with("event: next\n") && text.contains(told),
            "{text}"
        );
        assert!(text.ends_with("event: complete\ndata: \n\n"), "{text}");
    }
}

#[tokio::test]
async fn a_get_needs_the_header_that_no_foreign_page_can_send() {
    let (router, streaming) = (graph(&Feed::new()), Streaming::default());
    let uri = "/graphql?query=subscription%20%7B%20other%20%7D";
    let response = send(&router, &streaming, "GET", uri, &[STREAM], "").await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    let safe = ("graphql-require-preflight", "1");
    let response = send(&router, &streaming, "GET", uri, &[STREAM, safe], "").await;
    let told = text(response).await;
    assert!(told.contains(r#"{"data":{"other":1}}"#), "{told}");
}

#[tokio::test]
async fn who_takes_json_as_well_gets_it_for_a_query() {
    let (router, streaming) = (graph(&Feed::new()), Streaming::default());
    let both = ("accept", "application/json, text/event-stream");
    let query = r#"{"query":"{ stock }"}"#;
    let response = send(
        &router,
        &streaming,
        "POST",
        "/graphql",
        &[both, JSON],
        query,
    )
    .await;
    assert_eq!(text(response).await, r#"{"data":{"stock":7}}"#);
    let query = r#"{"query":"subscription { other }"}"#;
    let response = send(
        &router,
        &streaming,
        "POST",
        "/graphql",
        &[both, JSON],
        query,
    )
    .await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
}

#[tokio::test]
async fn a_body_that_is_not_json_or_too_large_is_refused_by_its_status() {
    let (router, streaming) = (graph(&Feed::new()), Streaming::default());
    let plain = ("content-type", "text/plain");
    let response = send(
        &router,
        &streaming,
        "POST",
        "/graphql",
        &[STREAM, plain],
        SUBSCRIBE,
    )
    .await;
    assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let large: &'static str = Box::leak(" ".repeat(2 << 20).into_boxed_str());
    let response = post(&router, &streaming, large).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn one_subscription_too_many_is_refused_with_the_limit() {
    let options = StreamingOptions {
        subscriptions: 1,
        ..StreamingOptions::default()
    };
    let streaming = Streaming::new(options, CancellationToken::new());
    let router = graph(&Feed::new());
    let first = post(&router, &streaming, SUBSCRIBE).await;
    let second = post(&router, &streaming, SUBSCRIBE).await;
    let told = text(second).await;
    assert!(
        told.contains(r#""code":"TOO_MANY_SUBSCRIPTIONS","limit":1,"value":2"#),
        "{told}"
    );
    drop(first);
    within(async {
        while streaming.open_subscriptions() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_stream_without_events_is_kept_alive_by_comments() {
    let options = StreamingOptions {
        keep_alive: Duration::from_millis(10),
        ..StreamingOptions::default()
    };
    let streaming = Streaming::new(options, CancellationToken::new());
    let router = graph(&Feed::new());
    let response = post(&router, &streaming, SUBSCRIBE).await;
    let mut body = response.into_body().into_data_stream();
    assert_eq!(&within(body.next()).await.unwrap().unwrap()[..], b":\n\n");
}

#[tokio::test]
async fn a_process_that_stops_completes_its_streams() {
    let stop = CancellationToken::new();
    let streaming = Streaming::new(StreamingOptions::default(), stop.clone());
    let feed = Feed::new();
    let router = graph(&feed);
    let response = post(&router, &streaming, SUBSCRIBE).await;
    let mut body = response.into_body().into_data_stream();
    let (first, ()) = tokio::join!(within(body.next()), feed.send_to(1, 1));
    assert!(first.unwrap().unwrap().starts_with(b"event: next"));
    stop.cancel();
    let last = within(body.next()).await.unwrap().unwrap();
    assert_eq!(&last[..], b"event: complete\ndata: \n\n");
    assert!(within(body.next()).await.is_none());
}
