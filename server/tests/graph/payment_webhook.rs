//! A payment provider tells of money that came in.

use axum::{Router, body::Body, response::Response};
use chrono::TimeDelta;
use hmac::{Hmac, Mac};
use http::{Request, StatusCode, header::RETRY_AFTER};
use serde_json::{Value, json};
use sha2::Sha256;
use stockgraph_kit::{database::Engine, rights::ServiceName};
use stockgraph_server::{
    config::{PaymentWebhookConfig, Secret, SubgraphName},
    graph,
    webhooks::payments,
};
use tower::ServiceExt;

use crate::test_graph::{As, Shelf, TestGraph};

const SECRET: &str = "whsec of the provider";

/// A shop with a customer, whose provider signs with the secret.
struct Till {
    graph: TestGraph,
    webhook: Router,
    customer: As,
    shelf: Shelf,
}

impl Till {
    async fn open() -> Self {
        let graph = TestGraph::empty(Engine::Sqlite).await;
        let webhook = webhook(&graph, &[SECRET]);
        Self {
            customer: graph.customer(),
            shelf: graph.shelf(10).await,
            webhook,
            graph,
        }
    }

    async fn order(&self, key: &str) -> Value {
        let lines = [(self.shelf.product.as_str(), 2)];
        self.graph.place(&self.customer, key, &lines).await["order"].take()
    }

    /// What the provider sends when this order was paid.
    fn paid(order: &Value, reference: &str) -> Value {
        json!({
            "type": "payment.confirmed",
            "orderId": order["id"],
            "paymentReference": reference,
            "amount": order["total"],
            "provider": { "passed": "over" },
        })
    }

    /// Signs the delivery now and sends it.
    async fn deliver(&self, delivery: &Value) -> (StatusCode, Value) {
        let body = delivery.to_string();
        let signature = self.sign(SECRET, &body);
        send(&self.webhook, Some(&signature), body).await
    }

    fn sign(&self, secret: &str, body: &str) -> String {
        let time = self.graph.clock().now().timestamp();
        format!("t={time},v1={}", code(secret, time, body))
    }

    /// The order as the graph shows it: its status, its payments, what is to go back.
    async fn look(&self, order: &Value) -> Value {
        let query = "query ($id: ID!) { order(id: $id) { status payments { reference status amount { amount } } refundDue { amount } } }";
        let variables = json!({ "id": order["id"] });
        self.graph
            .data(&self.graph.everything(), query, variables)
            .await["order"]
            .take()
    }
}

fn webhook(graph: &TestGraph, secrets: &[&str]) -> Router {
    let config = PaymentWebhookConfig {
        secrets: secrets.iter().map(|text| Secret::new(*text)).collect(),
        ..PaymentWebhookConfig::default()
    };
    payments::routes(&config, &graph.foundation, graph.graph.orders_client())
}

fn code(secret: &str, time: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{time}.{body}").as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

async fn answer(webhook: &Router, signature: Option<&str>, body: String) -> Response {
    let mut request = Request::post(payments::PATH);
    if let Some(signature) = signature {
        request = request.header("Stockgraph-Signature", signature);
    }
    let request = request.body(Body::from(body)).unwrap();
    webhook.clone().oneshot(request).await.unwrap()
}

async fn send(webhook: &Router, signature: Option<&str>, body: String) -> (StatusCode, Value) {
    let response = answer(webhook, signature, body).await;
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await;
    let body: Value = serde_json::from_slice(&body.unwrap()).unwrap();
    if !status.is_success() {
        assert!(body["message"].is_string(), "{body}");
    }
    (status, body)
}

fn refused(answer: &(StatusCode, Value)) -> (u16, &str) {
    (answer.0.as_u16(), answer.1["code"].as_str().unwrap_or(""))
}

#[tokio::test]
async fn a_payment_told_three_times_is_recorded_once() {
    let till = Till::open().await;
    let order = till.order("k").await;
    let delivery = Till::paid(&order, "pi_1");
    for _ in 0..3 {
        let (status, body) = till.deliver(&delivery).await;
        assert_eq!(status, StatusCode::OK);
        let expected =
            json!({ "status": "paid", "orderId": order["id"], "orderNumber": order["number"] });
        assert_eq!(body, expected);
    }
    let now = till.look(&order).await;
    assert_eq!(now["status"], "PAID");
    assert_eq!(now["payments"].as_array().unwrap().len(), 1, "{now:#}");
    assert_eq!(now["refundDue"], Value::Null);
    assert_eq!(till.graph.stock(&till.shelf.product).await, (8, 0, 8));
    till.graph.assert_verified().await;
}

#[tokio::test]
async fn what_is_not_signed_as_it_stands_changes_nothing() {
    let till = Till::open().await;
    let order = till.order("k").await;
    let body = Till::paid(&order, "pi_1").to_string();
    let signature = till.sign(SECRET, &body);
    let tampered = body.replace("pi_1", "pi_2");
    let stranger = till.sign("the secret of a stranger", &body);
    for (signature, body, expected) in [
        (None, &body, (401, "UNAUTHENTICATED")),
        (Some("v1=00"), &body, (400, "BAD_REQUEST")),
        (
            Some(signature.as_str()),
            &tampered,
            (401, "UNAUTHENTICATED"),
        ),
        (Some(stranger.as_str()), &body, (401, "UNAUTHENTICATED")),
    ] {
        let answer = send(&till.webhook, signature, body.clone()).await;
        assert_eq!(refused(&answer), expected, "{signature:?}");
    }
    let now = till.look(&order).await;
    assert_eq!(now["status"], "PENDING_PAYMENT");
    assert_eq!(now["payments"], json!([]));
    // The very body and signature that were not tampered with are right.
    let (status, _) = send(&till.webhook, Some(&signature), body).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(till.look(&order).await["status"], "PAID");
}

#[tokio::test]
async fn a_delivery_is_good_for_five_minutes_either_way() {
    let till = Till::open().await;
    let order = till.order("k").await;
    let body = Till::paid(&order, "pi_1").to_string();
    let old = till.sign(SECRET, &body);
    till.graph.clock().advance(TimeDelta::seconds(301));
    let answer = send(&till.webhook, Some(&old), body.clone()).await;
    assert_eq!(refused(&answer), (401, "UNAUTHENTICATED"));
    let time = till.graph.clock().now().timestamp() + 301;
    let early = format!("t={time},v1={}", code(SECRET, time, &body));
    let answer = send(&till.webhook, Some(&early), body.clone()).await;
    assert_eq!(refused(&answer), (401, "UNAUTHENTICATED"));
    assert_eq!(till.look(&order).await["payments"], json!([]));

    till.graph.clock().advance(TimeDelta::seconds(1));
    let (status, _) = send(&till.webhook, Some(&early), body).await;
    assert_eq!(status, StatusCode::OK, "a second later its time has come");
    assert_eq!(till.look(&order).await["status"], "PAID");
}

#[tokio::test]
async fn while_the_secret_changes_both_are_right() {
    let till = Till::open().await;
    let (first, second) = (till.order("k1").await, till.order("k2").await);
    let both = webhook(&till.graph, &["the secret to come", SECRET]);
    let body = Till::paid(&first, "pi_1").to_string();
    let (status, _) = send(&both, Some(&till.sign(SECRET, &body)), body).await;
    assert_eq!(status, StatusCode::OK);
    // The sender has two as well, and signs with each.
    let body = Till::paid(&second, "pi_2").to_string();
    let time = till.graph.clock().now().timestamp();
    let new = code("the secret to come", time, &body);
    let signature = format!(
        "t={time},v1={},v1={new}",
        code("an older secret", time, &body)
    );
    let (status, _) = send(&both, Some(&signature), body).await;
    assert_eq!(status, StatusCode::OK);
    for order in [first, second] {
        assert_eq!(till.look(&order).await["status"], "PAID");
    }
}

#[tokio::test]
async fn money_that_comes_too_late_is_kept_to_be_paid_back_and_taken_off_the_providers_hands() {
    let till = Till::open().await;
    let order = till.order("k").await;
    till.graph.pass(TimeDelta::minutes(20)).await;
    assert_eq!(till.look(&order).await["status"], "EXPIRED");
    for _ in 0..2 {
        let (status, body) = till.deliver(&Till::paid(&order, "pi_late")).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(body["status"], "refund_due", "{body}");
        assert!(body["message"].as_str().unwrap().contains("expired"));
    }
    let now = till.look(&order).await;
    assert_eq!(now["status"], "EXPIRED");
    assert_eq!(now["payments"].as_array().unwrap().len(), 1, "{now:#}");
    assert_eq!(now["payments"][0]["status"], "REFUND_DUE");
    assert_eq!(now["refundDue"]["amount"], order["total"]["amount"]);
    assert_eq!(till.graph.stock(&till.shelf.product).await, (10, 0, 10));
}

#[tokio::test]
async fn what_cannot_be_recorded_is_told_with_its_reason() {
    let till = Till::open().await;
    let (order, other) = (till.order("k1").await, till.order("k2").await);
    let changed = |field: &str, value: Value| {
        let mut delivery = Till::paid(&order, "pi_1");
        delivery[field] = value;
        delivery
    };
    let unknown = json!("order_01h455vb4pex5vsknk084sn02q");
    let money = |amount: Value, currency: &str| json!({ "amount": amount, "currency": currency });
    for (delivery, expected) in [
        (changed("orderId", unknown), (404, "ORDER_NOT_FOUND")),
        (changed("orderId", json!("no id")), (404, "ORDER_NOT_FOUND")),
        (
            changed("amount", money(json!("20.00"), "USD")),
            (422, "WRONG_AMOUNT"),
        ),
        (
            changed("amount", money(json!("20.00"), "XXXX")),
            (422, "UNPROCESSABLE"),
        ),
        (
            changed("amount", money(json!("much"), "IDR")),
            (422, "UNPROCESSABLE"),
        ),
        (
            changed("paymentReference", json!("")),
            (422, "UNPROCESSABLE"),
        ),
        (
            changed("amount", money(json!(20.5), "IDR")),
            (400, "BAD_REQUEST"),
        ),
        (changed("orderId", Value::Null), (400, "BAD_REQUEST")),
        (json!({ "orderId": "no type" }), (400, "BAD_REQUEST")),
        (json!([]), (400, "BAD_REQUEST")),
    ] {
        let answer = till.deliver(&delivery).await;
        assert_eq!(refused(&answer), expected, "{delivery}\n{}", answer.1);
    }
    assert_eq!(till.look(&order).await["payments"], json!([]));

    // A reference that is known, for another order.
    let (status, _) = till.deliver(&Till::paid(&order, "pi_1")).await;
    assert_eq!(status, StatusCode::OK);
    let answer = till.deliver(&Till::paid(&other, "pi_1")).await;
    assert_eq!(refused(&answer), (409, "REFERENCE_REUSED"));
    assert_eq!(till.look(&other).await["status"], "PENDING_PAYMENT");
}

#[tokio::test]
async fn events_of_other_types_are_taken_and_left() {
    let till = Till::open().await;
    let delivery = json!({ "type": "payment.failed", "orderId": 42 });
    let (status, body) = till.deliver(&delivery).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(body["status"], "ignored");
}

#[tokio::test]
async fn a_delivery_has_a_largest_size() {
    let till = Till::open().await;
    let order = till.order("k").await;
    let mut delivery = Till::paid(&order, "pi_1");
    delivery["provider"] = "x".repeat(64 << 10).into();
    let answer = till.deliver(&delivery).await;
    assert_eq!(refused(&answer), (413, "TOO_LARGE"));
    assert_eq!(till.look(&order).await["payments"], json!([]));
}

#[tokio::test]
async fn without_a_secret_there_is_nothing() {
    let till = Till::open().await;
    let order = till.order("k").await;
    let body = Till::paid(&order, "pi_1").to_string();
    let closed = webhook(&till.graph, &[]);
    let signature = till.sign("", &body);
    let answer = send(&closed, Some(&signature), body).await;
    assert_eq!(refused(&answer), (404, "NOT_SET_UP"));
    assert_eq!(till.look(&order).await["payments"], json!([]));
}

#[tokio::test]
async fn a_provider_is_asked_to_come_again_when_the_orders_are_out_of_reach() {
    stockgraph_server::use_ring();
    let mut till = Till::open().await;
    let order = till.order("k").await;
    till.graph.config.subgraphs.orders = "http://127.0.0.1:1/graphql".into();
    let foundation = &till.graph.foundation;
    let nobody = graph::http(
        &till.graph.config,
        foundation,
        ServiceName::Router,
        SubgraphName::Orders,
    );
    let config = PaymentWebhookConfig {
        secrets: vec![Secret::new(SECRET)],
        ..PaymentWebhookConfig::default()
    };
    let webhook = payments::routes(&config, foundation, nobody.unwrap());
    let body = Till::paid(&order, "pi_1").to_string();
    let response = answer(&webhook, Some(&till.sign(SECRET, &body)), body).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()[RETRY_AFTER], "10");
}
