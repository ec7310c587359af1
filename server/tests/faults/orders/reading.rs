//! Reads what the databases say, through a router.

use serde_json::{Value, json};
use stockgraph_orders::domain::{number::OrderNumber, payment::PaymentStatus};
use stockgraph_warehouses::domain::reservation::ReservationStatus;

use super::{
    call::{Line, amount, id, instant, text},
    found::{Event, Found, FoundLine, FoundOrder, FoundPayment, Hold},
};
use crate::client::{Client, Reply};

/// The most objects that one request asks for.
const PAGE: usize = 100;

const ORDERS: &str = "query($first: Int!, $after: String) { orders(first: $first, after: $after) { nodes { \
     id number status paymentDueAt customer { id } total { amount } refundDue { amount } \
     lines { id quantity returnedQuantity unitPrice { amount } product { id } } \
     payments { id reference status amount { amount } } timeline { kind occurredAt note } \
     reservation { status lines { quantity product { id } } } } pageInfo { endCursor hasNextPage } } }";

const STOCK: &str = "query($first: Int!) { warehouses { stockLevels(first: $first) { \
     nodes { product { id } onHand reserved } pageInfo { hasNextPage } } } }";

const PENDING: &str = "{ orders(filter: { status: [PENDING_PAYMENT] }) { totalCount } warehouses { stockLevels(first: 100) { nodes { reserved } } } }";

/// Whether some order waits for its payment, or some stock is held.
///
/// # Errors
///
/// There is no answer, for this reason.
pub async fn is_open(client: &Client, url: &str) -> Result<bool, String> {
    let data = ask(client, url, PENDING, &json!({})).await?;
    let warehouses = data["warehouses"].as_array().unwrap();
    let mut levels = warehouses
        .iter()
        .flat_map(|warehouse| warehouse["stockLevels"]["nodes"].as_array().unwrap());
    Ok(data["orders"]["totalCount"] != 0 || levels.any(|level| level["reserved"] != 0))
}

/// Reads everything.
///
/// # Errors
///
/// There is no answer, for this reason.
pub async fn read(client: &Client, url: &str) -> Result<Found, String> {
    let mut found = Found::default();
    let mut after = Value::Null;
    loop {
        let variables = json!({ "first": PAGE, "after": after });
        let mut page = ask(client, url, ORDERS, &variables).await?["orders"].take();
        let nodes = page["nodes"].as_array().unwrap();
        found.orders.extend(nodes.iter().map(order));
        if page["pageInfo"]["hasNextPage"] != true {
            break;
        }
        after = page["pageInfo"]["endCursor"].take();
    }
    let data = ask(client, url, STOCK, &json!({ "first": PAGE })).await?;
    for warehouse in data["warehouses"].as_array().unwrap() {
        let levels = &warehouse["stockLevels"];
        assert_eq!(levels["pageInfo"]["hasNextPage"], false);
        for node in levels["nodes"].as_array().unwrap() {
            let level = found.stock.entry(id(&node["product"]["id"])).or_default();
            level.on_hand += number(&node["onHand"]);
            level.reserved += number(&node["reserved"]);
        }
    }
    Ok(found)
}

async fn ask(client: &Client, url: &str, query: &str, variables: &Value) -> Result<Value, String> {
    match client.ask(url, query, variables).await {
        Reply::Answered(data) => Ok(data),
        Reply::NotDone(reason) | Reply::Unknown(reason) => Err(reason),
    }
}

fn order(node: &Value) -> FoundOrder {
    let refund_due = &node["refundDue"];
    let hold = &node["reservation"];
    FoundOrder {
        id: id(&node["id"]),
        number: OrderNumber::typed(text(&node["number"])),
        customer: id(&node["customer"]["id"]),
        status: text(&node["status"]).parse().unwrap(),
        total: amount(&node["total"]),
        due: instant(&node["paymentDueAt"]),
        lines: list(&node["lines"], |node| FoundLine {
            id: id(&node["id"]),
            line: line(node),
            unit_price: amount(&node["unitPrice"]),
            returned: number(&node["returnedQuantity"]),
        }),
        payments: list(&node["payments"], |node| FoundPayment {
            id: id(&node["id"]),
            reference: text(&node["reference"]).to_owned(),
            amount: amount(&node["amount"]),
            status: payment_status(text(&node["status"])),
        }),
        refund_due: if refund_due.is_null() {
            0.into()
        } else {
            amount(refund_due)
        },
        events: list(&node["timeline"], |node| Event {
            kind: text(&node["kind"]).parse().unwrap(),
            at: instant(&node["occurredAt"]),
            note: node["note"].as_str().unwrap_or_default().to_owned(),
        }),
        // A hold that was never made is an id alone.
        hold: hold["status"].as_str().map(|status| {
            let mut lines = list(&hold["lines"], line);
            lines.sort_unstable();
            Hold {
                status: ReservationStatus::parse(status).unwrap(),
                lines,
            }
        }),
    }
}

fn line(node: &Value) -> Line {
    Line {
        product: id(&node["product"]["id"]),
        quantity: number(&node["quantity"]),
    }
}

fn payment_status(text: &str) -> PaymentStatus {
    match text {
        "CAPTURED" => PaymentStatus::Captured,
        "REFUND_DUE" => PaymentStatus::RefundDue,
        "REFUNDED" => PaymentStatus::Refunded,
        other => panic!("{other} is no status of a payment"),
    }
}

fn list<T>(value: &Value, of: impl Fn(&Value) -> T) -> Vec<T> {
    value.as_array().unwrap().iter().map(of).collect()
}

fn number(value: &Value) -> i32 {
    i32::try_from(value.as_i64().unwrap()).unwrap()
}
