//! Checkouts: orders of one unit, of one hot product or of many.

use std::hash::{BuildHasher, Hasher, RandomState};

use anyhow::{Context, ensure};
use clap::Args;
use serde_json::{Value, json};

use crate::{
    graph::Graph,
    load::{self, Load, Measured},
    server::Server,
};

/// What is bought by whom.
#[derive(Args)]
pub struct CheckoutOptions {
    /// How many products the orders are spread over: 1 is the hot product that everybody wants
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=5_000))]
    products: u16,
    /// How many customers place them
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    customers: u16,
}

const STAFF: (&str, &str) = ("staff@example.com", "password123");
/// On hand of each product; also the most that one receipt may bring.
const STOCK: u64 = 1_000_000;
/// The most lines that one receipt may have.
const LINES: usize = 100;

const PLACE_ORDER: &str = "mutation ($input: PlaceOrderInput!) {
    placeOrder(input: $input) { order { id } errors { __typename ... on UserError { message } } }
}";

/// Products with stock, and customers who buy them.
pub struct Shop {
    graph: Graph,
    /// The ids of the products.
    pub products: Vec<String>,
    /// Who buys, in turn.
    pub customers: Vec<Graph>,
}

impl Shop {
    /// Sets them up through the graph.
    ///
    /// # Errors
    ///
    /// The graph does not answer, or refuses.
    pub async fn open(graph: &Graph, products: u16, customers: u16) -> anyhow::Result<Self> {
        let run = run_name();
        let staff = graph.log_in(STAFF.0, STAFF.1).await?;
        Ok(Self {
            graph: graph.clone(),
            products: stocked_products(&staff, &run, products).await?,
            customers: registered(graph, &run, customers).await?,
        })
    }

    /// Checkouts of the first so many products.
    pub fn checkouts(&self, products: usize) -> Checkout {
        Checkout {
            customers: self.customers.clone(),
            products: self.products[..products].to_vec(),
            run: run_name(),
        }
    }

    /// Makes sure that so many units are held of all products together.
    ///
    /// # Errors
    ///
    /// More or less is held, or the graph does not answer.
    pub async fn holds(&self, orders: u64) -> anyhow::Result<()> {
        let held = held(&self.graph, &self.products).await?;
        ensure!(
            held == orders,
            "{orders} orders were placed, but {held} units are held"
        );
        Ok(())
    }
}

/// Orders of one unit, of one product after the other.
pub struct Checkout {
    customers: Vec<Graph>,
    products: Vec<String>,
    /// Tells this run's idempotency keys from those of others.
    run: String,
}

fn run_name() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}

/// What so many products make the load.
pub fn what(products: u16) -> String {
    match products {
        1 => "checkout of one unit of one hot product".into(),
        many => format!("checkout of one unit of one of {many} products"),
    }
}

/// Sets up products, stock and customers through the graph, runs the load, and counts what is held.
///
/// # Errors
///
/// Something cannot be set up, or more or less is held than was ordered.
pub async fn run(
    own: CheckoutOptions,
    graph: &Graph,
    options: &load::LoadOptions,
    server: &Server,
) -> anyhow::Result<Measured> {
    let shop = Shop::open(graph, own.products, own.customers).await?;
    let load = shop.checkouts(own.products.into());
    let connections = options.connections_or(64);
    let what = what(own.products);
    let measured = load::run(load, what, connections, options, server.processes()).await?;
    if measured.errors.is_empty() {
        shop.holds(measured.succeeded).await?;
    }
    Ok(measured)
}

impl Load for Checkout {
    async fn send(&self, connection: usize, number: u64) -> anyhow::Result<()> {
        let customer = &self.customers[connection % self.customers.len()];
        // Strides by a number that shares no factor with the count reach every product, neighbours in time being far apart.
        let product = (number as usize).wrapping_mul(7_919) % self.products.len();
        let data = customer
            .execute(
                PLACE_ORDER,
                json!({ "input": {
                    "lines": [{ "productId": self.products[product], "quantity": 1 }],
                    "idempotencyKey": format!("{}-{number}", self.run),
                } }),
            )
            .await?;
        ensure!(data["placeOrder"]["order"]["id"].is_string(), "{data}");
        Ok(())
    }
}

async fn stocked_products(staff: &Graph, run: &str, count: u16) -> anyhow::Result<Vec<String>> {
    let warehouse = created(
        staff,
        "mutation ($input: CreateWarehouseInput!) {
            created: createWarehouse(input: $input) { object: warehouse { id } errors { ... on UserError { message } } }
        }",
        json!({ "code": format!("L{}", &run[..7]).to_uppercase(), "name": "Load" }),
    )
    .await?;
    let mut products = Vec::new();
    for number in 0..count {
        let product = created(
            staff,
            "mutation ($input: CreateProductInput!) {
                created: createProduct(input: $input) { object: product { id } errors { ... on UserError { message } } }
            }",
            json!({
                "sku": format!("LOAD-{run}-{number}").to_uppercase(),
                "name": format!("Load {number}"),
                "price": { "amount": "15000", "currency": "IDR" },
                "status": "ACTIVE",
            }),
        );
        products.push(product.await?);
    }
    for some in products.chunks(LINES) {
        let lines: Vec<Value> = some
            .iter()
            .map(|product| json!({ "productId": product, "quantity": STOCK }))
            .collect();
        let data = staff
            .execute(
                "mutation ($input: ReceiveStockInput!) {
                    receiveStock(input: $input) { errors { ... on UserError { message } } }
                }",
                json!({ "input": { "warehouseId": warehouse, "lines": lines } }),
            )
            .await?;
        ensure!(
            data["receiveStock"]["errors"] == json!([]),
            "no stock: {data}"
        );
    }
    Ok(products)
}

/// The id of what the mutation creates.
async fn created(staff: &Graph, mutation: &str, input: Value) -> anyhow::Result<String> {
    let data = staff.execute(mutation, json!({ "input": input })).await?;
    let id = data["created"]["object"]["id"].as_str();
    Ok(id
        .with_context(|| format!("not created: {data}"))?
        .to_owned())
}

async fn registered(graph: &Graph, run: &str, count: u16) -> anyhow::Result<Vec<Graph>> {
    let mut customers = Vec::new();
    for number in 0..count {
        let data = graph
            .execute(
                "mutation ($input: RegisterUserInput!) {
                    registerUser(input: $input) { session { accessToken } errors { ... on UserError { message } } }
                }",
                json!({ "input": {
                    "email": format!("load-{run}-{number}@example.com"),
                    "password": format!("ninety lorries {run}"),
                } }),
            )
            .await?;
        let token = data["registerUser"]["session"]["accessToken"].as_str();
        let token = token.with_context(|| format!("not registered: {data}"))?;
        customers.push(graph.with_token(token));
    }
    Ok(customers)
}

/// How many units of these products are held.
async fn held(graph: &Graph, products: &[String]) -> anyhow::Result<u64> {
    let mut held = 0;
    for product in products {
        let data = graph
            .execute(
                "query ($id: ID!) { product(id: $id) { stock { reserved } } }",
                json!({ "id": product }),
            )
            .await?;
        let reserved = data["product"]["stock"]["reserved"].as_u64();
        held += reserved.with_context(|| format!("no stock is known: {data}"))?;
    }
    Ok(held)
}
