//! What a subscriber is told, however the subgraph is reached.

use futures_util::{FutureExt, StreamExt, stream};
use http::HeaderMap;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use stockgraph_router::transport::{
    Events, Subgraph, SubgraphError, SubgraphRequest, SubgraphResponse,
};
use stockgraph_router::{GraphQLRequest, Responses, Router};

use crate::graph::{FAILS, Feed, LAST, QUERY, foreign_server, graph, graph_over, next};

pub async fn subscribe(router: &Arc<Router>, query: &str, id: &str) -> Responses {
    let request = GraphQLRequest::new(query).variables(json!({ "id": id }));
    router.subscribe(request, &HeaderMap::new()).await
}

/// The graph with its `stock` in process, and behind a foreign server.
async fn both(feed: &Feed) -> [Arc<Router>; 2] {
    [graph(feed), graph_over(foreign_server(feed).await)]
}

#[tokio::test]
async fn each_event_is_completed_by_the_other_subgraphs_until_the_end() {
    let feed = Feed::new();
    for router in both(&feed).await {
        feed.until(0).await;
        let mut responses = subscribe(&router, QUERY, "a").await;
        let told = |on_hand: i32| json!({"data": {"stockChanged": {"onHand": on_hand, "name": "name of a"}}});
        for on_hand in [3, 2] {
            let (response, ()) = tokio::join!(next(&mut responses), feed.send_to(1, on_hand));
            assert_eq!(response, Some(told(on_hand)));
        }
        let (end, ()) = tokio::join!(next(&mut responses), feed.send_to(1, LAST));
        assert_eq!(end, None);
    }
}

#[tokio::test]
async fn an_event_that_fails_in_part_is_told_with_its_errors_and_the_next_follows() {
    let feed = Feed::new();
    let router = graph(&feed);
    let mut responses = subscribe(&router, QUERY, "unnamed").await;
    let (response, ()) = tokio::join!(next(&mut responses), feed.send_to(1, 5));
    let response = response.unwrap();
    assert_eq!(
        response["data"],
        json!({"stockChanged": {"onHand": 5, "name": null}})
    );
    assert_eq!(response["errors"][0]["message"], "it has no name");
    assert_eq!(
        response["errors"][0]["path"],
        json!(["stockChanged", "name"])
    );
    assert_eq!(response["errors"][0]["extensions"]["service"], "catalogue");
    assert!(next(&mut responses).now_or_never().is_none(), "it goes on");
}

#[tokio::test]
async fn an_error_of_the_events_own_subgraph_is_at_the_root_field() {
    let feed = Feed::new();
    for router in both(&feed).await {
        feed.until(0).await;
        let mut responses = subscribe(&router, QUERY, "a").await;
        let (response, ()) = tokio::join!(next(&mut responses), feed.send_to(1, FAILS));
        let response = response.unwrap();
        assert_eq!(response["data"], Value::Null);
        assert_eq!(response["errors"][0]["message"], "it was not counted");
        assert_eq!(response["errors"][0]["path"], json!(["stockChanged"]));
        assert_eq!(response["errors"][0]["extensions"]["service"], "stock");
    }
}

#[tokio::test]
async fn a_subscription_that_its_subgraph_refuses_is_told_so_and_ends() {
    let feed = Feed::new();
    for router in both(&feed).await {
        let mut responses = subscribe(&router, QUERY, "hidden").await;
        let response = next(&mut responses).await.unwrap();
        assert_eq!(response["errors"][0]["message"], "it is hidden");
        assert_eq!(next(&mut responses).await, None);
    }
}

#[tokio::test]
async fn a_query_is_a_stream_of_one() {
    let router = graph(&Feed::new());
    let mut responses = subscribe(&router, "{ stock }", "").await;
    assert_eq!(
        next(&mut responses).await,
        Some(json!({"data": {"stock": 7}}))
    );
    assert_eq!(next(&mut responses).await, None);
}

#[tokio::test]
async fn a_subscription_has_one_unconditional_field_of_a_subgraph_at_its_root() {
    let router = graph(&Feed::new());
    for query in [
        "subscription { other stockChanged(id: 1) { id } }",
        "subscription { a: other b: other }",
        "subscription { ...F } fragment F on Subscription { other stockChanged(id: 1) { id } }",
        "subscription { __typename }",
        "subscription { t: __typename }",
        "subscription { other ... { __typename } }",
        "subscription($s: Boolean!) { other @skip(if: $s) }",
        "subscription($s: Boolean!) { other @include(if: $s) }",
        "subscription { ... @include(if: true) { other } }",
        "subscription { ...F @skip(if: false) } fragment F on Subscription { other }",
    ] {
        let request = GraphQLRequest::new(query).variables(json!({"s": true}));
        let mut responses = router.subscribe(request, &HeaderMap::new()).await;
        let response = next(&mut responses).await.unwrap();
        assert_eq!(
            response["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED",
            "{query}: {response}"
        );
        assert_eq!(response.get("data"), None, "{query}");
        assert_eq!(next(&mut responses).await, None, "{query}");
    }
    let mut responses = subscribe(&router, "subscription { other other }", "").await;
    assert_eq!(
        next(&mut responses).await,
        Some(json!({"data": {"other": 1}}))
    );
}

#[tokio::test]
async fn a_subscription_cannot_be_answered_by_one_response() {
    let router = graph(&Feed::new());
    let request = GraphQLRequest::new("subscription { other }");
    let response = router.execute(request, &HeaderMap::new()).await.to_json();
    assert_eq!(
        response["errors"][0]["extensions"]["code"],
        "OPERATION_NOT_SUPPORTED"
    );
}

/// Tells as many events as are taken, each so large that a few dozen fill the buffers of a connection.
pub struct Eager(pub Arc<AtomicI32>);

impl Subgraph for Eager {
    fn execute<'a>(
        &'a self,
        _: SubgraphRequest<'a>,
    ) -> futures_util::future::BoxFuture<'a, Result<SubgraphResponse, SubgraphError>> {
        unreachable!("only subscribed to")
    }

    fn subscribe(&self, _: SubgraphRequest<'_>) -> Events {
        let told = Arc::clone(&self.0);
        stream::repeat_with(move || {
            let on_hand = told.fetch_add(1, Ordering::SeqCst);
            let id = "a".repeat(100_000);
            let product = json!({"__typename": "Product", "id": id, "onHand": on_hand});
            Ok(SubgraphResponse {
                data: json!({"stockChanged": product}),
                ..SubgraphResponse::default()
            })
        })
        .boxed()
    }
}

#[tokio::test]
async fn nothing_gathers_for_a_client_that_does_not_take_its_events() {
    let told = Arc::new(AtomicI32::new(0));
    let router = graph_over(Arc::new(Eager(Arc::clone(&told))));
    let mut responses = subscribe(&router, QUERY, "a").await;
    for _ in 0..3 {
        next(&mut responses).await.unwrap();
    }
    tokio::task::yield_now().await;
    assert_eq!(told.load(Ordering::SeqCst), 3, "told as they are taken");
}
