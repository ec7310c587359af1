//! What is asked of the checkout, and what is answered.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use stockgraph_kit::id::{Id, OrderId, ProductId, UserId};
use stockgraph_orders::domain::{OrderLineId, PaymentId, lifecycle::OrderStatus};
use uuid::Uuid;

/// What all prices and payments are in.
pub const CURRENCY: &str = "USD";

/// Why orders are given up here, in their timelines. An order that is cancelled for another reason was cancelled by the shop.
pub const REASON: &str = "Changed my mind.";

/// A request about one order.
#[derive(Clone, Debug)]
pub enum Call {
    Place {
        cart: Cart,
        key: Uuid,
    },
    Pay {
        order: OrderId,
        reference: String,
        amount: Decimal,
    },
    Cancel {
        order: OrderId,
        by: By,
    },
    Ship {
        order: OrderId,
    },
    Deliver {
        order: OrderId,
    },
    Return {
        order: OrderId,
        id: Uuid,
        line: OrderLineId,
        quantity: i32,
    },
    Refund {
        order: OrderId,
        reference: String,
    },
}

/// Who gives an order up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Customer(UserId),
    Staff,
}

/// What a customer wants, the lines in the order of their products.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cart {
    pub customer: UserId,
    pub lines: Vec<Line>,
}

/// So many units of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    pub product: ProductId,
    pub quantity: i32,
}

/// What a call was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Placed(Placed),
    /// The payment paid its order.
    Settled(PaymentId),
    /// The payment came too late or twice, and is owed back.
    Kept(PaymentId),
    Done,
    /// It is not done: the kind of error, and the state that stands against it.
    Refused(String, Option<OrderStatus>),
}

/// An order as it was when it was placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    pub id: OrderId,
    pub total: Decimal,
    pub due: DateTime<Utc>,
    pub lines: Vec<OrderLineId>,
}

impl Answer {
    /// Whether nothing was done.
    pub const fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused(..))
    }

    /// Whether it is a refusal for this kind of error.
    pub fn is_refused_for(&self, error: &str) -> bool {
        matches!(self, Self::Refused(told, _) if told == error)
    }
}

impl Call {
    /// The kind, for reports.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Place { .. } => "place",
            Self::Pay { .. } => "pay",
            Self::Cancel { .. } => "cancel",
            Self::Ship { .. } => "ship",
            Self::Deliver { .. } => "deliver",
            Self::Return { .. } => "return",
            Self::Refund { .. } => "refund",
        }
    }

    /// The operation and its variables.
    pub fn operation(&self) -> (String, Value) {
        const STATE: &str = "... on WrongState { state }";
        let (mutation, selection, more) = match self {
            Self::Place { .. } => (
                "placeOrder",
                "order { id total { amount } paymentDueAt lines { id } }",
                "",
            ),
            Self::Pay { .. } => ("confirmPayment", "payment { id }", STATE),
            Self::Cancel { .. } => ("cancelOrder", "order { id }", STATE),
            Self::Ship { .. } => ("shipOrder", "order { id }", STATE),
            Self::Deliver { .. } => ("deliverOrder", "order { id }", STATE),
            Self::Return { .. } => ("returnOrder", "order { id }", STATE),
            Self::Refund { .. } => ("confirmRefund", "order { id }", STATE),
        };
        let capital = mutation[..1].to_uppercase() + &mutation[1..];
        let query = format!(
            "mutation($input: {capital}Input!) {{ payload: {mutation}(input: $input) {{ {selection} errors {{ __typename {more} }} }} }}"
        );
        (query, json!({ "input": self.input() }))
    }

    fn input(&self) -> Value {
        match self {
            Self::Place { cart, key } => {
                let line = |line: &Line| json!({ "productId": line.product.to_string(), "quantity": line.quantity });
                let lines: Vec<_> = cart.lines.iter().map(line).collect();
                json!({ "idempotencyKey": key, "lines": lines })
            }
            Self::Pay {
                order,
                reference,
                amount,
            } => json!({
                "orderId": order.to_string(),
                "paymentReference": reference,
                "amount": { "amount": amount.to_string(), "currency": CURRENCY },
            }),
            Self::Cancel { order, .. } => json!({ "id": order.to_string(), "reason": REASON }),
            Self::Ship { order } | Self::Deliver { order } => json!({ "id": order.to_string() }),
            Self::Return {
                order,
                id,
                line,
                quantity,
            } => json!({
                "id": id,
                "orderId": order.to_string(),
                "lines": [{ "orderLineId": line.to_string(), "quantity": quantity }],
            }),
            Self::Refund { order, reference } => json!({
                "orderId": order.to_string(),
                "paymentReference": reference,
            }),
        }
    }

    /// What an answer's data say.
    pub fn answer(&self, data: &Value) -> Answer {
        let payload = &data["payload"];
        let error = &payload["errors"][0];
        match (self, error["__typename"].as_str()) {
            (Self::Pay { .. }, Some("WrongState")) => Answer::Kept(id(&payload["payment"]["id"])),
            (_, Some(kind)) => {
                let state = error["state"].as_str().and_then(|state| state.parse().ok());
                Answer::Refused(kind.to_owned(), state)
            }
            (Self::Place { .. }, None) => Answer::Placed(placed(&payload["order"])),
            (Self::Pay { .. }, None) => Answer::Settled(id(&payload["payment"]["id"])),
            (_, None) => Answer::Done,
        }
    }
}

fn placed(order: &Value) -> Placed {
    let lines = order["lines"].as_array().unwrap();
    Placed {
        id: id(&order["id"]),
        total: amount(&order["total"]),
        due: instant(&order["paymentDueAt"]),
        lines: lines.iter().map(|line| id(&line["id"])).collect(),
    }
}

/// An id that was answered.
pub fn id<I: Id>(value: &Value) -> I {
    I::parse(text(value)).unwrap_or_else(|error| panic!("{value}: {error}"))
}

/// An amount that was answered, in the one currency.
pub fn amount(value: &Value) -> Decimal {
    text(&value["amount"]).parse().unwrap()
}

/// An instant that was answered.
pub fn instant(value: &Value) -> DateTime<Utc> {
    text(value).parse().unwrap()
}

/// A text that was answered.
pub fn text(value: &Value) -> &str {
    let text = value.as_str();
    text.unwrap_or_else(|| panic!("no text but {value}"))
}
