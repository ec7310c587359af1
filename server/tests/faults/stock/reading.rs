//! Reads what the database says, through the graph.

use std::collections::HashSet;

use serde_json::{Value, json};
use stockgraph_kit::id::{Id, ReservationId};
use stockgraph_warehouses::domain::{
    movement::MovementKind,
    reservation::ReservationStatus,
    transfer::{TransferId, TransferStatus},
    warehouse::WarehouseStatus,
};

use super::{
    call::{PARTS, id, number, parts},
    found::{Booked, Entry, Found, Level},
};
use crate::client::Client;

/// The most objects that one request asks for.
const PAGE: usize = 100;

/// What was read so far. The ledger is append-only, so each entry is read once.
#[derive(Default)]
pub struct Reading {
    pub found: Found,
    entries: HashSet<String>,
}

impl Reading {
    /// Reads what is new in the ledger, all levels, and these reservations and transfers.
    pub async fn read(
        &mut self,
        client: &Client,
        url: &str,
        reservations: &[ReservationId],
        transfers: &[TransferId],
    ) {
        self.read_ledger(client, url).await;
        self.read_levels(client, url).await;
        let selection = format!("id status {PARTS}");
        for node in entities(client, url, "StockReservation", reservations, &selection).await {
            let status = ReservationStatus::parse(text(&node["status"])).unwrap();
            let found = (status, parts(&node));
            self.found.reservations.insert(id(&node["id"]), found);
        }
        for node in entities(client, url, "StockTransfer", transfers, "id status").await {
            let status = TransferStatus::parse(text(&node["status"])).unwrap();
            self.found.transfers.insert(id(&node["id"]), status);
        }
    }

    async fn read_ledger(&mut self, client: &Client, url: &str) {
        const QUERY: &str = "query($first: Int!, $after: String) { stockMovements(first: $first, after: $after) { \
             nodes { id kind product { id } warehouse { id } reference reason onHandDelta reservedDelta occurredAt onHandAfter reservedAfter } \
             pageInfo { endCursor hasNextPage } } }";
        let mut after = Value::Null;
        loop {
            let variables = json!({ "first": PAGE, "after": after });
            let mut page = client.data(url, QUERY, &variables).await["stockMovements"].take();
            for node in page["nodes"].as_array().unwrap() {
                // The newest come first.
                if !self.entries.insert(text(&node["id"]).to_owned()) {
                    return;
                }
                let cause = node["reference"].as_str().or(node["reason"].as_str());
                let cause = cause.unwrap_or("nothing").to_owned();
                self.found
                    .ledger
                    .entry(cause)
                    .or_default()
                    .push(booked(node));
            }
            if page["pageInfo"]["hasNextPage"] != true {
                return;
            }
            after = page["pageInfo"]["endCursor"].take();
        }
    }

    async fn read_levels(&mut self, client: &Client, url: &str) {
        const QUERY: &str = "query($first: Int!) { warehouses { id status stockLevels(first: $first) { \
             nodes { product { id } onHand reserved safetyStock } pageInfo { hasNextPage } } } }";
        let data = client.data(url, QUERY, &json!({ "first": PAGE })).await;
        for warehouse in data["warehouses"].as_array().unwrap() {
            let status = WarehouseStatus::parse(text(&warehouse["status"])).unwrap();
            self.found.warehouses.insert(id(&warehouse["id"]), status);
            let levels = &warehouse["stockLevels"];
            assert_eq!(levels["pageInfo"]["hasNextPage"], false);
            for node in levels["nodes"].as_array().unwrap() {
                let level = Level {
                    on_hand: number(&node["onHand"]),
                    reserved: number(&node["reserved"]),
                    safety_stock: number(&node["safetyStock"]),
                };
                let place = (id(&node["product"]["id"]), id(&warehouse["id"]));
                self.found.levels.insert(place, level);
            }
        }
    }
}

fn booked(node: &Value) -> Booked {
    Booked {
        entry: Entry {
            kind: MovementKind::parse(text(&node["kind"])).unwrap().as_str(),
            place: (id(&node["product"]["id"]), id(&node["warehouse"]["id"])),
            on_hand: number(&node["onHandDelta"]),
            reserved: number(&node["reservedDelta"]),
        },
        on_hand_after: number(&node["onHandAfter"]),
        reserved_after: number(&node["reservedAfter"]),
        occurred_at: text(&node["occurredAt"]).parse().unwrap(),
    }
}

/// Those of these objects that are there.
async fn entities<I: Id>(
    client: &Client,
    url: &str,
    kind: &str,
    ids: &[I],
    selection: &str,
) -> Vec<Value> {
    let query = format!(
        "query($of: [_Any!]!) {{ _entities(representations: $of) {{ ... on {kind} {{ {selection} }} }} }}"
    );
    let mut found = Vec::new();
    for ids in ids.chunks(PAGE) {
        let of = ids
            .iter()
            .map(|id| json!({ "__typename": kind, "id": id.to_string() }));
        let variables = json!({ "of": of.collect::<Vec<_>>() });
        let mut data = client.data(url, &query, &variables).await;
        let nodes = data["_entities"].as_array_mut().unwrap();
        found.extend(nodes.drain(..).filter(|node| !node.is_null()));
    }
    found
}

fn text(value: &Value) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no text but {value}"))
}
