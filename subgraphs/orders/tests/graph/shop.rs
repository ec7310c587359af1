//! A running orders subgraph on a fresh database, with people who use it.

use std::sync::Arc;

use async_graphql::{Request, Response, Variables};
use chrono::{DateTime, TimeDelta};
use serde_json::{Value, json};
use stockgraph_kit::{
    caller::{Caller, Scope, Scopes},
    clock::Clock,
    database::Engine,
    id::{Id, ProductId, ReservationId, UserId},
    loader::Batches,
    money::Money,
    random::Random,
    subgraph::Subgraph,
    testing::TestDatabase,
};
use stockgraph_migration::orders::Migrator;
use stockgraph_orders::{
    OrdersSubgraph,
    service::{Orders, OrdersOptions, OrdersParts, ports::Stock},
};
use uuid::Uuid;

use crate::doubles::{CatalogueDouble, StockDouble};

/// Everything that tests look at of an order.
pub const ORDER: &str = "fragment order on Order {
    id number status placedAt paymentDueAt
    total { amount currency } refundDue { amount currency }
    lines { id sku name quantity returnedQuantity unitPrice { amount } total { amount currency } product { id } }
    payments { reference status amount { amount currency } }
    shipment { carrier trackingNumber shippedAt deliveredAt }
    timeline { kind note actor { id } occurredAt }
    customer { id } reservation { id }
}";

/// Everything that tests look at of an error.
const ERRORS: &str = "errors { __typename ... on UserError { message
    ... on InvalidInput { field }
    ... on NotFound { id }
    ... on WrongState { state }
    ... on ProductUnavailable { product { id } }
    ... on InsufficientStock { product { id } requested available }
    ... on PriceChanged { product { id } expected { amount currency } actual { amount currency } }
    ... on WrongAmount { expected { amount currency } actual { amount currency } }
} }";

pub struct Shop {
    pub database: TestDatabase,
    pub clock: Clock,
    pub catalogue: Arc<CatalogueDouble>,
    pub stock: Arc<StockDouble>,
    pub subgraph: Arc<OrdersSubgraph>,
}

/// IDR 14,000,000; 10 in stock.
pub fn laptop() -> ProductId {
    ProductId::from_uuid(Uuid::from_u128(0x1))
}

/// IDR 600,000; 100 in stock.
pub fn mouse() -> ProductId {
    ProductId::from_uuid(Uuid::from_u128(0x2))
}

pub fn user(number: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(0x1000 + number))
}

pub fn customer(number: u128) -> Caller {
    Caller::User {
        id: user(number),
        scopes: Scopes::new(),
    }
}

/// Somebody who sees and changes every order.
pub fn staff() -> Caller {
    Caller::User {
        id: user(900),
        scopes: Scopes::from([
            Scope::OrdersRead,
            Scope::OrdersWrite,
            Scope::PaymentsConfirm,
        ]),
    }
}

pub fn service(scope: Scope) -> Caller {
    Caller::Service {
        name: "test".into(),
        scopes: Scopes::from([scope]),
    }
}

pub fn rupiah(amount: i64) -> Money {
    Money::from_stored(amount * 10_000, "IDR").unwrap()
}

impl Shop {
    pub async fn open(engine: Engine) -> Self {
        Self::open_with(engine, OrdersOptions::default()).await
    }

    pub async fn open_with(engine: Engine, options: OrdersOptions) -> Self {
        let database = TestDatabase::fresh::<Migrator>(engine).await;
        let clock = Clock::manual(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let catalogue = Arc::new(CatalogueDouble::default());
        let stock = Arc::new(StockDouble::default());
        catalogue.offer(laptop(), "LAPTOP", rupiah(14_000_000));
        catalogue.offer(mouse(), "MOUSE", rupiah(600_000));
        stock.receive(laptop(), 10);
        stock.receive(mouse(), 100);
        let orders = Orders::new(OrdersParts {
            database: database.database.clone(),
            clock: clock.clone(),
            random: Random::seeded(7),
            catalogue: catalogue.clone(),
            stock: stock.clone(),
            options,
        });
        let subgraph = Arc::new(OrdersSubgraph::new(orders));
        Self {
            database,
            clock,
            catalogue,
            stock,
            subgraph,
        }
    }

    /// The same orders in another process, which happens to draw the same lots.
    pub fn twin(&self) -> Orders {
        self.twin_with(self.stock.clone())
    }

    /// Another process that reaches the warehouses so.
    pub fn twin_with(&self, stock: Arc<dyn Stock>) -> Orders {
        Orders::new(OrdersParts {
            database: self.database.database.clone(),
            clock: self.clock.clone(),
            random: Random::seeded(7),
            catalogue: self.catalogue.clone(),
            stock,
            options: OrdersOptions::default(),
        })
    }

    pub fn orders(&self) -> &Orders {
        self.subgraph.orders()
    }

    pub fn pass(&self, time: TimeDelta) {
        self.clock.advance(time);
    }

    /// Answers a request.
    pub async fn respond(&self, caller: &Caller, query: &str, variables: Value) -> Response {
        let batches = Batches::default();
        let request = Request::new(query)
            .variables(Variables::from_json(variables))
            .data(caller.clone());
        let request = self.subgraph.with_loaders(request, &batches);
        batches.drive(self.subgraph.execute(request)).await
    }

    /// The data of an answer without errors.
    pub async fn ask(&self, caller: &Caller, query: &str, variables: Value) -> Value {
        let response = self.respond(caller, query, variables).await;
        assert!(response.errors.is_empty(), "{:?}", response.errors);
        response.data.into_json().unwrap()
    }

    /// The code of the one error of an answer.
    pub async fn refusal(&self, caller: &Caller, query: &str, variables: Value) -> String {
        let response = self.respond(caller, query, variables).await;
        assert_eq!(response.errors.len(), 1, "{response:?}");
        let extensions = response.errors[0].extensions.clone().unwrap();
        let code = extensions.get("code").unwrap().clone();
        code.into_json().unwrap().as_str().unwrap().to_owned()
    }

    /// The payload of a mutation with one input.
    pub async fn mutate(&self, caller: &Caller, name: &str, input: Value) -> Value {
        let query = mutation(name);
        self.ask(caller, &query, json!({ "input": input })).await[name].clone()
    }

    /// The code of the error that refuses a mutation as a whole.
    pub async fn refused(&self, caller: &Caller, name: &str, input: Value) -> String {
        self.refusal(caller, &mutation(name), json!({ "input": input }))
            .await
    }

    /// Places an order of a customer with this key.
    pub async fn place(&self, number: u128, key: &str, lines: &[(ProductId, i32)]) -> Value {
        self.mutate(&customer(number), "placeOrder", cart(key, lines))
            .await
    }

    /// The order that customer 1 places: one laptop, two mice, IDR 15,200,000.
    pub async fn pending(&self, key: &str) -> Value {
        let placed = self.place(1, key, &[(laptop(), 1), (mouse(), 2)]).await;
        assert_eq!(placed["errors"], json!([]));
        placed["order"].clone()
    }

    pub async fn pay(&self, order: &Value, reference: &str, amount: i64) -> Value {
        let input = json!({
            "orderId": order["id"],
            "paymentReference": reference,
            "amount": { "amount": amount.to_string(), "currency": "IDR" },
        });
        self.mutate(&service(Scope::PaymentsConfirm), "confirmPayment", input)
            .await
    }

    pub async fn paid(&self, key: &str) -> Value {
        let order = self.pending(key).await;
        let paid = self.pay(&order, &format!("pay-{key}"), 15_200_000).await;
        assert_eq!(paid["errors"], json!([]));
        paid["order"].clone()
    }

    pub async fn delivered(&self, key: &str) -> Value {
        let order = self.paid(key).await;
        self.mutate(&staff(), "shipOrder", json!({ "id": order["id"] }))
            .await;
        let delivered = self
            .mutate(&staff(), "deliverOrder", json!({ "id": order["id"] }))
            .await;
        assert_eq!(delivered["errors"], json!([]));
        delivered["order"].clone()
    }

    pub async fn cancel(&self, caller: &Caller, order: &Value) -> Value {
        self.mutate(caller, "cancelOrder", json!({ "id": order["id"] }))
            .await
    }

    pub async fn expire(&self, limit: i32) -> Value {
        let query = format!(
            "mutation($limit: Int) {{ expireOverdueOrders(input: {{ limit: $limit }}) {{
                expired {{ ...order }} hasMore }} }} {ORDER}"
        );
        let scheduler = service(Scope::OrdersExpire);
        self.ask(&scheduler, &query, json!({ "limit": limit }))
            .await["expireOverdueOrders"]
            .clone()
    }

    /// The order as staff see it now.
    pub async fn order(&self, order: &Value) -> Value {
        let query = format!("query($id: ID!) {{ order(id: $id) {{ ...order }} }} {ORDER}");
        self.ask(&staff(), &query, json!({ "id": order["id"] }))
            .await["order"]
            .clone()
    }
}

fn mutation(name: &str) -> String {
    let input = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
    let payment = if name == "confirmPayment" {
        "payment { id reference status amount { amount } }"
    } else {
        ""
    };
    format!(
        "mutation($input: {input}!) {{ {name}(input: $input) {{ order {{ ...order }} {payment} {ERRORS} }} }} {ORDER}"
    )
}

pub fn cart(key: &str, lines: &[(ProductId, i32)]) -> Value {
    let lines: Vec<_> = lines
        .iter()
        .map(
            |(product, quantity)| json!({ "productId": product.to_string(), "quantity": quantity }),
        )
        .collect();
    json!({ "idempotencyKey": key, "lines": lines })
}

/// The kinds of the events of an order, oldest first.
pub fn kinds(order: &Value) -> Vec<&str> {
    let events = order["timeline"].as_array().unwrap();
    events
        .iter()
        .map(|event| event["kind"].as_str().unwrap())
        .collect()
}

/// The types of a payload's errors.
pub fn errors(payload: &Value) -> Vec<&str> {
    let errors = payload["errors"].as_array().unwrap();
    errors
        .iter()
        .map(|error| error["__typename"].as_str().unwrap())
        .collect()
}

/// The hold of an order.
pub fn reservation(order: &Value) -> ReservationId {
    ReservationId::parse(order["reservation"]["id"].as_str().unwrap()).unwrap()
}
