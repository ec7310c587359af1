//! The warehouses are down: the shop is open all the same, and what is paid meanwhile is sold when they are back.

use serde_json::{Value, json};

use super::shop::{As, Engine, Process, Shop};
use crate::process::until;

const BROWSE: &str =
    "{ products(first: 1) { nodes { name price { amount } stock { available } } } }";

const PLACE: &str = "mutation ($input: PlaceOrderInput!) {
    placeOrder(input: $input) { order { id } errors { __typename } }
}";

async fn the_shop_is_open_without_its_warehouses(engine: Engine) {
    let mut shop = Shop::open(engine, &[]).await;
    let (users, router) = shop.open_to_the_public().await;
    let graph = router.url();
    let plenty = shop.plenty.clone();
    let order = shop.place(&plenty, 2).await;
    shop.stop_warehouses().await;

    let browsed = shop
        .client(As::Customer)
        .body(&graph, BROWSE, &json!({}))
        .await;
    let product = &browsed["data"]["products"]["nodes"][0];
    assert_eq!(product["price"]["amount"], "1000.00", "{browsed:#}");
    assert_eq!(product["stock"], Value::Null);
    assert_eq!(browsed["errors"][0]["extensions"]["service"], "warehouses");

    let cart = json!({ "idempotencyKey": shop.new_key(), "lines": [{ "productId": plenty, "quantity": 1 }] });
    let cart = json!({ "input": cart });
    let refused = shop.client(As::Customer).body(&graph, PLACE, &cart).await;
    let error = &refused["errors"][0];
    assert_eq!(error["extensions"]["code"], "UNAVAILABLE", "{refused:#}");
    let message = error["message"].as_str().unwrap();
    assert!(
        message.starts_with("Stock cannot be held just now"),
        "{message}"
    );

    let paid = shop.pay(&order).await;
    assert_eq!(paid["errors"], json!([]));
    assert_eq!(paid["order"]["status"], "PAID");

    shop.start_warehouses().await;
    let id = order["reservation"]["id"].clone();
    let sold = "query ($id: ID!) { stockReservation(id: $id) { status } }";
    until("what was paid is sold", async || {
        let variables = json!({ "id": id });
        let data = shop
            .ask(As::Service, Process::Warehouses, sold, variables)
            .await;
        data["stockReservation"]["status"] == "COMMITTED"
    })
    .await;
    let placed = shop.client(As::Customer).body(&graph, PLACE, &cart).await;
    let id = placed["data"]["placeOrder"]["order"]["id"]
        .as_str()
        .unwrap();
    shop.was_told(
        cart["input"]["idempotencyKey"].as_str().unwrap(),
        id,
        &plenty,
        1,
    );
    let wrong = shop.violations().await;
    assert!(wrong.is_empty(), "{wrong:#?}");
    drop((users, router));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_shop_is_open_without_its_warehouses_on_sqlite() {
    the_shop_is_open_without_its_warehouses(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_shop_is_open_without_its_warehouses_on_postgres() {
    the_shop_is_open_without_its_warehouses(Engine::Postgres).await;
}
