//! `shipOrder`, `deliverOrder` and `returnOrder`.

use std::sync::Arc;

use serde_json::{Value, json};
use stockgraph_kit::{caller::Caller, on_both_engines};
use uuid::Uuid;

use crate::{
    doubles::{Fault, other_warehouse},
    shop::{Shop, customer, errors, kinds, laptop, mouse, staff, user},
};

/// A return of so many units of the lines at these places.
fn goods(order: &Value, id: u128, lines: &[(usize, i32)]) -> Value {
    let line = |(place, quantity): &(usize, i32)| json!({ "orderLineId": order["lines"][*place]["id"], "quantity": quantity });
    json!({
        "id": Uuid::from_u128(id).to_string(),
        "orderId": order["id"],
        "lines": lines.iter().map(line).collect::<Vec<_>>(),
        "reason": "Does not fit.",
    })
}

async fn give_back(shop: &Shop, input: Value) -> Value {
    shop.mutate(&staff(), "returnOrder", input).await
}

on_both_engines! {
    async fn a_paid_order_is_shipped_and_arrives(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.paid("key").await;
        let input = json!({ "id": order["id"], "carrier": "JNE", "trackingNumber": "JNE-1" });
        let shipped = shop.mutate(&staff(), "shipOrder", input).await;
        assert_eq!(shipped["order"]["status"], "SHIPPED");
        let shipment = json!({ "carrier": "JNE", "trackingNumber": "JNE-1", "shippedAt": "2027-01-15T08:00:00Z", "deliveredAt": null });
        assert_eq!(shipped["order"]["shipment"], shipment);
        shop.pass(chrono::TimeDelta::days(1));
        let delivered = shop.mutate(&staff(), "deliverOrder", json!({ "id": order["id"] })).await;
        let order = &delivered["order"];
        assert_eq!(order["status"], "DELIVERED");
        assert_eq!(order["shipment"]["deliveredAt"], "2027-01-16T08:00:00Z");
        assert_eq!(kinds(order), ["PLACED", "PAYMENT_CONFIRMED", "SHIPPED", "DELIVERED"]);
        assert_eq!(order["timeline"][3]["actor"]["id"], user(900).to_string());
    }

    async fn each_step_takes_the_one_before(engine: Engine) {
        let shop = Shop::open(engine).await;
        let pending = shop.pending("key").await;
        let paid = shop.paid("other").await;
        for (name, order, state) in [
            ("shipOrder", &pending, "PENDING_PAYMENT"),
            ("deliverOrder", &paid, "PAID"),
        ] {
            let refused = shop.mutate(&staff(), name, json!({ "id": order["id"] })).await;
            assert_eq!(errors(&refused), ["WrongState"]);
            assert_eq!(refused["errors"][0]["state"], state);
        }
        let refused = give_back(&shop, goods(&paid, 1, &[(0, 1)])).await;
        assert_eq!(errors(&refused), ["WrongState"]);
        for name in ["shipOrder", "deliverOrder"] {
            let unknown = json!({ "id": "order_01kdvdna00e00800000g000001" });
            assert_eq!(errors(&shop.mutate(&staff(), name, unknown).await), ["NotFound"]);
            assert_eq!(errors(&shop.mutate(&staff(), name, json!({ "id": "7" })).await), ["NotFound"]);
            let input = json!({ "id": paid["id"] });
            assert_eq!(shop.refused(&customer(1), name, input.clone()).await, "FORBIDDEN");
            assert_eq!(shop.refused(&Caller::Anonymous, name, input).await, "UNAUTHENTICATED");
        }
    }

    async fn what_comes_back_goes_on_hand_and_its_price_is_owed(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.delivered("key").await;
        let returned = give_back(&shop, goods(&order, 1, &[(1, 1)])).await;
        let now = &returned["order"];
        assert_eq!(now["status"], "DELIVERED");
        assert_eq!(now["lines"][1]["returnedQuantity"], 1);
        assert_eq!(now["refundDue"]["amount"], "600000.00");
        assert_eq!(now["payments"][0]["status"], "REFUND_DUE");
        assert_eq!(kinds(now)[4..], ["RETURNED", "REFUND_DUE"]);
        assert_eq!(now["timeline"][4]["note"], "Does not fit.");
        assert_eq!((shop.stock.sold(mouse()), shop.stock.available(mouse())), (1, 99));
        let refund = json!({ "orderId": order["id"], "paymentReference": "pay-key" });
        let refunded = shop.mutate(&staff(), "confirmRefund", refund.clone()).await;
        assert_eq!(refunded["order"]["refundDue"], Value::Null);
        assert_eq!(refunded["order"]["payments"][0]["status"], "CAPTURED");
        let rest = give_back(&shop, goods(&order, 2, &[(0, 1), (1, 1)])).await;
        assert_eq!(rest["order"]["refundDue"]["amount"], "14600000.00");
        let refunded = shop.mutate(&staff(), "confirmRefund", refund).await;
        assert_eq!(refunded["order"]["payments"][0]["status"], "REFUNDED");
        assert_eq!((shop.stock.sold(laptop()), shop.stock.available(laptop())), (0, 10));
        assert_eq!((shop.stock.sold(mouse()), shop.stock.available(mouse())), (0, 100));
    }

    async fn the_same_return_again_is_not_a_second_one(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.delivered("key").await;
        let input = goods(&order, 1, &[(1, 1)]);
        let returned = give_back(&shop, input.clone()).await;
        assert_eq!(give_back(&shop, input).await, returned);
        assert_eq!((shop.stock.sold(mouse()), shop.stock.available(mouse())), (1, 99));
        let other = give_back(&shop, goods(&order, 1, &[(1, 2)])).await;
        assert_eq!((errors(&other), &other["errors"][0]["field"]), (vec!["InvalidInput"], &json!(["id"])));
        let of_another_order = shop.delivered("other").await;
        let other = give_back(&shop, goods(&of_another_order, 1, &[(1, 1)])).await;
        assert_eq!(other["errors"][0]["field"], json!(["id"]));
    }

    async fn goods_go_back_to_where_they_came_from_unless_another_warehouse_is_named(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.delivered("key").await;
        let to = |id: u128, warehouse: &str| {
            let mut input = goods(&order, id, &[(1, 1)]);
            input["warehouseId"] = json!(warehouse);
            input
        };
        let elsewhere = to(1, &other_warehouse().to_string());
        let returned = give_back(&shop, elsewhere.clone()).await;
        assert_eq!(errors(&returned), [""; 0]);
        assert_eq!(shop.stock.restocked_to(), [Some(other_warehouse())]);
        let mut back = elsewhere.clone();
        back.as_object_mut().unwrap().remove("warehouseId");
        assert_eq!(give_back(&shop, back).await["errors"][0]["field"], json!(["id"]));
        // What was done before is told without the warehouses.
        shop.stock.fail_with(Some(Fault::Unreachable));
        assert_eq!(give_back(&shop, elsewhere).await, returned);
        assert_eq!(shop.refused(&staff(), "returnOrder", to(2, &other_warehouse().to_string())).await, "UNAVAILABLE");
        shop.stock.fail_with(None);
        for unknown in ["warehouse_01kdvdna00e00800000g000001", "7"] {
            let refused = give_back(&shop, to(2, unknown)).await;
            assert_eq!((errors(&refused), &refused["errors"][0]["id"]), (vec!["NotFound"], &json!(unknown)));
        }
        assert_eq!(shop.order(&order).await["lines"][1]["returnedQuantity"], 1);
    }

    async fn no_more_comes_back_than_went_out(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.delivered("key").await;
        let foreign = shop.delivered("other").await;
        give_back(&shop, goods(&order, 1, &[(1, 1)])).await;
        let mut input = goods(&order, 2, &[(0, 2), (1, 2)]);
        input["lines"].as_array_mut().unwrap().push(json!({ "orderLineId": foreign["lines"][0]["id"], "quantity": 1 }));
        let refused = give_back(&shop, input).await;
        let fields: Vec<_> = refused["errors"].as_array().unwrap().iter().map(|error| error["field"].clone()).collect();
        assert_eq!(fields, [
            json!(["lines", "0", "quantity"]),
            json!(["lines", "1", "quantity"]),
            json!(["lines", "2", "orderLineId"]),
        ]);
        let refused = give_back(&shop, goods(&order, 2, &[(0, 0)])).await;
        assert_eq!(refused["errors"][0]["field"], json!(["lines", "0", "quantity"]));
        assert_eq!(shop.order(&order).await["refundDue"]["amount"], "600000.00");
    }

    async fn returns_at_once_never_add_up_to_more_than_went_out(engine: Engine) {
        let shop = Arc::new(Shop::open(engine).await);
        let order = shop.delivered("key").await;
        let calls = (0..8).map(|id| {
            let (shop, order) = (Arc::clone(&shop), order.clone());
            tokio::spawn(async move { errors(&give_back(&shop, goods(&order, id, &[(1, 1)])).await).is_empty() })
        });
        let taken = futures_util::future::join_all(calls).await;
        assert_eq!(taken.into_iter().filter(|taken| *taken.as_ref().unwrap()).count(), 2);
        assert_eq!(shop.order(&order).await["refundDue"]["amount"], "1200000.00");
        assert_eq!((shop.stock.sold(mouse()), shop.stock.available(mouse())), (0, 100));
    }

    async fn a_return_says_all_that_is_wrong_with_its_ids(engine: Engine) {
        let shop = Shop::open(engine).await;
        let input = json!({ "id": "x", "orderId": "y", "lines": [{ "orderLineId": "z", "quantity": 1 }] });
        assert_eq!(errors(&give_back(&shop, input.clone()).await), ["InvalidInput", "NotFound", "InvalidInput"]);
        assert_eq!(shop.refused(&customer(1), "returnOrder", input).await, "FORBIDDEN");
    }
}
