//! What must be true when all is at rest.

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::shop::{As, Process, Shop, text};

/// How long a shop may take to come to rest. Leases and waits are a second or two.
const REST: Duration = Duration::from_secs(20);

/// For how long nothing may be wrong until that is believed: until what a process had begun when it died is taken up by the next.
const QUIET: Duration = Duration::from_millis(2_500);

/// What happens to an order at most once.
const ONCE: [&str; 6] = [
    "PLACED",
    "PAYMENT_CONFIRMED",
    "SHIPPED",
    "DELIVERED",
    "CANCELLED",
    "EXPIRED",
];

impl Shop {
    /// What is wrong, when all has come to rest.
    pub async fn violations(&mut self) -> Vec<String> {
        self.violations_within(REST).await
    }

    /// What is still wrong after so long.
    pub async fn violations_within(&mut self, rest: Duration) -> Vec<String> {
        let start = Instant::now();
        let mut right_since = None;
        loop {
            let wrong = self.wrong_now().await;
            if wrong.is_empty() {
                if right_since.get_or_insert_with(Instant::now).elapsed() > QUIET {
                    return wrong;
                }
            } else if start.elapsed() > rest {
                return wrong;
            } else {
                right_since = None;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn wrong_now(&mut self) -> Vec<String> {
        let orders = self.orders().await;
        let mut wrong = self.wrong_orders(&orders);
        wrong.extend(self.wrong_money(&orders));
        wrong.extend(self.wrong_stock(&orders).await);
        if wrong.is_empty()
            && let Err(said) = self.site.try_to_run(&["verify"])
        {
            wrong.push(said);
        }
        wrong
    }

    /// Every order there is, by its id.
    async fn orders(&mut self) -> HashMap<String, Value> {
        let query = "query ($after: String) { orders(first: 100, after: $after) {
            nodes {
                id status total { amount } lines { quantity returnedQuantity product { id } }
                payments { reference status amount { amount } } timeline { kind }
            }
            pageInfo { hasNextPage endCursor }
        } }";
        let mut found = HashMap::new();
        let mut after = Value::Null;
        loop {
            let data = self.ask(
                As::Service,
                Process::Orders,
                query,
                json!({ "after": after }),
            );
            let mut page = data.await["orders"].take();
            for order in page["nodes"].as_array_mut().unwrap() {
                found.insert(text(&order["id"]), order.take());
            }
            if page["pageInfo"]["hasNextPage"] == false {
                return found;
            }
            after = page["pageInfo"]["endCursor"].take();
        }
    }

    /// Every order that was answered is there, no other is, and nothing has happened to one twice.
    fn wrong_orders(&self, orders: &HashMap<String, Value>) -> Vec<String> {
        let mut wrong = Vec::new();
        for (key, told) in &self.told.orders {
            if !orders.contains_key(&told.order) {
                wrong.push(format!("{key}: {} is not there", told.order));
            }
        }
        for (id, order) in orders {
            if !self.told.orders.values().any(|told| told.order == *id) {
                wrong.push(format!("nobody was answered {id}"));
            }
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for event in order["timeline"].as_array().unwrap() {
                *counts.entry(event["kind"].as_str().unwrap()).or_default() += 1;
            }
            let of = |kind: &str| counts.get(kind).copied().unwrap_or_default();
            if ONCE.into_iter().any(|kind| of(kind) > 1) {
                wrong.push(format!("{id}: something has happened twice: {counts:?}"));
            }
            if of("EXPIRED") > 0 && of("PAYMENT_CONFIRMED") > 0 {
                wrong.push(format!("{id}: paid and expired"));
            }
            let returns = self.told.returns.get(id).copied().unwrap_or_default();
            if of("RETURNED") != returns {
                wrong.push(format!("{id}: {returns} returns, told {}", of("RETURNED")));
            }
        }
        wrong
    }

    /// All money that came is there once, as what it is.
    fn wrong_money(&self, orders: &HashMap<String, Value>) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut seen = 0;
        for (order, reference, amount) in &self.told.payments {
            let Some(found) = orders.get(order) else {
                continue;
            };
            let payments: Vec<_> = found["payments"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|payment| payment["reference"] == reference.as_str())
                .collect();
            let &[payment] = payments.as_slice() else {
                wrong.push(format!(
                    "{order}: {reference} is there {} times",
                    payments.len()
                ));
                continue;
            };
            seen += 1;
            if payment["amount"]["amount"] != format!("{amount}.00") {
                wrong.push(format!("{order}: {payment} is not {amount}"));
            }
            let status = found["status"].as_str().unwrap();
            let is_kept = payment["status"] == "CAPTURED";
            let may_be_kept = ["PAID", "SHIPPED", "DELIVERED"].contains(&status);
            if is_kept && !may_be_kept {
                wrong.push(format!(
                    "{order}: {status}, and its money is not given back"
                ));
            }
        }
        let there: usize = orders
            .values()
            .map(|order| order["payments"].as_array().unwrap().len())
            .sum();
        if there != seen {
            wrong.push(format!("{there} payments are there, {seen} came"));
        }
        wrong
    }

    /// What is held belongs to orders that wait for their payment, and what is gone to those that were paid.
    async fn wrong_stock(&mut self, orders: &HashMap<String, Value>) -> Vec<String> {
        let (mut held, mut sold): (HashMap<String, i64>, HashMap<String, i64>) = Default::default();
        for order in orders.values() {
            for line in order["lines"].as_array().unwrap() {
                let product = text(&line["product"]["id"]);
                let number = |name: &str| line[name].as_i64().unwrap();
                let (to, units) = match order["status"].as_str().unwrap() {
                    "PENDING_PAYMENT" => (&mut held, number("quantity")),
                    "CANCELLED" | "EXPIRED" => continue,
                    _ => (&mut sold, number("quantity") - number("returnedQuantity")),
                };
                *to.entry(product).or_default() += units;
            }
        }
        let mut wrong = Vec::new();
        for (product, received) in self.told.received.clone() {
            let query = "query ($products: [_Any!]!) {
                _entities(representations: $products) { ... on Product { stock { onHand reserved } } }
            }";
            let variables = json!({ "products": [{ "__typename": "Product", "id": product }] });
            let data = self
                .ask(As::Service, Process::Warehouses, query, variables)
                .await;
            let stock = &data["_entities"][0]["stock"];
            let of = |book: &HashMap<String, i64>| book.get(&product).copied().unwrap_or_default();
            let expected = json!({ "onHand": received - of(&sold), "reserved": of(&held) });
            if *stock != expected {
                wrong.push(format!("{product}: {stock} instead of {expected}"));
            }
        }
        wrong
    }
}
