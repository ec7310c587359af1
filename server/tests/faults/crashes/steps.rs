//! The steps of an order, and how each is brought about.

use std::time::Instant;

use chrono::TimeDelta;
use serde_json::{Value, json};
use stockgraph_kit::clock::Clock;
use stockgraph_orders::domain::hold::hold_id;

use super::shop::{As, GRACE, PAUSE, Process, Shop, text};
use crate::process::PATIENCE;

/// When a process dies.
pub const SIDES: [&str; 2] = ["before", "after"];

/// A commit, a statement that is a transaction of its own, or a call from one service to another.
#[derive(Debug)]
pub struct Step {
    /// As the sources name it.
    pub name: &'static str,
    way: Way,
}

/// What is done to bring a step about.
#[derive(Clone, Copy, Debug)]
enum Way {
    Place,
    PlaceWithAWrongPrice,
    PlaceWithAHoldThatIsNearlyOver,
    Pay,
    PayWithoutWarehouses,
    PayWithALostHold,
    PayWhatIsSoldOut,
    CancelUnpaid,
    CancelPaidWithALostHold,
    Ship,
    Deliver,
    Return,
    Refund,
    Expire,
}

const fn step(name: &'static str, way: Way) -> Step {
    Step { name, way }
}

/// All of them.
pub const STEPS: [Step; 25] = [
    step("price order", Way::Place),
    step("look for stock", Way::PlaceWithAWrongPrice),
    step("hold stock", Way::Place),
    step("settle", Way::Place),
    step("release hold", Way::PlaceWithAHoldThatIsNearlyOver),
    step("place order", Way::Place),
    step("confirm payment", Way::Pay),
    step("claim effects", Way::Pay),
    step("sell stock", Way::Pay),
    step("finish effects", Way::Pay),
    step("postpone effect", Way::PayWithoutWarehouses),
    step("hold anew", Way::PayWithALostHold),
    step("move reservation", Way::PayWithALostHold),
    step("sell anew", Way::PayWithALostHold),
    step("give up order", Way::PayWhatIsSoldOut),
    step("cancel order", Way::CancelUnpaid),
    step("give stock back", Way::CancelUnpaid),
    step("void effects", Way::CancelPaidWithALostHold),
    step("ship order", Way::Ship),
    step("deliver order", Way::Deliver),
    step("find warehouse", Way::Return),
    step("return order", Way::Return),
    step("restock", Way::Return),
    step("book stock", Way::Return),
    step("confirm refund", Way::Refund),
];

/// Expiry is a step like the others, but it takes another time to pay.
pub const EXPIRE: Step = step("expire orders", Way::Expire);

/// Brings the step about, with a death at this point.
pub async fn play(shop: &mut Shop, step: &Step, point: Option<&str>) {
    let plenty = shop.plenty.clone();
    match step.way {
        Way::Place => {
            shop.arm(point);
            shop.place(&plenty, 1).await;
        }
        Way::PlaceWithAWrongPrice => {
            shop.arm(point);
            place_with_a_wrong_price(shop, &plenty).await;
        }
        Way::PlaceWithAHoldThatIsNearlyOver => {
            let key = shop.new_key();
            hold(shop, &key, &plenty).await;
            shop.arm(point);
            shop.place_with(&key, &plenty, 1).await;
        }
        Way::Pay => {
            let order = shop.place(&plenty, 1).await;
            shop.arm(point);
            shop.pay(&order).await;
        }
        Way::PayWithoutWarehouses => {
            let order = shop.place(&plenty, 1).await;
            shop.stop_warehouses().await;
            shop.arm(point);
            shop.pay(&order).await;
            if let Some(point) = point {
                shop.assert_died(point).await;
            }
            shop.start_warehouses().await;
        }
        Way::PayWithALostHold => {
            let order = shop.place(&plenty, 1).await;
            shop.lose_hold(&order).await;
            shop.arm(point);
            shop.pay(&order).await;
        }
        Way::PayWhatIsSoldOut => {
            let rare = shop.stocked(2).await;
            let order = shop.place(&rare, 2).await;
            shop.lose_hold(&order).await;
            shop.place(&rare, 1).await;
            shop.arm(point);
            shop.pay(&order).await;
        }
        Way::CancelUnpaid => {
            let order = shop.place(&plenty, 1).await;
            shop.arm(point);
            cancel(shop, &order).await;
        }
        Way::CancelPaidWithALostHold => {
            let order = shop.place(&plenty, 1).await;
            shop.lose_hold(&order).await;
            shop.stop_warehouses().await;
            shop.pay(&order).await;
            cancel(shop, &order).await;
            shop.arm(point);
            shop.start_warehouses().await;
        }
        Way::Ship => {
            let order = shop.place(&plenty, 1).await;
            shop.pay(&order).await;
            shop.arm(point);
            ship(shop, &order).await;
        }
        Way::Deliver => {
            let order = shop.place(&plenty, 1).await;
            shop.pay(&order).await;
            ship(shop, &order).await;
            shop.arm(point);
            deliver(shop, &order).await;
        }
        Way::Return => {
            let order = shop.place(&plenty, 3).await;
            shop.pay(&order).await;
            ship(shop, &order).await;
            deliver(shop, &order).await;
            shop.arm(point);
            give_back_one(shop, &order).await;
        }
        Way::Refund => {
            let order = shop.place(&plenty, 1).await;
            shop.pay(&order).await;
            cancel(shop, &order).await;
            shop.arm(point);
            refund(shop, &order).await;
        }
        Way::Expire => {
            let order = shop.place(&plenty, 1).await;
            shop.overdue(1).await;
            shop.arm(point);
            expire(shop).await;
            // It comes too late.
            shop.pay(&order).await;
        }
    }
}

/// An order that is delivered, and one unit of it given back.
async fn give_back_one(shop: &mut Shop, order: &Value) {
    let id = text(&order["id"]);
    let input = json!({
        "id": uuid::Uuid::new_v4().to_string(), "orderId": id, "warehouseId": shop.warehouse,
        "lines": [{ "orderLineId": order["lines"][0]["id"], "quantity": 1 }],
    });
    let returned = shop.order_mutation("returnOrder", input).await;
    assert_eq!(returned["errors"], json!([]));
    *shop.told.returns.entry(id).or_default() += 1;
}

/// A payment that comes after the order has expired.
pub async fn pay_late(shop: &mut Shop) {
    shop.payment_timeout(1).await;
    play(shop, &EXPIRE, None).await;
}

async fn place_with_a_wrong_price(shop: &mut Shop, product: &str) {
    let price = json!({ "amount": "1", "currency": "IDR" });
    let input = json!({
        "idempotencyKey": shop.new_key(),
        "lines": [{ "productId": product, "quantity": 1, "expectedUnitPrice": price }],
    });
    let placed = shop
        .mutate(
            As::Customer,
            Process::Orders,
            "placeOrder",
            "order { id }",
            input,
        )
        .await;
    assert_eq!(placed["errors"][0]["__typename"], "PriceChanged");
}

/// The hold of a checkout that was cut off long ago.
async fn hold(shop: &mut Shop, key: &str, product: &str) {
    let input = json!({
        "id": hold_id(shop.user, key, 0).to_string(),
        "ownerId": shop.user.to_string(),
        "expiresAt": (Clock::system().now() + TimeDelta::seconds(GRACE)).to_rfc3339(),
        "lines": [{ "productId": product, "quantity": 1 }],
    });
    let held = shop
        .mutate(
            As::Service,
            Process::Warehouses,
            "reserveStock",
            "reservation { status }",
            input,
        )
        .await;
    assert_eq!(held["reservation"]["status"], "HELD");
}

async fn cancel(shop: &mut Shop, order: &Value) {
    let input = json!({ "id": order["id"] });
    shop.order_mutation("cancelOrder", input).await;
}

async fn ship(shop: &mut Shop, order: &Value) {
    until_it_is(shop, order, "shipOrder", "SHIPPED").await;
}

async fn deliver(shop: &mut Shop, order: &Value) {
    until_it_is(shop, order, "deliverOrder", "DELIVERED").await;
}

/// Nothing is shipped before the warehouses have confirmed that it is sold, which another than who was paid may be asking them just now.
async fn until_it_is(shop: &mut Shop, order: &Value, mutation: &str, status: &str) {
    let start = Instant::now();
    let query = "query ($id: ID!) { order(id: $id) { status } }";
    let id = json!({ "id": order["id"] });
    loop {
        shop.order_mutation(mutation, id.clone()).await;
        let now = shop.ask(As::Service, Process::Orders, query, id.clone());
        if now.await["order"]["status"] == status {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "{mutation} of {order}");
        tokio::time::sleep(PAUSE).await;
    }
}

async fn refund(shop: &mut Shop, order: &Value) {
    let id = text(&order["id"]);
    let payment = shop.told.payments.iter().find(|(of, ..)| *of == id);
    let reference = payment.expect("it is paid").1.clone();
    let input = json!({ "orderId": id, "paymentReference": reference });
    let refunded = shop.order_mutation("confirmRefund", input).await;
    assert_eq!(refunded["errors"], json!([]));
}

async fn expire(shop: &mut Shop) {
    let query = "mutation { expireOverdueOrders(input: {}) { hasMore } }";
    shop.ask(As::Service, Process::Orders, query, json!({}))
        .await;
}
