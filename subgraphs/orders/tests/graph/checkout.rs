//! `placeOrder`.

use chrono::TimeDelta;
use serde_json::{Value, json};
use stockgraph_kit::{
    caller::{Caller, Scope},
    id::{Id, OrderId},
    on_both_engines,
};
use stockgraph_orders::{
    domain::{hold::hold_id, line::CartLine},
    service::{
        PlaceOrder,
        ports::{HoldRequest, PortError, ReservationStatus, Reserved, Stock, StockLine},
    },
};
use uuid::Uuid;

use crate::{
    doubles::Fault,
    shop::{
        Shop, cart, customer, errors, kinds, laptop, mouse, reservation, rupiah, service, user,
    },
};

fn expecting(key: &str, lines: Value) -> Value {
    json!({ "idempotencyKey": key, "lines": lines })
}

on_both_engines! {
    async fn an_order_is_priced_by_the_catalogue_and_its_stock_is_held(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.pending("first").await;
        assert_eq!(order["status"], "PENDING_PAYMENT");
        assert_eq!(order["total"], json!({ "amount": "15200000.00", "currency": "IDR" }));
        assert_eq!(order["placedAt"], "2027-01-15T08:00:00Z");
        assert_eq!(order["paymentDueAt"], "2027-01-15T08:15:00Z");
        assert_eq!(order["customer"]["id"], user(1).to_string());
        assert_eq!((&order["refundDue"], &order["shipment"]), (&Value::Null, &Value::Null));
        let lines = order["lines"].as_array().unwrap();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[1]["sku"], "MOUSE");
        assert_eq!(lines[1]["name"], "The MOUSE");
        assert_eq!(lines[1]["product"]["id"], mouse().to_string());
        assert_eq!(lines[1]["total"]["amount"], "1200000.00");
        assert_eq!(kinds(&order), ["PLACED"]);
        assert_eq!(order["timeline"][0]["actor"]["id"], user(1).to_string());
        assert_eq!((shop.stock.available(laptop()), shop.stock.available(mouse())), (9, 98));
        assert_eq!(shop.stock.status(reservation(&order)), Some(ReservationStatus::Held));
        assert!(order["number"].as_str().unwrap().starts_with("SO-2027-"));
    }

    async fn the_same_call_again_answers_the_same_order(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.pending("key").await;
        shop.pass(TimeDelta::minutes(1));
        let again = shop.place(1, "key", &[(mouse(), 2), (laptop(), 1)]).await;
        assert_eq!(again["order"], order);
        assert_eq!(shop.stock.available(laptop()), 9);
        let other = shop.place(1, "key", &[(laptop(), 2), (mouse(), 2)]).await;
        assert_eq!(errors(&other), ["IdempotencyKeyReused"]);
        assert_eq!(other["order"], Value::Null);
        let of_another_customer = shop.place(2, "key", &[(laptop(), 1)]).await;
        assert_ne!(of_another_customer["order"]["id"], order["id"]);
    }

    async fn everything_that_is_wrong_with_the_input_is_told_at_once(engine: Engine) {
        let shop = Shop::open(engine).await;
        let lines = [(laptop(), 0), (mouse(), 10_001), (mouse(), 1), (laptop(), -3)];
        let placed = shop.place(1, "", &lines).await;
        let fields: Vec<_> = placed["errors"].as_array().unwrap().iter().map(|error| error["field"].clone()).collect();
        assert_eq!(fields, [
            json!(["idempotencyKey"]),
            json!(["lines", "0", "quantity"]),
            json!(["lines", "1", "quantity"]),
            json!(["lines", "2", "productId"]),
            json!(["lines", "3", "productId"]),
            json!(["lines", "3", "quantity"]),
        ]);
        let none = shop.place(1, "key", &[]).await;
        assert_eq!(none["errors"][0]["field"], json!(["lines"]));
        let not_a_product = json!([{ "productId": user(1).to_string(), "quantity": 1 }, { "productId": "7", "quantity": 1 }]);
        let placed = shop.mutate(&customer(1), "placeOrder", expecting("key", not_a_product)).await;
        assert_eq!(errors(&placed), ["InvalidInput", "InvalidInput"]);
        assert_eq!(placed["errors"][0]["field"], json!(["lines", "0", "productId"]));
        assert!(placed["errors"][0]["message"].as_str().unwrap().contains("is a user id"));
        assert!(shop.stock.take_calls().is_empty());
    }

    async fn errors_of_several_lines_come_together(engine: Engine) {
        let shop = Shop::open(engine).await;
        let keyboard = stockgraph_kit::id::ProductId::from_uuid(Uuid::from_u128(3));
        shop.catalogue.offer(keyboard, "KEYBOARD", rupiah(1_200_000));
        shop.catalogue.take_off_sale(keyboard);
        let unknown = stockgraph_kit::id::ProductId::from_uuid(Uuid::from_u128(4));
        let price = |amount: &str, currency: &str| json!({ "amount": amount, "currency": currency });
        let lines = json!([
            { "productId": keyboard.to_string(), "quantity": 1 },
            { "productId": laptop().to_string(), "quantity": 1, "expectedUnitPrice": price("13999999.99", "IDR") },
            { "productId": unknown.to_string(), "quantity": 1 },
            { "productId": mouse().to_string(), "quantity": 1, "expectedUnitPrice": price("600000", "IDR") },
        ]);
        let placed = shop.mutate(&customer(1), "placeOrder", expecting("key", lines)).await;
        assert_eq!(errors(&placed), ["ProductUnavailable", "PriceChanged", "ProductUnavailable"]);
        assert_eq!(placed["errors"][0]["product"]["id"], keyboard.to_string());
        assert_eq!(placed["errors"][1]["expected"]["amount"], "13999999.99");
        assert_eq!(placed["errors"][1]["actual"]["amount"], "14000000.00");
        assert_eq!(placed["errors"][2]["product"]["id"], unknown.to_string());
        assert_eq!(shop.stock.take_calls(), ["available"]);
        let lines = json!([{ "productId": mouse().to_string(), "quantity": 1, "expectedUnitPrice": price("1.001", "IDR") }]);
        let placed = shop.mutate(&customer(1), "placeOrder", expecting("key", lines)).await;
        assert_eq!(placed["errors"][0]["field"], json!(["lines", "0", "expectedUnitPrice"]));
    }

    async fn what_is_short_is_told_together_with_what_the_catalogue_finds(engine: Engine) {
        let shop = Shop::open(engine).await;
        let lines = json!([
            { "productId": mouse().to_string(), "quantity": 101 },
            { "productId": laptop().to_string(), "quantity": 11, "expectedUnitPrice": { "amount": "1", "currency": "IDR" } },
        ]);
        let placed = shop.mutate(&customer(1), "placeOrder", expecting("key", lines.clone())).await;
        assert_eq!(errors(&placed), ["PriceChanged", "InsufficientStock", "InsufficientStock"]);
        let short: Vec<_> = placed["errors"].as_array().unwrap()[1..].iter().map(|error| error["available"].clone()).collect();
        assert_eq!(short, [json!(10), json!(100)]);
        // Without the stock, what the catalogue finds is told all the same.
        shop.stock.fail_with(Some(Fault::Unreachable));
        let placed = shop.mutate(&customer(1), "placeOrder", expecting("key", lines)).await;
        assert_eq!(errors(&placed), ["PriceChanged"]);
    }

    async fn what_is_short_is_told_for_each_line_and_nothing_is_held(engine: Engine) {
        let shop = Shop::open(engine).await;
        let placed = shop.place(1, "key", &[(laptop(), 11), (mouse(), 101)]).await;
        assert_eq!(errors(&placed), ["InsufficientStock", "InsufficientStock"]);
        let short = &placed["errors"][0];
        assert_eq!((&short["requested"], &short["available"]), (&json!(11), &json!(10)));
        assert_eq!(short["product"]["id"], laptop().to_string());
        assert_eq!((shop.stock.available(laptop()), shop.stock.available(mouse())), (10, 100));
        // Nothing was remembered of it: the same key may try for less.
        assert_eq!(errors(&shop.place(1, "key", &[(laptop(), 10)]).await), [""; 0]);
    }

    async fn an_order_has_one_currency_and_a_total_in_range(engine: Engine) {
        let shop = Shop::open(engine).await;
        shop.catalogue.offer(mouse(), "MOUSE", stockgraph_kit::money::Money::from_stored(100_000, "USD").unwrap());
        let placed = shop.place(1, "key", &[(laptop(), 1), (mouse(), 1)]).await;
        assert_eq!(errors(&placed), ["InvalidInput"]);
        assert_eq!(placed["errors"][0]["field"], json!(["lines"]));
        shop.catalogue.offer(mouse(), "MOUSE", rupiah(1_000_000_000_000));
        let placed = shop.place(1, "key", &[(mouse(), 2)]).await;
        assert_eq!(placed["errors"][0]["field"], json!(["lines"]));
    }

    async fn only_signed_in_people_order(engine: Engine) {
        let shop = Shop::open(engine).await;
        let cart = cart("key", &[(laptop(), 1)]);
        assert_eq!(shop.refused(&Caller::Anonymous, "placeOrder", cart.clone()).await, "UNAUTHENTICATED");
        assert_eq!(shop.refused(&service(Scope::OrdersWrite), "placeOrder", cart).await, "FORBIDDEN");
    }

    async fn when_another_domain_is_down_the_caller_is_told_so(engine: Engine) {
        let shop = Shop::open(engine).await;
        let cart = cart("key", &[(laptop(), 1)]);
        let refused = async || shop.refused(&customer(1), "placeOrder", cart.clone()).await;
        shop.catalogue.fail_with(Some(PortError::Unreachable("down".into())));
        assert_eq!(refused().await, "UNAVAILABLE");
        shop.catalogue.fail_with(Some(PortError::Unexpected("odd".into())));
        assert_eq!(refused().await, "INTERNAL_SERVER_ERROR");
        shop.catalogue.fail_with(None);
        shop.stock.fail_with(Some(Fault::Overloaded));
        assert_eq!(refused().await, "OVERLOADED");
        shop.stock.fail_with(Some(Fault::Unreachable));
        assert_eq!(refused().await, "UNAVAILABLE");
        shop.stock.fail_with(None);
        assert_eq!(errors(&shop.place(1, "key", &[(laptop(), 1)]).await), [""; 0]);
    }

    async fn twenty_equal_calls_at_once_make_one_order(engine: Engine) {
        let shop = std::sync::Arc::new(Shop::open(engine).await);
        let calls = (0..20).map(|_| {
            let shop = std::sync::Arc::clone(&shop);
            tokio::spawn(async move { shop.pending("key").await["id"].clone() })
        });
        let ids = futures_util::future::join_all(calls).await;
        let first = ids[0].as_ref().unwrap();
        assert!(ids.iter().all(|id| id.as_ref().unwrap() == first));
        assert_eq!(shop.stock.available(laptop()), 9);
        assert_eq!(shop.stock.holds_in(ReservationStatus::Held), 1);
    }

    async fn a_call_after_one_that_was_cut_off_takes_its_hold_over(engine: Engine) {
        let shop = Shop::open(engine).await;
        shop.stock.fail_with(Some(Fault::AnswerLost));
        assert_eq!(shop.refused(&customer(1), "placeOrder", cart("key", &[(laptop(), 1)])).await, "UNAVAILABLE");
        assert_eq!(shop.stock.available(laptop()), 9);
        shop.stock.fail_with(None);
        shop.pass(TimeDelta::minutes(5));
        let other = shop.place(1, "key", &[(laptop(), 2)]).await;
        assert_eq!(errors(&other), ["IdempotencyKeyReused"]);
        let placed = shop.place(1, "key", &[(laptop(), 1)]).await;
        assert_eq!(shop.stock.available(laptop()), 9);
        assert_eq!(reservation(&placed["order"]), hold_id(user(1), "key", 0));
        // No later than the hold allows, which the first call has made.
        assert_eq!(placed["order"]["placedAt"], "2027-01-15T08:05:00Z");
        assert_eq!(placed["order"]["paymentDueAt"], "2027-01-15T08:15:00Z");
    }

    async fn a_hold_that_leaves_no_time_to_pay_is_given_back_for_a_new_one(engine: Engine) {
        let shop = Shop::open(engine).await;
        shop.stock.fail_with(Some(Fault::AnswerLost));
        shop.refused(&customer(1), "placeOrder", cart("key", &[(laptop(), 1)])).await;
        shop.stock.fail_with(None);
        shop.pass(TimeDelta::minutes(16));
        let placed = shop.place(1, "key", &[(laptop(), 1)]).await;
        assert_eq!(reservation(&placed["order"]), hold_id(user(1), "key", 1));
        assert_eq!(placed["order"]["paymentDueAt"], "2027-01-15T08:31:00Z");
        assert_eq!(shop.stock.available(laptop()), 9);
    }

    async fn a_hold_that_has_expired_is_not_used_again(engine: Engine) {
        let shop = Shop::open(engine).await;
        for attempt in 0..3 {
            shop.stock.fail_with(Some(Fault::AnswerLost));
            shop.refused(&customer(1), "placeOrder", cart("key", &[(laptop(), 1)])).await;
            assert_eq!(shop.stock.status(hold_id(user(1), "key", attempt)), Some(ReservationStatus::Held));
            shop.pass(TimeDelta::minutes(21));
            shop.stock.expire_holds(shop.clock.now());
            shop.stock.fail_with(None);
            if attempt < 2 {
                // The next one is cut off as well, after it has found the earlier ones used up.
                let request = HoldRequest {
                    id: hold_id(user(1), "key", attempt + 1),
                    lines: vec![StockLine { product: laptop(), quantity: 1 }],
                    expires_at: shop.clock.now() + TimeDelta::minutes(20),
                    owner: user(1),
                };
                assert!(matches!(shop.stock.reserve(request).await, Ok(Reserved::Held { .. })));
            }
        }
        let placed = shop.place(1, "key", &[(laptop(), 1)]).await;
        assert_eq!(reservation(&placed["order"]), hold_id(user(1), "key", 3));
        assert_eq!(shop.stock.available(laptop()), 9);
    }

    async fn a_key_whose_every_hold_has_ended_is_used_up(engine: Engine) {
        let shop = Shop::open(engine).await;
        for attempt in 0..16 {
            let request = HoldRequest {
                id: hold_id(user(1), "key", attempt),
                lines: vec![StockLine { product: laptop(), quantity: 1 }],
                expires_at: shop.clock.now(),
                owner: user(1),
            };
            shop.stock.reserve(request).await.unwrap();
            shop.stock.expire_holds(shop.clock.now());
        }
        let placed = shop.place(1, "key", &[(laptop(), 1)]).await;
        assert_eq!(errors(&placed), ["IdempotencyKeyReused"]);
    }

    async fn a_number_that_is_taken_is_drawn_anew(engine: Engine) {
        let shop = Shop::open(engine).await;
        let input = |number: u128| PlaceOrder {
            id: OrderId::from_uuid(Uuid::from_u128(number)),
            customer: user(number),
            lines: vec![CartLine { product: mouse(), quantity: 1, expected_unit_price: None }],
            idempotency_key: "key".into(),
            payment_timeout: None,
        };
        let twin = shop.twin();
        drop(shop.database.take_statements());
        let first = shop.orders().place_order(input(1)).await.unwrap();
        shop.pass(TimeDelta::seconds(1));
        let statements = shop.database.take_statements().len();
        let second = twin.place_order(input(2)).await.unwrap();
        assert!(shop.database.take_statements().len() > statements, "the number was taken");
        assert_ne!(first.number, second.number);
        assert_eq!(twin.order(second.id).await.unwrap(), Some(second));
    }

    async fn the_shop_itself_may_give_more_time_to_pay(engine: Engine) {
        let shop = Shop::open(engine).await;
        let id = OrderId::from_uuid(Uuid::from_u128(42));
        let input = PlaceOrder {
            id,
            customer: user(1),
            lines: vec![CartLine { product: mouse(), quantity: 2, expected_unit_price: None }],
            idempotency_key: "demo".into(),
            payment_timeout: Some(TimeDelta::days(30)),
        };
        let order = shop.orders().place_order(input).await.unwrap();
        assert_eq!(order.id, id);
        assert_eq!(order.payment_due_at, shop.clock.now() + TimeDelta::days(30));
    }
}
