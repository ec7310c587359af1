//! What the shop sells, and how it gets it.

use rand::{Rng, rngs::StdRng};
use serde_json::{Value, json};
use stockgraph_kit::id::{ProductId, UserId};
use stockgraph_warehouses::domain::warehouse::WarehouseId;

use super::call::{CURRENCY, Cart, Line, id};
use crate::{
    client::{Client, Reply},
    process::until,
};

const WAREHOUSES: usize = 2;
/// Products of which there is less than is asked for.
const HOT: usize = 3;
/// Products of which there is enough.
const COMMON: usize = 12;
const HOT_UNITS: i32 = 3;
const COMMON_UNITS: i32 = 100_000;

/// The products, the hot ones first, and where they are.
pub struct Goods {
    pub products: Vec<ProductId>,
    warehouses: Vec<WarehouseId>,
}

impl Goods {
    /// Makes the catalogue and the warehouses, without any stock.
    pub async fn open(client: &Client, url: &str) -> Self {
        let mut goods = Self {
            products: Vec::new(),
            warehouses: Vec::new(),
        };
        for number in 0..WAREHOUSES {
            let code = format!("W{number}");
            let input = json!({ "code": code, "name": code });
            let payload = done(client, url, "createWarehouse", "warehouse { id }", input).await;
            goods.warehouses.push(id(&payload["warehouse"]["id"]));
        }
        for number in 0..HOT + COMMON {
            let sku = format!("P{number}");
            let amount = format!("{number}.99");
            let price = json!({ "amount": amount, "currency": CURRENCY });
            let input = json!({ "sku": sku, "name": sku, "price": price, "status": "ACTIVE" });
            let payload = done(client, url, "createProduct", "product { id }", input).await;
            goods.products.push(id(&payload["product"]["id"]));
        }
        goods
    }

    /// The first delivery: of every product.
    pub async fn stock(&self, client: &Client, url: &str) -> Vec<Line> {
        let common = &self.products[HOT..];
        let mut received = self
            .receive(client, url, common, COMMON_UNITS, "first")
            .await;
        received.extend(self.restock(client, url, 0).await);
        received
    }

    /// A few more of the hot products. Each delivery has a number of its own.
    pub async fn restock(&self, client: &Client, url: &str, number: usize) -> Vec<Line> {
        let (hot, delivery) = (&self.products[..HOT], number.to_string());
        self.receive(client, url, hot, HOT_UNITS, &delivery).await
    }

    /// So many of each of these products, to each warehouse.
    async fn receive(
        &self,
        client: &Client,
        url: &str,
        products: &[ProductId],
        quantity: i32,
        delivery: &str,
    ) -> Vec<Line> {
        let mut received = Vec::new();
        for warehouse in &self.warehouses {
            let lines = products.iter().map(|product| Line {
                product: *product,
                quantity,
            });
            received.extend(lines.clone());
            let line = |line: Line| json!({ "productId": line.product.to_string(), "quantity": line.quantity });
            let input = json!({
                "warehouseId": warehouse.to_string(),
                "lines": lines.map(line).collect::<Vec<_>>(),
                "idempotencyKey": format!("{delivery} to {warehouse}"),
            });
            done(client, url, "receiveStock", "stockLevels { id }", input).await;
        }
        received
    }

    /// What a customer may want.
    pub fn cart(&self, rng: &mut StdRng, customer: UserId) -> Cart {
        let mut lines: Vec<Line> = Vec::new();
        for _ in 0..rng.random_range(1..=3) {
            let number = if rng.random_bool(0.5) {
                rng.random_range(0..HOT)
            } else {
                rng.random_range(HOT..self.products.len())
            };
            let line = Line {
                product: self.products[number],
                quantity: rng.random_range(1..=3),
            };
            if lines.iter().all(|other| other.product != line.product) {
                lines.push(line);
            }
        }
        lines.sort_unstable();
        Cart { customer, lines }
    }
}

/// A mutation that must succeed; it is sent again until it is answered.
async fn done(client: &Client, url: &str, mutation: &str, selection: &str, input: Value) -> Value {
    let capital = mutation[..1].to_uppercase() + &mutation[1..];
    let query = format!(
        "mutation($input: {capital}Input!) {{ payload: {mutation}(input: $input) {{ {selection} errors {{ __typename }} }} }}"
    );
    let variables = json!({ "input": input });
    let mut payload = Value::Null;
    until(mutation, async || {
        match client.ask(url, &query, &variables).await {
            Reply::Answered(mut data) => {
                payload = data["payload"].take();
                true
            }
            Reply::NotDone(_) | Reply::Unknown(_) => false,
        }
    })
    .await;
    assert_eq!(payload["errors"], json!([]), "{mutation}");
    payload
}
