//! Subscriptions through the whole graph: in one process, with every subgraph behind HTTP, and between replicas.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::TimeDelta;
use futures_util::{StreamExt, future::join_all};
use serde_json::{Value, json};
use stockgraph_kit::{
    caller::{Scope, Scopes},
    database::Engine,
    on_both_engines,
    serve::{self, Lifetime},
    subgraph::{Service, Subgraph},
};
use stockgraph_router::{GraphQLRequest, Responses, Router};
use stockgraph_server::{
    config::SubgraphName,
    databases::Databases,
    graph::{self, Graph},
    parts,
};
use tokio::{net::TcpListener, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::test_graph::{As, TestGraph};

const ORDER: &str =
    "subscription ($id: ID!) { orderChanged(id: $id) { status lines { product { name } } } }";

const STOCK: &str =
    "subscription ($id: ID!) { stockChanged(productIds: [$id]) { product { name } onHand } }";

async fn watch(router: &Arc<Router>, caller: &As, query: &str, id: &Value) -> Responses {
    let request = GraphQLRequest::new(query).variables(json!({ "id": id }));
    router.subscribe(request, caller.headers()).await
}

pub async fn within<F: Future>(future: F) -> F::Output {
    let patience = Duration::from_secs(30);
    timeout(patience, future).await.expect("it comes")
}

/// The next response; `None` at the end.
async fn next(responses: &mut Responses) -> Option<Value> {
    within(responses.next())
        .await
        .map(|response| response.to_json())
}

/// The status in the next response, which has no errors.
async fn status(responses: &mut Responses) -> String {
    let response = next(responses).await.expect("one more");
    assert!(response.get("errors").is_none(), "{response:#}");
    let order = &response["data"]["orderChanged"];
    assert_eq!(order["lines"][0]["product"]["name"], "Product SKU-1");
    order["status"].as_str().unwrap().to_owned()
}

/// The last response says this, and no other follows.
async fn assert_ends(responses: &mut Responses, code: &str, service: &str) {
    let response = next(responses).await.expect("an error");
    assert_eq!(
        response["errors"][0]["extensions"],
        json!({ "code": code, "service": service }),
        "{response:#}"
    );
    assert_eq!(next(responses).await, None);
}

/// Serves a subgraph over HTTP, for itself; its URL.
pub async fn serve<S: Subgraph>(
    test: &TestGraph,
    service: &Service<S>,
    websockets: &Lifetime,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/graphql", listener.local_addr().unwrap());
    let gate = parts::gate(&test.config, &test.foundation);
    let routes = serve::routes_until(service.clone(), gate, websockets.clone());
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    url
}

/// A router whose subgraphs are all behind HTTP.
async fn apart(test: &TestGraph, websockets: &Lifetime) -> Arc<Router> {
    stockgraph_server::use_ring();
    let (graph, mut config) = (&test.graph, test.config.clone());
    config.subgraphs.users = serve(test, &graph.users, websockets).await;
    config.subgraphs.products = serve(test, &graph.products, websockets).await;
    config.subgraphs.warehouses = serve(test, &graph.warehouses, websockets).await;
    config.subgraphs.orders = serve(test, &graph.orders, websockets).await;
    let transports = SubgraphName::ALL.map(|name| {
        let (foundation, url) = (&test.foundation, config.subgraphs.url(name));
        let transport = graph::router_transport(&config, foundation, name.as_str(), url);
        (name.to_string(), transport.unwrap())
    });
    let supergraph = graph.router.supergraph_sdl();
    let options = graph::router_options(&config, &test.foundation).unwrap();
    let router = Router::from_supergraph(supergraph, HashMap::from(transports), options);
    Arc::new(router.unwrap())
}

/// The router over the subgraphs in its process, and over those behind HTTP.
async fn both_ways(test: &TestGraph) -> [Arc<Router>; 2] {
    [
        Arc::clone(&test.graph.router),
        apart(test, &Lifetime::default()).await,
    ]
}

async fn act(test: &TestGraph, mutation: &str, order: &Value) {
    let input = json!({ "id": order["id"] });
    test.done(&test.everything(), mutation, "order { status }", input)
        .await;
}

on_both_engines! {
    async fn a_customer_follows_an_order_through_all_subgraphs(engine: Engine) {
        let test = TestGraph::empty(engine).await;
        let shelf = test.shelf(10).await;
        let customer = test.customer();
        for (way, router) in both_ways(&test).await.iter().enumerate() {
            let order = test.place(&customer, &way.to_string(), &[(&shelf.product, 1)]).await["order"].take();
            let mut own = watch(router, &customer, ORDER, &order["id"]).await;
            assert_eq!(status(&mut own).await, "PENDING_PAYMENT");
            test.pay(&order, &format!("payment {way}")).await;
            assert_eq!(status(&mut own).await, "PAID");
            act(&test, "shipOrder", &order).await;
            assert_eq!(status(&mut own).await, "SHIPPED");
            let mut foreign = watch(router, &test.customer(), ORDER, &order["id"]).await;
            assert_ends(&mut foreign, "BAD_USER_INPUT", "orders").await;
        }
    }

    async fn a_stream_ends_when_the_token_that_opened_it_expires(engine: Engine) {
        let test = TestGraph::empty(engine).await;
        let shelf = test.shelf(10).await;
        for router in both_ways(&test).await {
            let issuer = &test.foundation.issuer;
            let token = issuer.user(
                test.foundation.ids.next(),
                test.foundation.ids.next(),
                &Scopes::from([Scope::StockRead]),
                TimeDelta::minutes(15),
            );
            let caller = As::token(&token.unwrap().text);
            let mut stock = watch(&router, &caller, STOCK, &json!(shelf.product)).await;
            let first = next(&mut stock).await.unwrap();
            assert_eq!(first["data"]["stockChanged"]["product"], json!({ "name": "Product SKU-1" }));
            test.clock().advance(TimeDelta::minutes(14));
            test.receive(&shelf.warehouse, &shelf.product, 1).await;
            assert!(next(&mut stock).await.unwrap().get("errors").is_none());
            test.clock().advance(TimeDelta::minutes(1));
            assert_ends(&mut stock, "UNAUTHENTICATED", "warehouses").await;
            let mut late = watch(&router, &caller, STOCK, &json!(shelf.product)).await;
            assert_ends(&mut late, "UNAUTHENTICATED", "warehouses").await;
        }
    }

    async fn a_stream_ends_when_its_session_is_over(engine: Engine) {
        let test = TestGraph::demo(engine).await;
        let query = "{ productBySku(sku: \"LAPTOP-16GB\") { id } }";
        let product = test.data(&As::anonymous(), query, json!({})).await["productBySku"]["id"].take();
        for router in both_ways(&test).await {
            let log_in = "mutation { logIn(input: { identifier: \"user1@example.com\", password: \"password123\" }) { session { accessToken refreshToken } } }";
            let session = test.data(&As::anonymous(), log_in, json!({})).await["logIn"]["session"].take();
            let caller = As::token(session["accessToken"].as_str().unwrap());
            let mut stock = watch(&router, &caller, STOCK, &product).await;
            assert!(next(&mut stock).await.unwrap().get("errors").is_none());
            let log_out = "mutation ($t: String!) { logOut(input: { refreshToken: $t }) { loggedOut } }";
            test.data(&As::anonymous(), log_out, json!({ "t": session["refreshToken"] })).await;
            assert_ends(&mut stock, "UNAUTHENTICATED", "warehouses").await;
        }
    }
}

/// A router and its subgraphs on the databases of another.
async fn replica(test: &TestGraph) -> (Graph, Databases) {
    let databases = Databases::open(&test.config).await.unwrap();
    let graph = Graph::assemble(&test.config, &test.foundation, &databases).unwrap();
    (graph, databases)
}

#[tokio::test]
async fn what_one_replica_does_is_told_by_another() {
    let test = TestGraph::empty(Engine::Postgres).await;
    let (replica, databases) = replica(&test).await;
    let shelf = test.shelf(10).await;
    let customer = test.customer();
    let order = test.place(&customer, "key", &[(&shelf.product, 1)]).await["order"].take();
    let mut told = watch(&replica.router, &customer, ORDER, &order["id"]).await;
    assert_eq!(status(&mut told).await, "PENDING_PAYMENT");
    test.pay(&order, "payment").await;
    assert_eq!(status(&mut told).await, "PAID");
    act(&test, "shipOrder", &order).await;
    assert_eq!(status(&mut told).await, "SHIPPED");
    act(&test, "deliverOrder", &order).await;
    assert_eq!(status(&mut told).await, "DELIVERED");
    // A stream that is still open keeps no database from closing.
    within(databases.close()).await.unwrap();
}

#[tokio::test]
async fn the_stock_that_another_replica_tells_never_goes_back() {
    let test = TestGraph::empty(Engine::Postgres).await;
    let (replica, _databases) = replica(&test).await;
    let shelf = test.shelf(1).await;
    let mut told = watch(
        &replica.router,
        &As::anonymous(),
        STOCK,
        &json!(shelf.product),
    )
    .await;
    next(&mut told).await.unwrap();
    let receives = (0..20).map(|_| test.receive(&shelf.warehouse, &shelf.product, 1));
    let reading = async {
        let mut before = 1;
        while before < 21 {
            let response = next(&mut told).await.unwrap();
            let now = response["data"]["stockChanged"]["onHand"].as_i64();
            let now = now.unwrap_or_else(|| panic!("{response:#}"));
            assert!(now > before, "{now} after {before}");
            before = now;
        }
    };
    tokio::join!(reading, join_all(receives));
}

#[tokio::test]
async fn a_subgraph_that_stops_ends_its_streams_with_an_error() {
    let test = TestGraph::empty(Engine::Sqlite).await;
    let shelf = test.shelf(10).await;
    let websockets = Lifetime::until(CancellationToken::new());
    let router = apart(&test, &websockets).await;
    let mut stock = watch(&router, &As::anonymous(), STOCK, &json!(shelf.product)).await;
    assert!(next(&mut stock).await.unwrap().get("errors").is_none());
    websockets.stop.cancel();
    assert_ends(&mut stock, "SUBGRAPH_UNAVAILABLE", "warehouses").await;
    within(websockets.ended()).await;
}
