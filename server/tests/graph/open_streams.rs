//! Streams of the router through all layers before it, over real connections.

use http::{StatusCode, header::ACCEPT_ENCODING};
use serde_json::json;
use stockgraph_server::config::Config;
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Error, client::IntoClientRequest},
};

use crate::{
    http::{Site, client},
    subscriptions::within,
};

#[tokio::test]
async fn events_come_at_once_though_the_client_takes_compressed_answers() {
    let site = Site::start(Config::default()).await;
    let shelf = site.test.shelf(10).await;
    let query = "subscription ($id: ID!) { stockChanged(productIds: [$id]) { onHand } }";
    let request = json!({ "query": query, "variables": { "id": shelf.product } });
    let request = client()
        .build()
        .unwrap()
        .post(site.url())
        .header("accept", "text/event-stream")
        .header(ACCEPT_ENCODING, "gzip, br")
        .header("content-type", "application/json")
        .body(request.to_string());
    let mut events = within(request.send()).await.unwrap();
    assert_eq!(events.headers().get("content-encoding"), None);
    for on_hand in [10, 11] {
        let event = within(events.chunk()).await.unwrap().unwrap();
        let event = String::from_utf8(event.to_vec()).unwrap();
        let told = format!("\"onHand\":{on_hand}");
        assert!(
            event.starts_with("event: next\n") && event.contains(&told),
            "{event}"
        );
        let (warehouse, product) = (&shelf.warehouse, &shelf.product);
        site.test.receive(warehouse, product, 1).await;
    }
}

async fn upgrade(site: &Site, origin: &str) -> StatusCode {
    let url = site.url().replacen("http", "ws", 1);
    let mut request = url.into_client_request().unwrap();
    let headers = request.headers_mut();
    let protocol = "graphql-transport-ws".parse().unwrap();
    headers.insert("sec-websocket-protocol", protocol);
    headers.insert("origin", origin.parse().unwrap());
    match within(connect_async(request)).await {
        Ok((_, response)) => response.status(),
        Err(Error::Http(response)) => response.status(),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn websockets_are_opened_by_the_pages_that_cors_lets_in() {
    let (shop, evil) = ("https://shop.example", "https://evil.example");
    let (open, closed) = (StatusCode::SWITCHING_PROTOCOLS, StatusCode::FORBIDDEN);
    for (allowed, expected) in [
        (vec![], [closed, closed, closed]),
        (vec![shop.to_owned()], [open, closed, closed]),
        (vec!["*".to_owned()], [open, open, open]),
    ] {
        let mut config = Config::default();
        config.router.cors.allow_origins.clone_from(&allowed);
        let site = Site::start(config).await;
        for (origin, expected) in [shop, evil, "null"].into_iter().zip(expected) {
            let found = upgrade(&site, origin).await;
            assert_eq!(found, expected, "{origin} where {allowed:?} are allowed");
        }
        let own = format!("http://{}", site.address);
        assert_eq!(upgrade(&site, &own).await, open);
    }
}
