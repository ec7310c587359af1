//! What a subscription's events fetch of other subgraphs is fetched by the rules of every request.

use futures_util::future::{BoxFuture, pending};
use http::header::{ACCEPT_LANGUAGE, AUTHORIZATION};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use stockgraph_router::headers::{HeaderMatch, RequestAction, RequestRule};
use stockgraph_router::transport::{
    Http, HttpOptions, InProcess, Subgraph, SubgraphError, SubgraphRequest, SubgraphResponse,
    Traffic, client,
};
use stockgraph_router::{GraphQLRequest, RouterOptions};

use crate::graph::{Feed, QUERY, catalogue, graph_of, next, serve, stock};

/// Hears the headers of what it is asked, and answers the first call never.
struct Listening {
    heard: Arc<Mutex<Vec<HeaderMap>>>,
    hangs_at_first: bool,
    answering: InProcess,
}

impl Subgraph for Listening {
    fn execute<'a>(
        &'a self,
        request: SubgraphRequest<'a>,
    ) -> BoxFuture<'a, Result<SubgraphResponse, SubgraphError>> {
        let mut heard = self.heard.lock().unwrap();
        heard.push(request.headers.clone());
        if self.hangs_at_first && heard.len() == 1 {
            return Box::pin(pending());
        }
        self.answering.execute(request)
    }
}

fn listening(hangs_at_first: bool) -> (Arc<Listening>, Arc<Mutex<Vec<HeaderMap>>>) {
    let heard = Arc::default();
    let listening = Listening {
        heard: Arc::clone(&heard),
        hangs_at_first,
        answering: InProcess::new(catalogue()),
    };
    (Arc::new(listening), heard)
}

fn request() -> GraphQLRequest {
    GraphQLRequest::new(QUERY).variables(json!({"id": "a"}))
}

#[tokio::test]
async fn headers_are_those_of_the_rules() {
    let feed = Feed::new();
    let (catalogue, heard) = listening(false);
    let mut options = RouterOptions::default();
    let shop = HeaderName::from_static("x-shop");
    for (subgraph, action) in [
        (
            "catalogue",
            RequestAction::Remove(HeaderMatch::Named(AUTHORIZATION)),
        ),
        (
            "catalogue",
            RequestAction::Insert {
                name: shop.clone(),
                value: HeaderValue::from_static("1"),
            },
        ),
    ] {
        options.headers.request.push(RequestRule {
            subgraphs: vec![subgraph.to_owned()],
            action,
        });
    }
    let stock = Arc::new(InProcess::new(stock(&feed)));
    let router = graph_of(stock, catalogue, options);
    let caller = HeaderMap::from_iter([
        (AUTHORIZATION, HeaderValue::from_static("Bearer t")),
        (ACCEPT_LANGUAGE, HeaderValue::from_static("de")),
        (
            HeaderName::from_static("x-user-id"),
            HeaderValue::from_static("admin"),
        ),
    ]);
    let mut responses = router.subscribe(request(), &caller).await;
    let (response, ()) = tokio::join!(next(&mut responses), feed.send_to(1, 3));
    assert_eq!(
        response.unwrap()["data"]["stockChanged"]["name"],
        "name of a"
    );
    let heard = heard.lock().unwrap();
    assert_eq!(heard.len(), 1);
    assert_eq!(heard[0][ACCEPT_LANGUAGE], "de");
    assert_eq!(heard[0][shop], "1");
    assert_eq!(heard[0].get(AUTHORIZATION), None);
    assert_eq!(heard[0].get("x-user-id"), None);
}

/// Time stands still but where all wait, so that this takes none.
#[tokio::test(start_paused = true)]
async fn an_event_has_the_time_of_a_request_and_the_next_has_it_anew() {
    let feed = Feed::new();
    let (catalogue, _) = listening(true);
    let options = RouterOptions {
        request_timeout: Duration::from_secs(3),
        ..RouterOptions::default()
    };
    let stock = Arc::new(InProcess::new(stock(&feed)));
    let router = graph_of(stock, catalogue, options);
    let mut responses = router.subscribe(request(), &HeaderMap::new()).await;
    let (response, ()) = tokio::join!(next(&mut responses), feed.send_to(1, 3));
    let response = response.unwrap();
    let data = |name: Value| json!({"stockChanged": {"onHand": 3, "name": name}});
    assert_eq!(response["data"], data(Value::Null));
    let code = &response["errors"][0]["extensions"]["code"];
    assert_eq!(code, "REQUEST_TIMEOUT");
    let (response, ()) = tokio::join!(next(&mut responses), feed.send_to(1, 3));
    assert_eq!(response, Some(json!({"data": data(json!("name of a"))})));
}

#[tokio::test]
async fn subscribers_of_one_caller_share_what_they_fetch_at_the_same_moment() {
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    let asked = Arc::new(AtomicUsize::new(0));
    let (schema, counted) = (catalogue(), Arc::clone(&asked));
    let answer = move |request: async_graphql_axum::GraphQLRequest| {
        counted.fetch_add(1, Ordering::SeqCst);
        let schema = schema.clone();
        async move {
            let response = schema.execute(request.into_inner()).await;
            async_graphql_axum::GraphQLResponse::from(response)
        }
    };
    let routes = axum::Router::new().route("/graphql", axum::routing::post(answer));
    let url = format!("http://{}/graphql", serve(routes).await);
    let http = Http::new(client(&HttpOptions::default()).unwrap(), url).unwrap();
    let catalogue = Arc::new(http.with_traffic(&Traffic::default()));
    let feed = Feed::new();
    let stock = Arc::new(InProcess::new(stock(&feed)));
    let router = graph_of(stock, catalogue, RouterOptions::default());
    let caller = |token| HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(token))]);
    let mut first = router.subscribe(request(), &caller("Bearer a")).await;
    let mut second = router.subscribe(request(), &caller("Bearer a")).await;
    let mut other = router.subscribe(request(), &caller("Bearer b")).await;
    let (first, second, other, ()) = tokio::join!(
        next(&mut first),
        next(&mut second),
        next(&mut other),
        feed.send_to(3, 3)
    );
    assert_eq!(first.unwrap()["data"]["stockChanged"]["name"], "name of a");
    assert_eq!(second.unwrap()["data"]["stockChanged"]["name"], "name of a");
    assert_eq!(other.unwrap()["data"]["stockChanged"]["name"], "name of a");
    assert_eq!(asked.load(Ordering::SeqCst), 2, "one for each caller");
}
