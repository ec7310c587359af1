//! With a subgraph gone, the other fields still arrive, and the error names it.

use std::collections::HashMap;

use crate::test_graph::TestGraph;
use http::HeaderMap;
use serde_json::json;
use stockgraph_kit::{
    database::Engine,
    serve,
    subgraph::{Service, Subgraph},
};
use stockgraph_router::{GraphQLRequest, Router, RouterOptions};
use stockgraph_server::{config::SubgraphName, graph, parts};
use tokio::{net::TcpListener, task::JoinHandle};

struct Served {
    url: String,
    server: JoinHandle<()>,
}

async fn served<S: Subgraph>(test: &TestGraph, service: &Service<S>) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/graphql", listener.local_addr().unwrap());
    let gate = parts::gate(&test.config, &test.foundation);
    let routes = serve::routes(service.clone(), gate);
    let server = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    Served { url, server }
}

#[tokio::test]
async fn with_a_subgraph_stopped_the_other_fields_still_arrive() {
    stockgraph_server::use_ring();
    let test = TestGraph::demo(Engine::Sqlite).await;
    let products = served(&test, &test.graph.products).await;
    let warehouses = served(&test, &test.graph.warehouses).await;
    let mut config = test.config.clone();
    config.subgraphs.products.clone_from(&products.url);
    config.subgraphs.warehouses.clone_from(&warehouses.url);
    config.subgraphs.users = "http://127.0.0.1:1/graphql".into();
    config.subgraphs.orders = "http://127.0.0.1:1/graphql".into();
    let transports = SubgraphName::ALL.map(|name| {
        let (foundation, url) = (&test.foundation, config.subgraphs.url(name));
        let transport = graph::router_transport(&config, foundation, name.as_str(), url);
        (name.to_string(), transport.unwrap())
    });
    let transports = HashMap::from(transports);
    let supergraph = test.graph.router.supergraph_sdl();
    let router = Router::from_supergraph(supergraph, transports, RouterOptions::default()).unwrap();
    let query = "{ productBySku(sku: \"LAPTOP-16GB\") { name stock { available } } }";
    let run = || async {
        router
            .execute(GraphQLRequest::new(query), &HeaderMap::new())
            .await
            .to_json()
    };
    assert_eq!(
        run().await,
        json!({ "data": { "productBySku": { "name": "Awesome Laptop 16GB RAM", "stock": { "available": 65 } } } })
    );
    warehouses.server.abort();
    warehouses.server.await.ok();
    let answer = run().await;
    assert_eq!(
        answer["data"],
        json!({ "productBySku": { "name": "Awesome Laptop 16GB RAM", "stock": null } })
    );
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["service"], "warehouses", "{answer:#}");
    assert_eq!(error["extensions"]["code"], "SUBGRAPH_UNAVAILABLE");
    assert_eq!(error["path"], json!(["productBySku", "stock"]));
    assert!(error["message"].as_str().unwrap().contains("warehouses"));
    products.server.abort();
}
