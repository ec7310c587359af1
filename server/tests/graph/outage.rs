//! With a subgraph gone, the other fields still arrive, and the error names it.

use std::{collections::HashMap, sync::Arc, time::Duration};

use crate::test_graph::TestGraph;
use http::HeaderMap;
use serde_json::json;
use stockgraph_kit::{
    database::Engine,
    serve,
    subgraph::{Service, Subgraph},
};
use stockgraph_router::{
    GraphQLRequest, Router, RouterOptions,
    transport::{self, HttpOptions},
};
use tokio::{net::TcpListener, task::JoinHandle};

struct Served {
    url: String,
    server: JoinHandle<()>,
}

async fn served<S: Subgraph>(service: &Service<S>) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/graphql", listener.local_addr().unwrap());
    let routes = serve::routes(service.clone());
    let server = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    Served { url, server }
}

#[tokio::test]
async fn with_a_subgraph_stopped_the_other_fields_still_arrive() {
    stockgraph_server::use_ring();
    let test = TestGraph::demo(Engine::Sqlite).await;
    let products = served(&test.graph.products).await;
    let warehouses = served(&test.graph.warehouses).await;
    let options = HttpOptions {
        timeout: Duration::from_secs(10),
        ..HttpOptions::default()
    };
    let client = transport::client(&options).unwrap();
    let over_http = |url: &str| -> Arc<dyn transport::Subgraph> {
        Arc::new(transport::Http::new(client.clone(), url).unwrap())
    };
    let transports = HashMap::from([
        ("products".to_owned(), over_http(&products.url)),
        ("warehouses".to_owned(), over_http(&warehouses.url)),
        ("users".to_owned(), over_http("http://127.0.0.1:1/graphql")),
        ("orders".to_owned(), over_http("http://127.0.0.1:1/graphql")),
    ]);
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
