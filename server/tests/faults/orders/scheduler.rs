//! Two more who run the expiry of orders, at the same moments, and note which orders they are told to have expired.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::future::join;
use serde_json::{Value, json};
use stockgraph_orders::domain::number::OrderNumber;

use super::call::text;
use crate::client::{Client, Reply};

const EXPIRE: &str =
    "mutation { expireOverdueOrders(input: { limit: 5 }) { expired { number } hasMore } }";

/// Runs until it is told to stop, and answers what its runs answered.
pub async fn run(client: Client, urls: Vec<String>, stop: Arc<AtomicBool>) -> Vec<OrderNumber> {
    let mut expired = Vec::new();
    let variables = json!({});
    while !stop.load(Ordering::SeqCst) {
        let (one, other) = join(
            client.ask(&urls[0], EXPIRE, &variables),
            client.ask(&urls[urls.len() - 1], EXPIRE, &variables),
        )
        .await;
        for reply in [one, other] {
            // What is not answered may have been done.
            if let Reply::Answered(data) = reply {
                let orders = data["expireOverdueOrders"]["expired"].as_array();
                let number = |order: &Value| OrderNumber::typed(text(&order["number"]));
                expired.extend(orders.unwrap().iter().map(number));
            }
        }
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
    expired
}
