//! The graph's first query, across products and warehouses.

use anyhow::ensure;
use clap::Args;
use serde_json::{Value, json};
use stockgraph_bench::overhead::QUERY;

use crate::{
    graph::Graph,
    load::{self, Load, Measured},
    server::Server,
};

/// Nothing of its own.
#[derive(Args)]
pub struct QueryOptions {}

/// The query of the README, as a load.
pub struct Query {
    graph: Graph,
    body: &'static str,
}

impl Query {
    /// Of this caller.
    pub fn new(graph: Graph) -> Self {
        Self::asking(graph, QUERY)
    }

    /// Another query that begins with products.
    pub fn asking(graph: Graph, query: &str) -> Self {
        let body = json!({ "query": query }).to_string();
        Self {
            graph,
            body: Box::leak(body.into_boxed_str()),
        }
    }
}

/// Runs the load.
///
/// # Errors
///
/// The graph does not answer the query rightly.
pub async fn run(
    _: QueryOptions,
    graph: &Graph,
    options: &load::LoadOptions,
    server: &Server,
) -> anyhow::Result<Measured> {
    let data = graph.execute(QUERY, json!({})).await?;
    let products = data["products"]["nodes"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    ensure!(
        products.len() == 20,
        "{} products instead of 20: {data}",
        products.len()
    );
    let is_stocked =
        |product: &Value| product["stock"]["byWarehouse"][0]["warehouse"]["name"].is_string();
    ensure!(
        products.iter().any(is_stocked),
        "no product lies in a warehouse: {data}"
    );

    let load = Query::new(graph.clone());
    let connections = options.connections_or(50);
    let what = "20 products with price and stock by warehouse".to_owned();
    load::run(load, what, connections, options, server.processes()).await
}

impl Load for Query {
    async fn send(&self, _: usize, _: u64) -> anyhow::Result<()> {
        let answer = self.graph.send(self.body).await?;
        // Read closely once, above; reading each as closely would load the machine more than asking for it.
        let is_right = answer.starts_with(b"{\"data\":{\"products\":{")
            && !answer.windows(9).any(|bytes| bytes == b"\"errors\":");
        ensure!(is_right, "{}", String::from_utf8_lossy(&answer));
        Ok(())
    }
}
