//! What is asked of the stock, and what is answered.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use stockgraph_kit::id::{Id, ProductId, ReservationId};
use stockgraph_warehouses::domain::{
    line::Line,
    movement::MovementKind,
    reservation::End,
    restock::RestockId,
    transfer::{TransferId, TransferStatus},
    warehouse::{WarehouseId, WarehouseStatus},
};
use uuid::Uuid;

/// A request that is safe to repeat: by its id, by its key, or because it says what is to be.
#[derive(Clone, Debug)]
pub enum Call {
    Reserve {
        id: ReservationId,
        lines: Vec<Line>,
        expires_at: DateTime<Utc>,
    },
    End {
        id: ReservationId,
        end: End,
    },
    Restock {
        id: RestockId,
        reservation: ReservationId,
        line: Line,
        warehouse: Option<WarehouseId>,
    },
    Receive {
        key: Uuid,
        warehouse: WarehouseId,
        line: Line,
    },
    /// The line's quantity is the difference.
    Adjust {
        key: Uuid,
        warehouse: WarehouseId,
        line: Line,
    },
    Transfer {
        key: Uuid,
        source: WarehouseId,
        destination: WarehouseId,
        line: Line,
        in_transit: bool,
    },
    Close {
        id: TransferId,
        status: TransferStatus,
    },
    SetStatus {
        warehouse: WarehouseId,
        status: WarehouseStatus,
    },
    SetPolicy {
        warehouse: WarehouseId,
        product: ProductId,
        safety_stock: i32,
    },
}

/// So many units of a product in a warehouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    pub product: ProductId,
    pub warehouse: WarehouseId,
    pub quantity: i32,
}

/// What a call was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is held, there.
    Held(Vec<Part>),
    /// It is moved, by this transfer.
    Moved(TransferId),
    Done,
    /// It is not, for this reason.
    Refused(String),
}

/// Where a reservation is.
pub const PARTS: &str = "lines { product { id } allocations { quantity warehouse { id } } }";

impl Call {
    /// The kind, for reports.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Reserve { .. } => "reserve",
            Self::End {
                end: End::Commit, ..
            } => "commit",
            Self::End { .. } => "release",
            Self::Restock { .. } => "restock",
            Self::Receive { .. } => "receive",
            Self::Adjust { .. } => "adjust",
            Self::Transfer { .. } => "transfer",
            Self::Close {
                status: TransferStatus::Received,
                ..
            } => "receive transfer",
            Self::Close { .. } => "cancel transfer",
            Self::SetStatus { .. } => "(de)activate",
            Self::SetPolicy { .. } => "set policy",
        }
    }

    /// The operation and its variables.
    pub fn operation(&self) -> (String, Value) {
        let (mutation, selection) = self.form();
        let capital = mutation[..1].to_uppercase() + &mutation[1..];
        let query = format!(
            "mutation($input: {capital}Input!) {{ payload: {mutation}(input: $input) {{ {selection} errors {{ __typename }} }} }}"
        );
        (query, json!({ "input": self.input() }))
    }

    /// The mutation, and the object in its payload that is looked at.
    fn form(&self) -> (&'static str, String) {
        let (mutation, selection) = match self {
            Self::Reserve { .. } => return ("reserveStock", format!("reservation {{ {PARTS} }}")),
            Self::End {
                end: End::Commit, ..
            } => ("commitReservation", "reservation { id }"),
            Self::End { .. } => ("releaseReservation", "reservation { id }"),
            Self::Restock { .. } => ("restock", "stockLevels { id }"),
            Self::Receive { .. } => ("receiveStock", "stockLevels { id }"),
            Self::Adjust { .. } => ("adjustStock", "stockLevel { id }"),
            Self::Transfer { .. } => ("transferStock", "transfer { id }"),
            Self::Close {
                status: TransferStatus::Received,
                ..
            } => ("receiveTransfer", "transfer { id }"),
            Self::Close { .. } => ("cancelTransfer", "transfer { id }"),
            Self::SetStatus {
                status: WarehouseStatus::Active,
                ..
            } => ("activateWarehouse", "warehouse { id }"),
            Self::SetStatus { .. } => ("deactivateWarehouse", "warehouse { id }"),
            Self::SetPolicy { .. } => ("setStockPolicy", "stockLevel { id }"),
        };
        (mutation, selection.to_owned())
    }

    fn input(&self) -> Value {
        match self {
            Self::Reserve {
                id,
                lines,
                expires_at,
            } => json!({
                "id": id.to_string(),
                "lines": lines.iter().map(line).collect::<Vec<_>>(),
                "expiresAt": expires_at.to_rfc3339(),
            }),
            Self::End { id, .. } => json!({ "id": id.to_string() }),
            Self::Restock {
                id,
                reservation,
                line: goods,
                warehouse,
            } => json!({
                "id": id.to_string(),
                "reservationId": reservation.to_string(),
                "lines": [line(goods)],
                "warehouseId": warehouse.map(|id| id.to_string()),
            }),
            Self::Receive {
                key,
                warehouse,
                line: goods,
            } => json!({
                "warehouseId": warehouse.to_string(),
                "lines": [line(goods)],
                "idempotencyKey": key,
                "reason": key,
            }),
            Self::Adjust {
                key,
                warehouse,
                line,
            } => json!({
                "warehouseId": warehouse.to_string(),
                "productId": line.product.to_string(),
                "delta": line.quantity,
                "idempotencyKey": key,
                "reason": key,
            }),
            Self::Transfer {
                key,
                source,
                destination,
                line: goods,
                in_transit,
            } => json!({
                "sourceId": source.to_string(),
                "destinationId": destination.to_string(),
                "lines": [line(goods)],
                "inTransit": in_transit,
                "idempotencyKey": key,
            }),
            Self::Close { id, .. } => json!({ "id": id.to_string() }),
            Self::SetStatus { warehouse, .. } => json!({ "id": warehouse.to_string() }),
            Self::SetPolicy {
                warehouse,
                product,
                safety_stock,
            } => json!({
                "warehouseId": warehouse.to_string(),
                "productId": product.to_string(),
                "safetyStock": safety_stock,
            }),
        }
    }

    /// Whether this can be an answer: goods may be short, all else a client asks for is possible.
    pub fn may_be_refused(&self, answer: &Answer) -> bool {
        let takes = matches!(
            self,
            Self::Reserve { .. } | Self::Adjust { .. } | Self::Transfer { .. }
        );
        takes && *answer == Answer::Refused("InsufficientStock".into())
    }

    /// What the ledger names as the cause if the call is done, and the kind of entry. None where the caller does not choose it.
    pub fn cause(&self) -> Option<(String, MovementKind)> {
        Some(match self {
            Self::Reserve { id, .. } => (id.to_string(), MovementKind::Reservation),
            Self::End { id, end } => (id.to_string(), end.movement()),
            Self::Restock { id, .. } => (id.to_string(), MovementKind::Return),
            Self::Receive { key, .. } => (key.to_string(), MovementKind::Receipt),
            Self::Adjust { key, .. } => (key.to_string(), MovementKind::Adjustment),
            Self::Close { id, .. } => (id.to_string(), MovementKind::TransferIn),
            Self::Transfer { .. } | Self::SetStatus { .. } | Self::SetPolicy { .. } => return None,
        })
    }

    /// What an answer's data say.
    pub fn answer(&self, data: &Value) -> Answer {
        let payload = &data["payload"];
        if let Some(error) = payload["errors"][0]["__typename"].as_str() {
            return Answer::Refused(error.to_owned());
        }
        match self {
            Self::Reserve { .. } => Answer::Held(parts(&payload["reservation"])),
            Self::Transfer { .. } => Answer::Moved(id(&payload["transfer"]["id"])),
            _ => Answer::Done,
        }
    }
}

fn line(line: &Line) -> Value {
    json!({ "productId": line.product.to_string(), "quantity": line.quantity })
}

/// Where a reservation that was selected with [`PARTS`] is, in order.
pub fn parts(reservation: &Value) -> Vec<Part> {
    let lines = reservation["lines"].as_array().unwrap();
    let parts = lines.iter().flat_map(|line| {
        let product = id(&line["product"]["id"]);
        let parts = line["allocations"].as_array().unwrap().iter();
        parts.map(move |part| Part {
            product,
            warehouse: id(&part["warehouse"]["id"]),
            quantity: number(&part["quantity"]),
        })
    });
    let mut parts: Vec<_> = parts.collect();
    parts.sort_unstable();
    parts
}

/// An id that was answered.
pub fn id<I: Id>(value: &Value) -> I {
    let text = value.as_str().unwrap_or_default();
    I::parse(text).unwrap_or_else(|error| panic!("{value}: {error}"))
}

/// A number that was answered.
pub fn number(value: &Value) -> i32 {
    let number = value
        .as_i64()
        .unwrap_or_else(|| panic!("no number but {value}"));
    i32::try_from(number).unwrap()
}
