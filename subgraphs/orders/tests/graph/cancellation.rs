//! `cancelOrder`.

use serde_json::{Value, json};
use stockgraph_kit::{caller::Caller, on_both_engines};
use stockgraph_orders::service::ports::ReservationStatus;

use crate::shop::{Shop, customer, errors, kinds, laptop, mouse, reservation, staff, user};

on_both_engines! {
    async fn a_customer_gives_an_unpaid_order_up_and_its_stock_goes_back(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.pending("key").await;
        let input = json!({ "id": order["id"], "reason": "  Too dear. " });
        let cancelled = shop.mutate(&customer(1), "cancelOrder", input).await;
        let order = &cancelled["order"];
        assert_eq!(order["status"], "CANCELLED");
        assert_eq!(kinds(order), ["PLACED", "CANCELLED"]);
        assert_eq!(order["timeline"][1]["note"], "Too dear.");
        assert_eq!(order["timeline"][1]["actor"]["id"], user(1).to_string());
        assert_eq!(order["refundDue"], Value::Null);
        assert_eq!(shop.stock.status(reservation(order)), Some(ReservationStatus::Released));
        assert_eq!((shop.stock.available(laptop()), shop.stock.available(mouse())), (10, 100));
    }

    async fn a_paid_order_s_goods_go_back_on_hand_and_its_money_is_owed(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.paid("key").await;
        let cancelled = shop.cancel(&staff(), &order).await;
        let order = &cancelled["order"];
        assert_eq!(order["status"], "CANCELLED");
        assert_eq!(order["refundDue"], json!({ "amount": "15200000.00", "currency": "IDR" }));
        assert_eq!(order["payments"][0]["status"], "REFUND_DUE");
        assert_eq!(kinds(order), ["PLACED", "PAYMENT_CONFIRMED", "CANCELLED", "REFUND_DUE"]);
        assert_eq!((shop.stock.sold(laptop()), shop.stock.available(laptop())), (0, 10));
        assert_eq!((shop.stock.sold(mouse()), shop.stock.available(mouse())), (0, 100));
    }

    async fn what_is_shipped_or_given_up_is_not_given_up(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.pending("key").await;
        shop.cancel(&customer(1), &order).await;
        let again = shop.cancel(&customer(1), &order).await;
        assert_eq!(errors(&again), ["WrongState"]);
        assert_eq!(again["errors"][0]["state"], "CANCELLED");
        assert_eq!(again["errors"][0]["message"], "The order is cancelled and cannot be cancelled.");
        let delivered = shop.delivered("other").await;
        let refused = shop.cancel(&staff(), &delivered).await;
        assert_eq!(refused["errors"][0]["state"], "DELIVERED");
    }

    async fn customers_give_up_their_own_orders_only(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.pending("key").await;
        let by_another = shop.cancel(&customer(2), &order).await;
        assert_eq!(errors(&by_another), ["NotFound"]);
        let unknown = shop.cancel(&customer(2), &json!({ "id": "order_01kdvdna00e00800000g000001" })).await;
        assert_eq!(unknown["errors"][0]["message"], by_another["errors"][0]["message"]);
        let input = json!({ "id": order["id"] });
        assert_eq!(shop.refused(&Caller::Anonymous, "cancelOrder", input).await, "UNAUTHENTICATED");
        let long = json!({ "id": order["id"], "reason": "x".repeat(501) });
        assert_eq!(shop.refused(&customer(1), "cancelOrder", long).await, "BAD_USER_INPUT");
        let no_text = json!({ "id": order["id"], "reason": "a\0b" });
        assert_eq!(shop.refused(&customer(1), "cancelOrder", no_text).await, "BAD_USER_INPUT");
        assert_eq!(shop.order(&order).await["status"], "PENDING_PAYMENT");
    }
}
