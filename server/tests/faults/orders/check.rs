//! Where what was found is not what was answered, or breaks a rule by itself.

use std::collections::{BTreeMap, HashMap, HashSet};

use stockgraph_kit::id::{OrderId, ProductId};
use stockgraph_orders::domain::lifecycle::OrderStatus;

use super::{
    check_order,
    found::{Found, FoundOrder, Level},
    told::{Told, ToldOrder},
};

/// Everything that is wrong once all is settled: nothing waits for a payment any more, and nothing is owed to the warehouses.
pub fn violations(told: &Told, found: &Found) -> Vec<String> {
    let mut wrong = Vec::new();
    compare_orders(told, found, &mut wrong);
    compare_references(found, &mut wrong);
    compare_runs(told, found, &mut wrong);
    compare_stock(told, found, &mut wrong);
    wrong
}

/// What `stockgraph verify` says is still owed to the warehouses, though it be not so for long that it counts as stuck.
pub fn still_owed(said: &str) -> Option<String> {
    const RULE: &str = "No effect on the stock is stuck";
    let row = said.lines().find(|line| line.contains(RULE));
    let mut words = row.unwrap_or_default().split_whitespace();
    let open = words.find(|word| word.parse::<u64>().is_ok());
    (open != Some("0")).then(|| format!("effects are still owed: {row:?}"))
}

/// Each order that was answered is there once. Each other one was made by a checkout that was not answered, one by each at most.
fn compare_orders(told: &Told, found: &Found, wrong: &mut Vec<String>) {
    let mut answered: HashMap<OrderId, &ToldOrder> = HashMap::new();
    for order in &told.orders {
        if answered.insert(order.id, order).is_some() {
            wrong.push(format!("{} was answered to two checkouts", order.id));
        }
    }
    let mut maybe = told.maybe.clone();
    let mut numbers = HashSet::new();
    for order in &found.orders {
        if !numbers.insert(order.number.as_str()) {
            wrong.push(format!("{}: its number is another's too", order.id));
        }
        if let Some(told_order) = answered.remove(&order.id) {
            check_order::compare(told_order, order, told.grace, wrong);
            continue;
        }
        let cart = maybe
            .iter()
            .position(|cart| cart.customer == order.customer && cart.lines == order.wanted());
        match cart {
            Some(cart) => {
                let told_order = unanswered(maybe.swap_remove(cart), order);
                check_order::compare(&told_order, order, told.grace, wrong);
            }
            // Twice listed, or twice made.
            None => wrong.push(format!("{}: nobody asked for it, or once only", order.id)),
        }
    }
    for id in answered.keys() {
        wrong.push(format!("{id} is lost"));
    }
}

/// An order of which its customer never heard. Of what it costs, the order's own word has to do.
fn unanswered(cart: super::call::Cart, order: &FoundOrder) -> ToldOrder {
    let placed = super::call::Placed {
        id: order.id,
        total: order.total,
        due: order.due,
        lines: order.lines.iter().map(|line| line.id).collect(),
    };
    ToldOrder::new(cart, &placed)
}

/// A payment is of one order, once.
fn compare_references(found: &Found, wrong: &mut Vec<String>) {
    let mut seen = HashSet::new();
    for payment in found.orders.iter().flat_map(|order| &order.payments) {
        if !seen.insert(&payment.reference) {
            wrong.push(format!("payment {} is there twice", payment.reference));
        }
    }
}

/// An order that a run of the expiry said it had expired is expired, and no other run said so.
fn compare_runs(told: &Told, found: &Found, wrong: &mut Vec<String>) {
    let orders = found.orders.iter();
    let orders: HashMap<_, _> = orders.map(|order| (&order.number, order.status)).collect();
    let mut seen = HashSet::new();
    for number in &told.expired {
        if !seen.insert(number) {
            wrong.push(format!("{number} was expired by two runs"));
        }
        let status = orders.get(number);
        if status != Some(&OrderStatus::Expired) {
            wrong.push(format!("{number} was expired, but is {status:?}"));
        }
    }
}

/// What is gone is what was sold and did not come back, and never more than there was.
fn compare_stock(told: &Told, found: &Found, wrong: &mut Vec<String>) {
    let mut expected: BTreeMap<ProductId, Level> = BTreeMap::new();
    for (product, units) in &told.received {
        expected.entry(*product).or_default().on_hand += units;
    }
    for order in found.orders.iter().filter(|order| order.is_sold()) {
        for line in &order.lines {
            let level = expected.entry(line.line.product).or_default();
            level.on_hand -= line.line.quantity - line.returned;
        }
    }
    for (product, level) in &expected {
        let is = found.stock.get(product).copied().unwrap_or_default();
        if level.on_hand < 0 {
            wrong.push(format!("oversold: {} of {product}", -level.on_hand));
        }
        if is != *level {
            wrong.push(format!("of {product} there is {is:?}, not {level:?}"));
        }
    }
    for product in found.stock.keys() {
        if !expected.contains_key(product) {
            wrong.push(format!("{product} never came in"));
        }
    }
}
