//! A payment and the expiry at the same instant, time and again: one wins, and the stock agrees with the winner.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use rand::{Rng, SeedableRng, rngs::StdRng, seq::SliceRandom};
use serde_json::{Value, json};
use stockgraph_kit::{
    clock::Clock,
    database::Engine,
    id::{Id, OrderId, ProductId, UserId},
    random::Random,
    token::Realm,
};
use stockgraph_orders::{
    domain::{lifecycle::OrderStatus, line::CartLine, order::Order},
    service::{ConfirmPayment, ConfirmPaymentError, Orders, PlaceOrder},
};
use stockgraph_server::{foundation::Foundation, graph::Graph};

use crate::test_graph::TestGraph;

/// How many orders are paid and expire at the same moment.
const AT_ONCE: usize = 50;

/// How often an engine sees a payment and the expiry meet, unless `RACES` in the environment says otherwise.
const RACES: usize = 500;

fn races() -> usize {
    std::env::var("RACES").map_or(RACES, |text| text.parse().unwrap())
}

/// The graph as a process sees it whose clock is this one.
fn seen_at(test: &TestGraph, clock: &Clock, seed: u64) -> Graph {
    let keys = test.foundation.keys.clone();
    let foundation = Foundation::new(keys, &Realm::default(), clock.clone(), Random::seeded(seed));
    Graph::assemble(&test.config, &foundation, &test.databases).unwrap()
}

fn orders(graph: &Graph) -> Orders {
    graph.orders.subgraph().orders().clone()
}

async fn placed(orders: Orders, product: ProductId, customer: UserId, key: String) -> Order {
    let line = CartLine {
        product,
        quantity: 1,
        expected_unit_price: None,
    };
    let input = PlaceOrder {
        id: orders.ids().next(),
        customer,
        lines: vec![line],
        idempotency_key: key,
        payment_timeout: None,
    };
    orders.place_order(input).await.unwrap()
}

/// Whether the payment won.
async fn pays(orders: Orders, order: Order) -> bool {
    let payment = ConfirmPayment {
        order: order.id,
        reference: format!("pay-{}", order.id),
        amount: order.total,
        actor: None,
    };
    match orders.confirm_payment(payment).await {
        Ok(paid) => {
            assert_eq!(paid.order.status, OrderStatus::Paid);
            true
        }
        Err(ConfirmPaymentError::Kept { order, payment }) => {
            assert_eq!(order.status, OrderStatus::Expired);
            assert_eq!(payment.refund_due, payment.amount);
            false
        }
        Err(other) => panic!("{other}"),
    }
}

/// The orders that this scheduler expired, a few at a time.
async fn expires(orders: Orders, limit: u32) -> Vec<OrderId> {
    let mut expired = Vec::new();
    loop {
        let run = orders.expire_overdue_orders(limit).await.unwrap();
        expired.extend(run.expired.iter().map(|order| order.id));
        if run.expired.is_empty() {
            return expired;
        }
    }
}

/// What stands in the databases of an order in the end.
async fn standing(test: &TestGraph, orders: &[OrderId]) -> Vec<Value> {
    let mut found = Vec::new();
    for some in orders.chunks(10) {
        let fields: String = some
            .iter()
            .enumerate()
            .map(|(place, id)| {
                format!(
                    "o{place}: order(id: \"{id}\") {{ status reservation {{ status }} payments {{ status }} timeline {{ kind }} }} "
                )
            })
            .collect();
        let mut data = test
            .data(&test.everything(), &format!("{{ {fields} }}"), json!({}))
            .await;
        found.extend((0..some.len()).map(|place| data[format!("o{place}")].take()));
    }
    found
}

async fn one_wins_and_the_stock_agrees(engine: Engine) {
    let races = races();
    let test = TestGraph::empty(engine).await;
    let shelf = test.shelf(i32::try_from(races).unwrap()).await;
    let product = ProductId::parse(&shelf.product).unwrap();
    let start: DateTime<Utc> = test.clock().now();
    // Two machines whose clocks are a microsecond apart: to the one, the order can still be paid; to the other, it is overdue.
    let (before, after) = (Clock::manual(start), Clock::manual(start));
    let till = orders(&seen_at(&test, &before, 1));
    let schedulers = [2, 3].map(|seed| orders(&seen_at(&test, &after, seed)));
    let customer: UserId = till.ids().next();
    let mut rng = StdRng::seed_from_u64(7);
    let (mut paid, mut expired) = (Vec::new(), Vec::new());
    for round in 0..races.div_ceil(AT_ONCE) {
        let at_once = AT_ONCE.min(races - round * AT_ONCE);
        let checkouts = (0..at_once).map(|number| {
            let key = format!("{round}-{number}");
            tokio::spawn(placed(till.clone(), product, customer, key))
        });
        let mut pending: Vec<Order> = join_all(checkouts)
            .await
            .into_iter()
            .map(Result::unwrap)
            .collect();
        let due = pending[0].payment_due_at;
        before.advance(due - before.now() - TimeDelta::microseconds(1));
        after.advance(due - after.now());
        pending.shuffle(&mut rng);
        // The schedulers come after some of the payments and before the others.
        let mut starts = [0, 1].map(|_| rng.random_range(0..=at_once));
        starts.sort_unstable();
        let (mut payments, mut runs) = (Vec::new(), Vec::new());
        for place in 0..=at_once {
            for (scheduler, _) in schedulers
                .iter()
                .zip(starts)
                .filter(|(_, start)| *start == place)
            {
                let limit = rng.random_range(1..=20);
                runs.push(tokio::spawn(expires(scheduler.clone(), limit)));
            }
            if let Some(order) = pending.get(place) {
                let paying = pays(till.clone(), order.clone());
                payments.push((order.id, tokio::spawn(paying)));
            }
        }
        for (order, paying) in payments {
            if paying.await.unwrap() {
                paid.push(order);
            }
        }
        for run in runs {
            expired.extend(run.await.unwrap());
        }
    }
    println!(
        "{engine:?}: of {races} orders, the payment won {}, the expiry {}",
        paid.len(),
        expired.len()
    );
    assert_eq!(
        paid.len() + expired.len(),
        races,
        "each order has one winner"
    );
    assert!(
        !paid.is_empty() && !expired.is_empty(),
        "they met too seldom"
    );
    let captured = json!({
        "status": "PAID", "reservation": { "status": "COMMITTED" }, "payments": [{ "status": "CAPTURED" }],
        "timeline": [{ "kind": "PLACED" }, { "kind": "PAYMENT_CONFIRMED" }],
    });
    for order in standing(&test, &paid).await {
        assert_eq!(order, captured);
    }
    let owed_back = json!({
        "status": "EXPIRED", "reservation": { "status": "RELEASED" }, "payments": [{ "status": "REFUND_DUE" }],
        "timeline": [{ "kind": "PLACED" }, { "kind": "EXPIRED" }, { "kind": "REFUND_DUE" }],
    });
    for order in standing(&test, &expired).await {
        assert_eq!(order, owed_back);
    }
    let left = i64::try_from(races - paid.len()).unwrap();
    assert_eq!(test.stock(&shelf.product).await, (left, 0, left));
    test.assert_verified().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_payment_and_the_expiry_one_wins_and_the_stock_agrees_on_sqlite() {
    one_wins_and_the_stock_agrees(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_payment_and_the_expiry_one_wins_and_the_stock_agrees_on_postgres() {
    one_wins_and_the_stock_agrees(Engine::Postgres).await;
}
