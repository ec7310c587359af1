//! What is owed to the warehouses: told until it is heard, whatever happens meanwhile.

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::{Value, json};
use stockgraph_kit::on_both_engines;
use stockgraph_orders::{
    domain::hold::renewed_hold_id,
    service::{EffectsRun, OrdersOptions, ports::ReservationStatus},
};

use crate::{
    doubles::Fault,
    held_up::HeldUp,
    shop::{Shop, customer, errors, kinds, laptop, mouse, reservation, staff},
};

const TOTAL: i64 = 15_200_000;

impl Shop {
    /// What the loop does, once everything that failed is due again.
    async fn settle(&self) -> EffectsRun {
        self.pass(TimeDelta::minutes(1));
        self.orders().run_due_effects(1_000).await.unwrap()
    }

    async fn open_effects(&self) -> u64 {
        self.orders().count_open_effects().await.unwrap()
    }
}

/// An order that is paid while the warehouses cannot be reached, whose hold has ended before they can.
async fn paid_with_a_lost_hold(shop: &Shop, key: &str) -> Value {
    let order = shop.pending(key).await;
    shop.stock.fail_with(Some(Fault::Unreachable));
    let paid = shop.pay(&order, &format!("pay-{key}"), TOTAL).await;
    assert_eq!(errors(&paid), [""; 0]);
    shop.pass(TimeDelta::minutes(30));
    shop.stock.fail_with(None);
    shop.stock.expire_holds(shop.clock.now());
    assert_eq!(
        shop.stock.status(reservation(&order)),
        Some(ReservationStatus::Expired)
    );
    paid["order"].clone()
}

on_both_engines! {
    async fn a_payment_is_taken_while_the_warehouses_are_down_and_the_stock_sold_once_they_are_back(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.pending("key").await;
        shop.stock.fail_with(Some(Fault::Unreachable));
        let paid = shop.pay(&order, "pay-1", TOTAL).await;
        assert_eq!((errors(&paid), &paid["order"]["status"]), (vec![], &json!("PAID")));
        assert_eq!((shop.open_effects().await, shop.stock.sold(laptop())), (1, 0));
        assert_eq!(shop.settle().await, EffectsRun { done: 0, failed: 1 });
        shop.stock.fail_with(None);
        assert_eq!(shop.settle().await, EffectsRun { done: 1, failed: 0 });
        assert_eq!((shop.open_effects().await, shop.stock.sold(laptop())), (0, 1));
        assert_eq!(shop.settle().await, EffectsRun::default());
    }

    async fn an_effect_whose_answer_was_lost_is_done_once(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.pending("key").await;
        shop.stock.fail_with(Some(Fault::AnswerLost));
        shop.pay(&order, "pay-1", TOTAL).await;
        shop.cancel(&customer(1), &order).await;
        shop.settle().await;
        shop.stock.fail_with(None);
        shop.settle().await;
        shop.settle().await;
        assert_eq!(shop.open_effects().await, 0);
        assert_eq!((shop.stock.sold(laptop()), shop.stock.available(laptop())), (0, 10));
        assert_eq!((shop.stock.sold(mouse()), shop.stock.available(mouse())), (0, 100));
    }

    async fn what_failed_waits_longer_each_time(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.pending("key").await;
        shop.stock.fail_with(Some(Fault::Overloaded));
        shop.pay(&order, "pay-1", TOTAL).await;
        let run = async || shop.orders().run_due_effects(10).await.unwrap().failed;
        assert_eq!(run().await, 0);
        let mut waits = Vec::new();
        for _ in 0..8 {
            let since = shop.clock.now();
            while run().await == 0 {
                shop.pass(TimeDelta::milliseconds(100));
            }
            waits.push((shop.clock.now() - since).num_milliseconds());
        }
        assert!((500..=1_000).contains(&waits[0]), "{waits:?}");
        assert!((1_000..=2_000).contains(&waits[1]), "{waits:?}");
        assert!((30_000..=60_000).contains(&waits[7]), "{waits:?}");
    }

    async fn the_effects_of_an_order_are_carried_out_one_after_the_other(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.pending("key").await;
        shop.stock.fail_with(Some(Fault::Unreachable));
        shop.pay(&order, "pay-1", TOTAL).await;
        shop.cancel(&customer(1), &order).await;
        assert_eq!(shop.open_effects().await, 2);
        shop.stock.take_calls();
        shop.settle().await;
        assert_eq!(shop.stock.take_calls(), ["commit"]);
        shop.stock.fail_with(None);
        assert_eq!(shop.settle().await, EffectsRun { done: 2, failed: 0 });
        assert_eq!(shop.stock.take_calls(), ["commit", "restock"]);
        assert_eq!((shop.stock.sold(laptop()), shop.stock.available(laptop())), (0, 10));
    }

    async fn one_call_that_cannot_be_made_stops_the_others_of_its_batch(engine: Engine) {
        let shop = Shop::open(engine).await;
        for number in 0..40 {
            shop.place(1, &format!("key {number}"), &[(mouse(), 1)]).await;
        }
        shop.pass(TimeDelta::minutes(15));
        shop.stock.fail_with(Some(Fault::Unreachable));
        shop.stock.take_calls();
        shop.expire(500).await;
        assert_eq!(shop.stock.take_calls().len(), 1);
        shop.stock.fail_with(None);
        assert_eq!(shop.settle().await, EffectsRun { done: 40, failed: 0 });
        assert_eq!(shop.stock.available(mouse()), 100);
    }

    async fn a_claimed_effect_belongs_to_nobody_else_until_its_lease_ends(engine: Engine) {
        let shop = Arc::new(Shop::open(engine).await);
        for number in 0..30 {
            shop.place(1, &format!("key {number}"), &[(mouse(), 1)]).await;
        }
        shop.pass(TimeDelta::minutes(15));
        shop.stock.fail_with(Some(Fault::Unreachable));
        shop.expire(500).await;
        shop.stock.fail_with(None);
        shop.stock.take_releases();
        shop.pass(TimeDelta::minutes(1));
        let loops = (0..6).map(|_| {
            let shop = Arc::clone(&shop);
            tokio::spawn(async move { shop.orders().run_due_effects(1_000).await.unwrap().done })
        });
        let done: u64 = futures_util::future::join_all(loops).await.into_iter().map(Result::unwrap).sum();
        assert_eq!((done, shop.stock.take_releases().len()), (30, 30));
    }

    async fn a_paid_order_whose_hold_is_gone_holds_its_stock_anew(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = paid_with_a_lost_hold(&shop, "key").await;
        assert_eq!(shop.settle().await, EffectsRun { done: 1, failed: 0 });
        let now = shop.order(&order).await;
        assert_eq!(now["status"], "PAID");
        assert_eq!(reservation(&now), renewed_hold_id(reservation(&order)));
        assert_eq!(shop.stock.status(reservation(&now)), Some(ReservationStatus::Committed));
        assert_eq!((shop.stock.sold(laptop()), shop.stock.available(laptop())), (1, 9));
        // And can be given back like any other.
        shop.cancel(&customer(1), &order).await;
        assert_eq!((shop.stock.sold(laptop()), shop.stock.available(laptop())), (0, 10));
    }

    async fn a_renewal_that_is_cut_off_anywhere_is_taken_up_again(engine: Engine) {
        // The sale of the lost hold, the new hold, and its sale: each call cut off before and after it was done, and whatever was held
        // by then either kept or lost as well before anybody comes back.
        let shop = Shop::open(engine).await;
        for cut in 0..3 {
            for fault in [Fault::Unreachable, Fault::AnswerLost] {
                for lost_again in [false, true] {
                    let order = paid_with_a_lost_hold(&shop, &format!("{cut} {fault:?} {lost_again}")).await;
                    shop.stock.fail_after(cut, Some(fault));
                    assert_eq!(shop.settle().await, EffectsRun { done: 0, failed: 1 });
                    shop.stock.fail_with(None);
                    if lost_again {
                        shop.pass(TimeDelta::hours(1));
                        shop.stock.expire_holds(shop.clock.now());
                    }
                    assert_eq!(shop.settle().await, EffectsRun { done: 1, failed: 0 });
                    let now = shop.order(&order).await;
                    let hold = shop.stock.status(reservation(&now));
                    assert_eq!((&now["status"], hold), (&json!("PAID"), Some(ReservationStatus::Committed)));
                    assert_eq!((shop.stock.sold(laptop()), shop.stock.available(laptop())), (1, 9));
                    assert_eq!(shop.stock.holds_in(ReservationStatus::Held), 0);
                    shop.cancel(&customer(1), &order).await;
                    assert_eq!((shop.stock.sold(laptop()), shop.stock.available(laptop())), (0, 10));
                }
            }
        }
    }

    async fn a_renewal_whose_order_is_cancelled_meanwhile_leaves_nothing_held(engine: Engine) {
        let shop = Shop::open(engine).await;
        for cut in 0..3 {
            for fault in [Fault::Unreachable, Fault::AnswerLost] {
                let order = paid_with_a_lost_hold(&shop, &format!("{cut} {fault:?}")).await;
                shop.stock.fail_after(cut, Some(fault));
                shop.settle().await;
                shop.stock.fail_with(Some(Fault::Unreachable));
                shop.cancel(&customer(1), &order).await;
                shop.stock.fail_with(None);
                shop.settle().await;
                shop.settle().await;
                assert_eq!(shop.open_effects().await, 0);
                // A hold that was made but never became the order's ends by itself.
                shop.pass(TimeDelta::hours(1));
                shop.stock.expire_holds(shop.clock.now());
                assert_eq!((shop.stock.sold(laptop()), shop.stock.available(laptop())), (0, 10), "{cut} {fault:?}");
                assert_eq!((shop.stock.sold(mouse()), shop.stock.available(mouse())), (0, 100));
            }
        }
    }

    async fn several_who_carry_out_the_same_effect_do_it_once(engine: Engine) {
        for sold_out in [false, true] {
            // Leases that end at once: everybody takes everything.
            let options = OrdersOptions { effect_lease: TimeDelta::zero(), ..OrdersOptions::default() };
            let shop = Arc::new(Shop::open_with(engine, options).await);
            let order = paid_with_a_lost_hold(&shop, "key").await;
            if sold_out {
                shop.stock.sell_out(laptop());
            }
            shop.pass(TimeDelta::minutes(1));
            let loops = (0..4).map(|_| {
                let shop = Arc::clone(&shop);
                tokio::spawn(async move { shop.orders().run_due_effects(20).await.unwrap() })
            });
            futures_util::future::join_all(loops).await;
            shop.settle().await;
            let (status, sold, left, events) = if sold_out {
                ("CANCELLED", 0, 0, vec!["PLACED", "PAYMENT_CONFIRMED", "CANCELLED", "REFUND_DUE"])
            } else {
                ("PAID", 1, 9, vec!["PLACED", "PAYMENT_CONFIRMED"])
            };
            let now = shop.order(&order).await;
            assert_eq!((now["status"].as_str().unwrap(), kinds(&now)), (status, events));
            assert_eq!((shop.stock.sold(laptop()), shop.stock.available(laptop())), (sold, left));
            assert_eq!((shop.stock.holds_in(ReservationStatus::Held), shop.open_effects().await), (0, 0));
        }
    }

    async fn one_who_was_held_up_does_not_undo_what_others_have_sold_meanwhile(engine: Engine) {
        let shop = Arc::new(Shop::open(engine).await);
        let order = paid_with_a_lost_hold(&shop, "key").await;
        shop.pass(TimeDelta::minutes(1));
        // The lease ends, the stock is held anew and sold, and the order cancelled; its stock cannot yet be put back.
        let others = Arc::clone(&shop);
        let meanwhile = async move {
            others.pass(TimeDelta::minutes(1));
            assert_eq!(others.orders().run_due_effects(1).await.unwrap().done, 1);
            others.stock.fail_with(Some(Fault::Unreachable));
            others.cancel(&staff(), &order).await;
            others.stock.fail_with(None);
        };
        let held_up = shop.twin_with(Arc::new(HeldUp::new(shop.stock.clone(), meanwhile)));
        held_up.run_due_effects(1).await.unwrap();
        assert_eq!(shop.stock.sold(laptop()), 1);
        shop.settle().await;
        assert_eq!((shop.stock.sold(laptop()), shop.stock.available(laptop())), (0, 10));
        assert_eq!(shop.open_effects().await, 0);
    }

    async fn a_paid_order_for_which_nothing_is_left_is_cancelled_and_owed_back(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = paid_with_a_lost_hold(&shop, "key").await;
        shop.stock.sell_out(laptop());
        assert_eq!(shop.settle().await, EffectsRun { done: 1, failed: 0 });
        let now = shop.order(&order).await;
        assert_eq!(now["status"], "CANCELLED");
        assert_eq!(now["refundDue"]["amount"], "15200000.00");
        assert_eq!(kinds(&now), ["PLACED", "PAYMENT_CONFIRMED", "CANCELLED", "REFUND_DUE"]);
        assert_eq!(now["timeline"][2]["actor"], Value::Null);
        assert!(now["timeline"][2]["note"].as_str().unwrap().contains("could not be kept"));
        assert_eq!((shop.stock.sold(mouse()), shop.stock.available(mouse())), (0, 100));
        assert_eq!(shop.open_effects().await, 0);
    }

    async fn a_payment_learns_at_once_that_nothing_is_left(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.pending("key").await;
        // The warehouses let the hold go too early, which they never should.
        shop.stock.expire_holds(shop.clock.now() + TimeDelta::hours(1));
        shop.stock.sell_out(mouse());
        let paid = shop.pay(&order, "pay-1", TOTAL).await;
        assert_eq!(errors(&paid), [""; 0]);
        assert_eq!(paid["order"]["status"], "CANCELLED");
        assert_eq!(paid["payment"]["status"], "REFUND_DUE");
    }

    async fn an_order_cancelled_after_its_hold_was_lost_puts_nothing_back(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = paid_with_a_lost_hold(&shop, "key").await;
        shop.stock.fail_with(Some(Fault::Unreachable));
        let cancelled = shop.cancel(&staff(), &order).await;
        assert_eq!(cancelled["order"]["refundDue"]["amount"], "15200000.00");
        shop.stock.fail_with(None);
        shop.settle().await;
        shop.settle().await;
        assert_eq!(shop.open_effects().await, 0);
        assert_eq!((shop.stock.sold(laptop()), shop.stock.available(laptop())), (0, 10));
        assert_eq!((shop.stock.sold(mouse()), shop.stock.available(mouse())), (0, 100));
    }

    async fn an_order_is_shipped_only_after_its_stock_is_sold_for_certain(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.pending("key").await;
        shop.stock.fail_with(Some(Fault::Unreachable));
        shop.pay(&order, "pay-1", TOTAL).await;
        let ship = async || shop.mutate(&staff(), "shipOrder", json!({ "id": order["id"] })).await;
        let refused = ship().await;
        assert_eq!(errors(&refused), ["WrongState"]);
        assert_eq!(refused["errors"][0]["state"], "PAID");
        shop.stock.fail_with(None);
        shop.settle().await;
        assert_eq!(ship().await["order"]["status"], "SHIPPED");
    }
}
