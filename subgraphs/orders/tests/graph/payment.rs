//! `confirmPayment` and `confirmRefund`.

use std::sync::Arc;

use chrono::TimeDelta;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};
use stockgraph_kit::{
    caller::{Caller, Scope},
    database::{Database, Engine},
    on_both_engines,
};
use stockgraph_orders::service::ports::ReservationStatus;

use crate::shop::{Shop, customer, errors, kinds, laptop, mouse, reservation, service, staff};

const TOTAL: i64 = 15_200_000;

fn due(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "IDR" })
}

/// Until a statement waits for a lock. On SQLite, where nobody can look into the queue, it may be before the payment begins.
async fn until_somebody_waits(database: &Database) {
    let waits = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let waits = Statement::from_string(DbBackend::Postgres, waits);
    while database
        .reader()
        .query_all_raw(waits.clone())
        .await
        .unwrap()
        .is_empty()
    {
        tokio::task::yield_now().await;
    }
}

async fn refund(shop: &Shop, order: &Value, reference: &str) -> Value {
    let input = json!({ "orderId": order["id"], "paymentReference": reference });
    shop.mutate(&staff(), "confirmRefund", input).await
}

on_both_engines! {
    async fn a_payment_in_time_pays_the_order_and_sells_its_stock(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.pending("key").await;
        let paid = shop.pay(&order, "pay-1", TOTAL).await;
        assert_eq!(errors(&paid), [""; 0]);
        assert_eq!(paid["order"]["status"], "PAID");
        assert_eq!(paid["payment"]["status"], "CAPTURED");
        assert_eq!(paid["payment"]["reference"], "pay-1");
        assert_eq!(kinds(&paid["order"]), ["PLACED", "PAYMENT_CONFIRMED"]);
        assert_eq!((shop.stock.sold(laptop()), shop.stock.sold(mouse())), (1, 2));
        assert_eq!(shop.orders().count_open_effects().await.unwrap(), 0);
    }

    async fn the_same_payment_again_is_answered_the_same_and_counts_once(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.pending("key").await;
        let paid = shop.pay(&order, "pay-1", TOTAL).await;
        shop.pass(TimeDelta::hours(1));
        assert_eq!(shop.pay(&order, "pay-1", TOTAL).await, paid);
        assert_eq!(errors(&shop.pay(&order, "pay-1", TOTAL - 1).await), ["IdempotencyKeyReused"]);
        let other = shop.pending("other").await;
        assert_eq!(errors(&shop.pay(&other, "pay-1", TOTAL).await), ["IdempotencyKeyReused"]);
        assert_eq!(shop.order(&other).await["status"], "PENDING_PAYMENT");
        assert_eq!(shop.stock.sold(laptop()), 1);
    }

    async fn a_wrong_amount_in_time_is_kept_and_the_order_can_still_be_paid(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.pending("key").await;
        let wrong = shop.pay(&order, "pay-1", TOTAL - 1).await;
        assert_eq!(errors(&wrong), ["WrongAmount"]);
        assert_eq!(wrong["errors"][0]["expected"], due("15200000.00"));
        assert_eq!(wrong["errors"][0]["actual"], due("15199999.00"));
        assert_eq!(wrong["order"]["status"], "PENDING_PAYMENT");
        assert_eq!(wrong["payment"]["status"], "REFUND_DUE");
        assert_eq!(wrong["order"]["refundDue"], due("15199999.00"));
        assert_eq!(kinds(&wrong["order"]), ["PLACED", "REFUND_DUE"]);
        assert_eq!(shop.pay(&order, "pay-1", TOTAL - 1).await, wrong);
        assert_eq!(shop.stock.status(reservation(&order)), Some(ReservationStatus::Held));
        let paid = shop.pay(&order, "pay-2", TOTAL).await;
        assert_eq!(errors(&paid), [""; 0]);
        assert_eq!(paid["order"]["status"], "PAID");
        assert_eq!(paid["order"]["refundDue"], due("15199999.00"));
        // Of an order that is paid by another payment, both are wrong.
        assert_eq!(errors(&shop.pay(&order, "pay-1", TOTAL - 1).await), ["WrongState", "WrongAmount"]);
        assert_eq!(shop.orders().count_open_effects().await.unwrap(), 0);
    }

    async fn a_wrong_amount_is_corrected_under_its_reference_until_it_has_gone_back(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.pending("key").await;
        shop.pay(&order, "pay-1", TOTAL + 1).await;
        assert_eq!(errors(&shop.pay(&order, "pay-1", TOTAL + 2).await), ["IdempotencyKeyReused"]);
        let paid = shop.pay(&order, "pay-1", TOTAL).await;
        assert_eq!(errors(&paid), [""; 0]);
        assert_eq!(paid["order"]["status"], "PAID");
        assert_eq!(paid["order"]["refundDue"], Value::Null);
        assert_eq!(paid["order"]["payments"].as_array().unwrap().len(), 1);
        assert_eq!(paid["payment"]["amount"]["amount"], "15200000.00");
        assert_eq!(shop.pay(&order, "pay-1", TOTAL).await, paid);
        assert_eq!(errors(&shop.pay(&order, "pay-1", TOTAL + 1).await), ["IdempotencyKeyReused"]);
        let other = shop.pending("other").await;
        shop.pay(&other, "pay-2", 1).await;
        refund(&shop, &other, "pay-2").await;
        assert_eq!(errors(&shop.pay(&other, "pay-2", TOTAL).await), ["IdempotencyKeyReused"]);
        assert_eq!(shop.order(&other).await["status"], "PENDING_PAYMENT");
    }

    async fn what_is_no_money_of_the_orders_currency_is_refused_and_nothing_is_recorded(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.pending("key").await;
        for (amount, currency) in [("15200000", "USD"), ("0", "IDR"), ("-15200000", "IDR")] {
            let input = json!({ "orderId": order["id"], "paymentReference": "pay-1", "amount": { "amount": amount, "currency": currency } });
            let payload = shop.mutate(&service(Scope::PaymentsConfirm), "confirmPayment", input).await;
            assert_eq!(errors(&payload), ["WrongAmount"]);
            assert_eq!((&payload["order"], &payload["payment"]), (&Value::Null, &Value::Null));
        }
        assert_eq!(shop.order(&order).await, order);
        // The reference is still free.
        assert_eq!(shop.pay(&order, "pay-1", TOTAL).await["order"]["status"], "PAID");
    }

    async fn a_payment_of_nothing_known_is_refused(engine: Engine) {
        let shop = Shop::open(engine).await;
        let unknown = json!({ "id": "order_01kdvdna00e00800000g000001" });
        assert_eq!(errors(&shop.pay(&unknown, "pay-1", TOTAL).await), ["NotFound"]);
        let malformed = shop.pay(&json!({ "id": "7" }), "pay-1", TOTAL).await;
        assert_eq!(errors(&malformed), ["NotFound"]);
        assert_eq!(malformed["errors"][0]["id"], "7");
        let order = shop.pending("key").await;
        let input = |reference: &str, amount: &str| json!({
            "orderId": order["id"], "paymentReference": reference, "amount": { "amount": amount, "currency": "IDR" },
        });
        let payments = service(Scope::PaymentsConfirm);
        assert_eq!(shop.refused(&payments, "confirmPayment", input("", "1")).await, "BAD_USER_INPUT");
        assert_eq!(shop.refused(&payments, "confirmPayment", input("pay\0", "1")).await, "BAD_USER_INPUT");
        assert_eq!(shop.refused(&payments, "confirmPayment", input("pay-1", "1.001")).await, "BAD_USER_INPUT");
    }

    async fn a_payment_after_the_order_expired_is_kept_and_owed_back(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.pending("key").await;
        shop.pass(TimeDelta::minutes(15));
        shop.expire(500).await;
        let late = shop.pay(&order, "pay-1", TOTAL).await;
        assert_eq!(errors(&late), ["WrongState"]);
        assert_eq!(late["errors"][0]["state"], "EXPIRED");
        assert_eq!(late["payment"]["status"], "REFUND_DUE");
        assert_eq!(late["order"]["refundDue"], due("15200000.00"));
        assert_eq!(kinds(&late["order"]), ["PLACED", "EXPIRED", "REFUND_DUE"]);
        assert_eq!(shop.pay(&order, "pay-1", TOTAL).await, late);
        assert_eq!(shop.stock.sold(laptop()), 0);
    }

    async fn a_payment_at_the_deadline_is_late_even_if_the_job_has_not_come_by(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.pending("key").await;
        shop.pass(TimeDelta::minutes(15) - TimeDelta::microseconds(1));
        let in_time = shop.pending("in time").await;
        shop.pass(TimeDelta::microseconds(1));
        let late = shop.pay(&order, "pay-1", TOTAL).await;
        assert_eq!(late["order"]["status"], "EXPIRED");
        assert_eq!(kinds(&late["order"]), ["PLACED", "EXPIRED", "REFUND_DUE"]);
        assert_eq!(shop.stock.status(reservation(&order)), Some(ReservationStatus::Released));
        assert_eq!(shop.expire(500).await["expired"], json!([]));
        shop.pass(TimeDelta::minutes(15) - TimeDelta::microseconds(2));
        assert_eq!(shop.pay(&in_time, "pay-2", TOTAL).await["order"]["status"], "PAID");
    }

    async fn a_payment_that_waits_for_its_order_until_it_is_overdue_is_late(engine: Engine) {
        let shop = Arc::new(Shop::open(engine).await);
        let order = shop.pending("key").await;
        shop.pass(TimeDelta::minutes(14));
        let database = shop.database.database.clone();
        let other = database.begin().await.unwrap();
        other.execute_unprepared("UPDATE orders SET event_count = event_count").await.unwrap();
        let (till, paid) = (Arc::clone(&shop), order.clone());
        let paying = tokio::spawn(async move { till.pay(&paid, "pay-1", TOTAL).await });
        if engine == Engine::Postgres {
            until_somebody_waits(&database).await;
        }
        shop.pass(TimeDelta::minutes(1));
        other.commit().await.unwrap();
        let late = paying.await.unwrap();
        assert_eq!(errors(&late), ["WrongState"]);
        assert_eq!(late["order"]["timeline"][1]["kind"], "EXPIRED");
        assert_eq!(late["order"]["timeline"][1]["occurredAt"], order["paymentDueAt"]);
    }

    async fn a_second_payment_and_one_for_a_cancelled_order_are_owed_back(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.paid("key").await;
        let twice = shop.pay(&order, "pay-2", 500).await;
        assert_eq!(errors(&twice), ["WrongState", "WrongAmount"]);
        assert_eq!(twice["errors"][0]["state"], "PAID");
        assert_eq!(twice["order"]["status"], "PAID");
        assert_eq!(twice["order"]["refundDue"], due("500.00"));
        let cancelled = shop.pending("other").await;
        shop.cancel(&customer(1), &cancelled).await;
        let late = shop.pay(&cancelled, "pay-3", TOTAL).await;
        assert_eq!(late["errors"][0]["state"], "CANCELLED");
        assert_eq!(late["order"]["refundDue"], due("15200000.00"));
    }

    async fn ten_equal_payments_at_once_pay_once(engine: Engine) {
        let shop = Arc::new(Shop::open(engine).await);
        let order = shop.pending("key").await;
        let calls = (0..10).map(|_| {
            let (shop, order) = (Arc::clone(&shop), order.clone());
            tokio::spawn(async move { shop.pay(&order, "pay-1", TOTAL).await })
        });
        for paid in futures_util::future::join_all(calls).await {
            assert_eq!(errors(&paid.unwrap()), [""; 0]);
        }
        let order = shop.order(&order).await;
        assert_eq!(order["payments"].as_array().unwrap().len(), 1);
        assert_eq!(kinds(&order), ["PLACED", "PAYMENT_CONFIRMED"]);
        assert_eq!(shop.stock.sold(laptop()), 1);
    }

    async fn of_ten_different_payments_at_once_one_pays_and_nine_are_owed_back(engine: Engine) {
        let shop = Arc::new(Shop::open(engine).await);
        let order = shop.pending("key").await;
        let calls = (0..10).map(|number| {
            let (shop, order) = (Arc::clone(&shop), order.clone());
            tokio::spawn(async move { shop.pay(&order, &format!("pay-{number}"), TOTAL).await })
        });
        futures_util::future::join_all(calls).await;
        let order = shop.order(&order).await;
        assert_eq!(order["status"], "PAID");
        assert_eq!(order["refundDue"], due("136800000.00"));
    }

    async fn a_refund_is_confirmed_once_and_only_where_something_is_owed(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.paid("key").await;
        let none = refund(&shop, &order, "pay-key").await;
        assert_eq!(errors(&none), ["WrongState"]);
        assert_eq!(none["errors"][0]["state"], "CAPTURED");
        assert_eq!(errors(&refund(&shop, &order, "unknown").await), ["NotFound"]);
        shop.cancel(&customer(1), &order).await;
        let refunded = refund(&shop, &order, "pay-key").await;
        assert_eq!(errors(&refunded), [""; 0]);
        let order = &refunded["order"];
        assert_eq!(order["refundDue"], Value::Null);
        assert_eq!(order["payments"][0]["status"], "REFUNDED");
        assert_eq!(kinds(order), ["PLACED", "PAYMENT_CONFIRMED", "CANCELLED", "REFUND_DUE", "REFUNDED"]);
        assert_eq!(order["timeline"][4]["note"], "IDR 15200000.00 of payment pay-key.");
        assert_eq!(refund(&shop, order, "pay-key").await, refunded);
    }

    async fn payments_are_recorded_by_those_who_may(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.pending("key").await;
        let payment = json!({ "orderId": order["id"], "paymentReference": "p", "amount": { "amount": "15200000", "currency": "IDR" } });
        let back = json!({ "orderId": order["id"], "paymentReference": "p" });
        for (name, input) in [("confirmPayment", payment), ("confirmRefund", back)] {
            assert_eq!(shop.refused(&customer(1), name, input.clone()).await, "FORBIDDEN");
            assert_eq!(shop.refused(&Caller::Anonymous, name, input).await, "UNAUTHENTICATED");
        }
    }
}
