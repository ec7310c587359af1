//! Subgraphs over HTTP and in process, and what is passed on to them.

use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use stockgraph_router::GraphQLRequest;
use stockgraph_router::transport::{
    Http, HttpOptions, InProcess, SubgraphClient, SubgraphError, client, fetch_sdl,
};

use crate::doubles::{Scripted, ask, router};
use crate::shop::{compose, parts, shop_with};

/// Serves an axum router on a free port and gives its URL.
async fn listen(routes: axum::Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    format!("http://{address}/graphql")
}

fn http(url: &str) -> Http {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let options = HttpOptions {
        timeout: Duration::from_millis(300),
        ..HttpOptions::default()
    };
    Http::new(client(&options).unwrap(), url).unwrap()
}

/// A server that answers every POST with this status and body.
async fn answering(status: u16, body: &'static str) -> String {
    let status = http::StatusCode::from_u16(status).unwrap();
    let answer = axum::routing::post(move || async move { (status, body) });
    listen(axum::Router::new().route("/graphql", answer)).await
}

#[tokio::test]
async fn a_graph_over_http_answers_as_one_in_process() {
    // The people subgraph, served by a router of its own that holds nothing else.
    let mut alone = parts();
    alone.retain(|part| part.0 == "people");
    let transport = Arc::clone(&alone[0].2);
    let answer = move |axum::Json(body): axum::Json<Value>| {
        let transport = Arc::clone(&transport);
        async move {
            let client = SubgraphClient::new("people", transport);
            let query = body["query"].as_str().unwrap().to_owned();
            let variables = body["variables"].clone();
            let data = client
                .call(&query, variables, &HeaderMap::new())
                .await
                .unwrap();
            axum::Json(json!({ "data": data }))
        }
    };
    let url = listen(axum::Router::new().route("/graphql", axum::routing::post(answer))).await;
    let shop = shop_with("people", Arc::new(http(&url)));
    assert_eq!(
        ask(
            &shop,
            "{ latestReview { author { age } } person(id: \"a\") { name age } }"
        )
        .await,
        json!({"data": {"latestReview": {"author": {"age": null}}, "person": {"name": "Ada", "age": 36}}})
    );
}

#[tokio::test]
async fn a_port_where_nobody_listens_costs_only_its_fields() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/graphql", listener.local_addr().unwrap());
    drop(listener);
    let shop = shop_with("people", Arc::new(http(&url)));
    let answer = ask(&shop, "{ carriers person(id: \"a\") { name } }").await;
    assert_eq!(
        answer["data"],
        json!({"carriers": ["sea", "air"], "person": null})
    );
    assert_eq!(
        answer["errors"][0]["extensions"],
        json!({"code": "SUBGRAPH_UNAVAILABLE", "service": "people"})
    );
    assert_eq!(answer["errors"][0]["path"], json!(["person"]));
}

#[tokio::test]
async fn answers_over_http_are_read_whatever_their_status() {
    let ask = async |url: String| {
        let client = SubgraphClient::new("x", Arc::new(http(&url)));
        client.call("{ a }", Value::Null, &HeaderMap::new()).await
    };
    assert_eq!(
        ask(answering(200, r#"{"data":{"a":1}}"#).await)
            .await
            .unwrap(),
        json!({"a": 1})
    );
    let refused = ask(answering(
        401,
        r#"{"errors":[{"message":"no","extensions":{"code":"UNAUTHENTICATED"}}]}"#,
    )
    .await)
    .await;
    assert_eq!(refused.unwrap_err().code(), "UNAUTHENTICATED");
    let broken = ask(answering(200, "<html>").await).await;
    assert_eq!(broken.unwrap_err().code(), "SUBGRAPH_BAD_ANSWER");
    let down = ask(answering(503, "try later").await).await;
    assert_eq!(down.unwrap_err().code(), "SUBGRAPH_UNAVAILABLE");
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up() {
    let never = axum::routing::post(|| async { std::future::pending::<String>().await });
    let url = listen(axum::Router::new().route("/graphql", never)).await;
    let client = SubgraphClient::new("slow", Arc::new(http(&url)));
    let error = client
        .call("{ a }", Value::Null, &HeaderMap::new())
        .await
        .unwrap_err();
    assert!(matches!(error, SubgraphError::TimedOut), "{error}");
}

#[tokio::test]
async fn the_schema_is_fetched_from_the_subgraph_itself() {
    for (_, sdl, transport) in parts() {
        let fetched = fetch_sdl(transport.as_ref()).await.unwrap();
        assert!(
            sdl.starts_with(&fetched[..40]) || fetched.contains("@key"),
            "{fetched}"
        );
    }
    let double = Scripted::always(json!({"data": {"other": 1}}));
    assert_eq!(
        fetch_sdl(double.as_ref()).await.unwrap_err().code(),
        "SUBGRAPH_BAD_ANSWER"
    );
}

#[tokio::test]
async fn only_the_named_headers_are_passed_on() {
    let double = Scripted::always(json!({"data": {"a": 1}}));
    let router = router(vec![("only", "type Query { a: Int }", double.clone())]);
    let mut headers = HeaderMap::new();
    for name in [
        "authorization",
        "x-request-id",
        "cookie",
        "host",
        "content-length",
    ] {
        headers.insert(name, HeaderValue::from_static("v"));
    }
    router.execute(GraphQLRequest::new("{ a }"), &headers).await;
    let asked = double.asked();
    let mut names: Vec<&str> = asked[0]
        .headers
        .keys()
        .map(http::HeaderName::as_str)
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["authorization", "x-request-id"]);
}

mod hook {
    pub struct Query;

    #[async_graphql::Object]
    impl Query {
        async fn caller(&self, context: &async_graphql::Context<'_>) -> String {
            context.data_opt::<String>().cloned().unwrap_or_default()
        }
    }
}

#[tokio::test]
async fn whoever_assembles_the_process_puts_the_caller_into_the_request_or_refuses_it() {
    use async_graphql::{EmptyMutation, EmptySubscription, Response, Schema, ServerError};
    let schema = Schema::new(hook::Query, EmptyMutation, EmptySubscription);
    let sdl = schema.sdl();
    let subgraph = InProcess::executed_by(Arc::new(move |headers, request| {
        let schema = schema.clone();
        Box::pin(async move {
            let token = headers
                .get("authorization")
                .and_then(|value| value.to_str().ok());
            match token {
                Some("bad") => {
                    Response::from_errors(vec![ServerError::new("the token is not valid", None)])
                }
                Some(token) => schema.execute(request.data(token.to_owned())).await,
                None => schema.execute(request).await,
            }
        })
    }));
    let router = compose(vec![("only", sdl, Arc::new(subgraph))]);
    let run = async |token: &'static str| {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_static(token));
        router
            .execute(GraphQLRequest::new("{ caller }"), &headers)
            .await
            .to_json()
    };
    assert_eq!(run("ada").await, json!({"data": {"caller": "ada"}}));
    assert_eq!(run("bob").await, json!({"data": {"caller": "bob"}}));
    let refused = run("bad").await;
    assert_eq!(refused["errors"][0]["message"], "the token is not valid");
    assert_eq!(refused["errors"][0]["path"], json!(["caller"]));
}

#[tokio::test]
async fn an_answer_without_end_is_not_kept_in_memory() {
    let chunk = axum::body::Bytes::from(vec![b' '; 1024 * 1024]);
    let endless = axum::routing::post(move || async move {
        let chunks = futures_util::stream::repeat(Ok::<_, std::convert::Infallible>(chunk));
        axum::body::Body::from_stream(chunks)
    });
    let url = listen(axum::Router::new().route("/graphql", endless)).await;
    let _ = rustls::crypto::ring::default_provider().install_default();
    let transport = Http::new(client(&HttpOptions::default()).unwrap(), url).unwrap();
    let client = SubgraphClient::new("endless", Arc::new(transport));
    let answer = client.call("{ a }", Value::Null, &HeaderMap::new()).await;
    assert_eq!(answer.unwrap_err().code(), "SUBGRAPH_BAD_ANSWER");
}

#[tokio::test]
async fn a_resolver_that_panics_costs_only_its_subgraphs_fields() {
    let panicking = InProcess::executed_by(Arc::new(|_, _| {
        Box::pin(async { panic!("a fault of this subgraph") })
    }));
    let shop = shop_with("people", Arc::new(panicking));
    let answer = ask(&shop, "{ carriers person(id: \"a\") { name } }").await;
    assert_eq!(
        answer["data"],
        json!({"carriers": ["sea", "air"], "person": null})
    );
    assert_eq!(
        answer["errors"][0]["extensions"],
        json!({"code": "SUBGRAPH_BAD_ANSWER", "service": "people"})
    );
}
