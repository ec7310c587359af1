//! `expireOverdueOrders`.

use std::{collections::HashSet, sync::Arc};

use chrono::TimeDelta;
use serde_json::{Value, json};
use stockgraph_kit::on_both_engines;
use stockgraph_orders::service::ports::ReservationStatus;

use crate::shop::{Shop, customer, kinds, laptop, mouse, reservation};

const TOTAL: i64 = 15_200_000;

async fn place_mice(shop: &Shop, orders: usize) {
    for number in 0..orders {
        let placed = shop
            .place(1, &format!("key {number}"), &[(mouse(), 1)])
            .await;
        assert_eq!(placed["errors"], json!([]));
    }
}

fn ids(run: &Value) -> Vec<String> {
    let orders = run["expired"].as_array().unwrap();
    orders
        .iter()
        .map(|order| order["id"].as_str().unwrap().to_owned())
        .collect()
}

on_both_engines! {
    async fn an_order_that_nobody_paid_in_time_expires_and_its_stock_goes_back(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.pending("key").await;
        let paid = shop.paid("paid").await;
        shop.pass(TimeDelta::minutes(15) - TimeDelta::microseconds(1));
        assert_eq!(shop.expire(500).await, json!({ "expired": [], "hasMore": false }));
        shop.pass(TimeDelta::microseconds(1));
        let run = shop.expire(500).await;
        assert_eq!(ids(&run), [order["id"].as_str().unwrap()]);
        let expired = &run["expired"][0];
        assert_eq!(expired["status"], "EXPIRED");
        assert_eq!(kinds(expired), ["PLACED", "EXPIRED"]);
        assert_eq!(expired["timeline"][1]["actor"], Value::Null);
        assert_eq!(shop.stock.status(reservation(&order)), Some(ReservationStatus::Released));
        assert_eq!(shop.stock.available(laptop()), 9);
        assert_eq!(shop.order(&paid).await["status"], "PAID");
        assert_eq!(shop.expire(500).await, json!({ "expired": [], "hasMore": false }));
    }

    async fn no_more_than_the_limit_expire_and_the_answer_says_whether_there_are_more(engine: Engine) {
        let shop = Shop::open(engine).await;
        place_mice(&shop, 5).await;
        shop.pass(TimeDelta::minutes(15));
        let mut seen = HashSet::new();
        for (expected, more) in [(2, true), (2, true), (1, false), (0, false)] {
            let run = shop.expire(2).await;
            assert_eq!((ids(&run).len(), &run["hasMore"]), (expected, &json!(more)));
            seen.extend(ids(&run));
        }
        assert_eq!(seen.len(), 5);
        assert_eq!(shop.stock.available(mouse()), 100);
    }

    async fn eight_schedulers_at_once_expire_each_order_once(engine: Engine) {
        let shop = Arc::new(Shop::open(engine).await);
        place_mice(&shop, 60).await;
        shop.pass(TimeDelta::minutes(15));
        let schedulers = (0..8).map(|_| {
            let shop = Arc::clone(&shop);
            tokio::spawn(async move {
                let mut expired = Vec::new();
                loop {
                    let run = shop.expire(7).await;
                    expired.extend(ids(&run));
                    if run["hasMore"] == json!(false) {
                        return expired;
                    }
                }
            })
        });
        let expired: Vec<_> = futures_util::future::join_all(schedulers).await.into_iter().flat_map(Result::unwrap).collect();
        assert_eq!(expired.len(), 60);
        assert_eq!(expired.iter().collect::<HashSet<_>>().len(), 60);
        assert_eq!(shop.stock.available(mouse()), 100);
        assert_eq!(shop.orders().count_open_effects().await.unwrap(), 0);
    }

    async fn of_payment_cancellation_and_expiry_at_once_one_wins_and_the_stock_agrees(engine: Engine) {
        let shop = Arc::new(Shop::open(engine).await);
        for round in 0..10 {
            let order = shop.pending(&format!("key {round}")).await;
            shop.pass(TimeDelta::minutes(15) - TimeDelta::microseconds(1));
            let with = |f: fn(Arc<Shop>, Value, String) -> futures_util::future::BoxFuture<'static, ()>| {
                tokio::spawn(f(Arc::clone(&shop), order.clone(), format!("pay {round}")))
            };
            let tasks = [
                with(|shop, order, reference| Box::pin(async move { shop.pay(&order, &reference, TOTAL).await; })),
                with(|shop, order, _| Box::pin(async move { shop.cancel(&customer(1), &order).await; })),
                with(|shop, _, _| Box::pin(async move {
                    shop.pass(TimeDelta::microseconds(1));
                    shop.expire(500).await;
                })),
            ];
            futures_util::future::join_all(tasks).await;
            let order = shop.order(&order).await;
            let (status, hold) = (order["status"].as_str().unwrap(), shop.stock.status(reservation(&order)));
            let refund = &order["refundDue"];
            match status {
                "PAID" => {
                    assert_eq!((hold, refund), (Some(ReservationStatus::Committed), &Value::Null));
                }
                "CANCELLED" => assert_ne!(hold, Some(ReservationStatus::Held)),
                "EXPIRED" => assert_eq!(hold, Some(ReservationStatus::Released)),
                other => panic!("nobody won: {other}"),
            }
            // The money is either the shop's for a paid order, or owed.
            let paid = order["payments"].as_array().unwrap().len();
            assert!(status == "PAID" || (paid == 1) == (refund["amount"] == "15200000.00"), "{order}");
            shop.cancel(&customer(1), &order).await;
        }
        assert_eq!((shop.stock.available(laptop()), shop.stock.sold(laptop())), (10, 0));
    }

    async fn a_limit_out_of_range_is_refused_and_so_are_those_who_may_not(engine: Engine) {
        use stockgraph_kit::caller::Scope;
        use crate::shop::{service, staff};
        let shop = Shop::open(engine).await;
        let query = "mutation($limit: Int) { expireOverdueOrders(input: { limit: $limit }) { hasMore } }";
        for limit in [0, -1, 1_001] {
            let code = shop.refusal(&service(Scope::OrdersExpire), query, json!({ "limit": limit })).await;
            assert_eq!(code, "BAD_USER_INPUT");
        }
        let data = shop.ask(&service(Scope::OrdersExpire), "mutation { expireOverdueOrders(input: {}) { hasMore } }", json!({})).await;
        assert_eq!(data["expireOverdueOrders"]["hasMore"], json!(false));
        assert_eq!(shop.refusal(&staff(), query, json!({ "limit": 1 })).await, "FORBIDDEN");
    }
}
