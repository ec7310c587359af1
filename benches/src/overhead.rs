//! What the router itself costs: over subgraphs whose answers are made before the clock runs, so that nothing but the router is timed.

use std::{
    hint::black_box,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::Context;
use futures_util::future::BoxFuture;
use http::HeaderMap;
use serde_json::{Map, Value, json};
use stockgraph_router::{
    GraphQLRequest, Router, RouterOptions, SubgraphDefinition,
    pipeline::PreparedOperation,
    planning::{Decided, Planner, PlannerOptions},
    transport::{Subgraph, SubgraphError, SubgraphRequest, SubgraphResponse},
};

/// The first query of the README: 20 products with price and stock by warehouse, from two subgraphs.
pub const QUERY: &str = "{ products(first: 20) { nodes { name price { amount currency } \
    stock { available byWarehouse { warehouse { name status } onHand reserved available } } } } }";

/// The same, and the customers beside it: from three subgraphs, of which two are asked at the same time.
pub const QUERY_OF_THREE: &str = "{ products(first: 20) { nodes { name price { amount currency } \
    stock { available byWarehouse { warehouse { name status } onHand reserved available } } } } \
    users(first: 20) { nodes { displayName email roles } } }";

const PRODUCTS: usize = 20;
const WAREHOUSES: usize = 3;
const SCHEMAS: [(&str, &str); 4] = [
    ("users", include_str!("../../schema/users.graphql")),
    ("products", include_str!("../../schema/products.graphql")),
    (
        "warehouses",
        include_str!("../../schema/warehouses.graphql"),
    ),
    ("orders", include_str!("../../schema/orders.graphql")),
];
/// What clients see, without the machinery of federation.
const PUBLIC_SCHEMA: &str = include_str!("../../schema/api.graphql");

/// A subgraph that answers what it was given for the purpose, once each.
struct Prepared {
    answer: Value,
    ready: Mutex<Vec<SubgraphResponse>>,
}

impl Prepared {
    fn new(answer: Value) -> Arc<Self> {
        Arc::new(Self {
            answer,
            ready: Mutex::default(),
        })
    }

    fn make_ready(&self) {
        let answer = SubgraphResponse {
            data: self.answer.clone(),
            ..SubgraphResponse::default()
        };
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        ready.push(answer);
    }
}

impl Subgraph for Prepared {
    fn execute<'a>(
        &'a self,
        request: SubgraphRequest<'a>,
    ) -> BoxFuture<'a, Result<SubgraphResponse, SubgraphError>> {
        drop(request);
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = ready.pop();
        let missing = || SubgraphError::Misconfigured("it was not asked for that".to_owned());
        Box::pin(async move { answer.ok_or_else(missing) })
    }
}

/// A router over prepared answers to one query, and the plan of it.
pub struct Overhead {
    router: Router,
    planner: Planner,
    doubles: Vec<Arc<Prepared>>,
    operation: Arc<PreparedOperation>,
    request: GraphQLRequest,
    headers: HeaderMap,
}

impl Overhead {
    /// [`QUERY`] over the shop's own subgraphs.
    ///
    /// # Errors
    ///
    /// The router cannot be made, or does not answer the query as it should.
    pub async fn of_the_shop() -> anyhow::Result<Self> {
        let subgraphs = SCHEMAS.map(|(name, sdl)| {
            let answer = match name {
                "products" => of_products(),
                "warehouses" => of_warehouses(),
                _ => Value::Null,
            };
            (name, sdl.to_owned(), answer)
        });
        Self::of(&subgraphs, QUERY, PRODUCTS).await
    }

    /// [`QUERY`] over one subgraph that has everything: one fetch, and the answer written out. `products` says how many there are.
    ///
    /// # Errors
    ///
    /// As with [`of_the_shop`](Self::of_the_shop).
    pub async fn of_one_subgraph(products: usize) -> anyhow::Result<Self> {
        let mut answer = of_products();
        let stock = of_warehouses();
        let nodes = answer["products"]["nodes"].as_array_mut();
        let nodes = nodes.context("the answer has products")?;
        nodes.truncate(products);
        for (node, entity) in nodes
            .iter_mut()
            .zip(stock["_entities"].as_array().into_iter().flatten())
        {
            node["stock"] = entity["stock"].clone();
        }
        Self::of(
            &[("all", PUBLIC_SCHEMA.to_owned(), answer)],
            QUERY,
            products,
        )
        .await
    }

    async fn of(
        subgraphs: &[(&str, String, Value)],
        query: &str,
        products: usize,
    ) -> anyhow::Result<Self> {
        let doubles: Vec<_> = subgraphs
            .iter()
            .map(|(_, _, answer)| Prepared::new(answer.clone()))
            .collect();
        let definitions = subgraphs
            .iter()
            .zip(&doubles)
            .map(|((name, sdl, _), double)| SubgraphDefinition {
                name: (*name).to_owned(),
                url: format!("http://{name}.test/graphql"),
                sdl: sdl.clone(),
                transport: Arc::clone(double) as Arc<dyn Subgraph>,
            });
        let options = RouterOptions::default();
        let planning = PlannerOptions {
            limits: options.limits.operation.clone(),
            cost: options.limits.cost.clone(),
            timeout: options.planning_timeout,
            introspection: true,
        };
        let router = Router::compose(definitions.collect(), options)?;
        let planner =
            Planner::new(router.supergraph_sdl(), planning).map_err(anyhow::Error::msg)?;
        let request = GraphQLRequest::new(query);
        let operation = router
            .prepare(&request)
            .await
            .map_err(|errors| anyhow::anyhow!("the query is refused: {}", errors[0].message))?;
        let this = Self {
            router,
            planner,
            doubles,
            operation,
            request,
            headers: HeaderMap::new(),
        };
        this.make_ready();
        let answer = this.router.execute(this.request.clone(), &this.headers);
        let answer = answer.await.to_json();
        let nodes = answer["data"]["products"]["nodes"].as_array();
        let is_right = answer.get("errors").is_none()
            && nodes.is_some_and(|nodes| {
                nodes.len() == products
                    && nodes.iter().all(|it| it["stock"]["available"].is_number())
            });
        anyhow::ensure!(is_right, "the router answers {answer}");
        Ok(this)
    }

    fn make_ready(&self) {
        for double in &self.doubles {
            double
                .ready
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clear();
            double.make_ready();
        }
    }

    /// Parsing, the guard's limits and validation: what happens before the planner finds that no operation has this name.
    pub fn parse_and_validate(&self) {
        let refused = self
            .planner
            .plan(&self.request.query, Some("NotThere"), &Decided::default());
        debug_assert!(refused.is_err());
        drop(black_box(refused));
    }

    /// The same and planning, with nothing kept from before.
    pub fn plan_cold(&self) {
        let planned = self
            .planner
            .plan(&self.request.query, None, &Decided::default());
        debug_assert!(planned.is_ok());
        drop(black_box(planned));
    }

    /// Finding the plan that is kept.
    pub async fn find_plan(&self) {
        drop(black_box(self.router.prepare(&self.request).await));
    }

    /// What the operation costs.
    pub fn cost(&self) -> u64 {
        black_box(self.operation.cost(black_box(&Map::new())))
    }

    /// How long the router took for so many runs of the kept plan, writing the answer included. Making the answers of the
    /// subgraphs is not in it.
    pub async fn run(&self, times: u64) -> Duration {
        let mut took = Duration::ZERO;
        for _ in 0..times {
            self.make_ready();
            let begin = Instant::now();
            let answer = self.router.run(&self.operation, Map::new(), &self.headers);
            black_box(answer.await);
            took += begin.elapsed();
        }
        took
    }

    /// The same with finding the plan: the whole of a request, but for HTTP.
    pub async fn request(&self, times: u64) -> Duration {
        let mut took = Duration::ZERO;
        for _ in 0..times {
            self.make_ready();
            let request = self.request.clone();
            let begin = Instant::now();
            let answer = self.router.execute(request, &self.headers);
            black_box(answer.await);
            took += begin.elapsed();
        }
        took
    }
}

fn of_products() -> Value {
    let nodes = (0..PRODUCTS).map(|number| {
        json!({
            "__typename": "Product",
            "id": format!("product_01h455vb4pex5vsknk084s{number:04}"),
            "name": format!("Product {number} of the shop"),
            "price": { "amount": format!("{number}99.50"), "currency": "IDR" },
        })
    });
    json!({ "products": { "nodes": nodes.collect::<Value>() } })
}

fn of_warehouses() -> Value {
    let entities = (0..PRODUCTS).map(|number| {
        let levels = (0..WAREHOUSES).map(|warehouse| {
            json!({
                "warehouse": { "name": format!("Warehouse {warehouse}"), "status": "ACTIVE" },
                "onHand": 40 + number, "reserved": number, "available": 40,
            })
        });
        json!({
            "__typename": "Product",
            "stock": { "available": 40 * WAREHOUSES, "byWarehouse": levels.collect::<Value>() },
        })
    });
    json!({ "_entities": entities.collect::<Value>() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_prepared_answers_are_those_that_the_routers_ask_for() {
        let shop = Overhead::of_the_shop().await.unwrap();
        assert!(shop.run(2).await > Duration::ZERO);
        assert!(shop.cost() > 0);
        for products in [1, PRODUCTS] {
            Overhead::of_one_subgraph(products).await.unwrap();
        }
    }
}
