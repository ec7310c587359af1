//! Moves between warehouses.

use chrono::{DateTime, Utc};

use super::{text_enum::text_enum, violation::Violation, warehouse::WarehouseId};

stockgraph_kit::id_type!(
    TransferId,
    "transfer",
    "Which move of goods between warehouses."
);

text_enum! {
    /// How far a transfer has come.
    TransferStatus {
        /// Off the source's hand, and not yet on the destination's.
        InTransit = "IN_TRANSIT",
        /// On the destination's hand.
        Received = "RECEIVED",
        /// Back on the source's hand.
        Cancelled = "CANCELLED",
    }
}

/// A move of goods between warehouses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Which one.
    pub id: TransferId,
    /// How far it has come.
    pub status: TransferStatus,
    /// Where from.
    pub source: WarehouseId,
    /// Where to.
    pub destination: WarehouseId,
    /// When it was dispatched.
    pub created_at: DateTime<Utc>,
    /// When it was received or cancelled.
    pub closed_at: Option<DateTime<Utc>>,
}

/// Checks that a transfer goes somewhere else.
///
/// # Errors
///
/// A [`Violation`] at `destinationId`.
pub fn check_route(source: WarehouseId, destination: WarehouseId) -> Result<(), Violation> {
    if source == destination {
        Err(Violation::new(
            ["destinationId"],
            "The goods are there already: give another warehouse than the source.",
        ))
    } else {
        Ok(())
    }
}

/// What closing a transfer means in the state that it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// Book the goods into this warehouse.
    Book(WarehouseId),
    /// It has happened already.
    Done,
    /// The other has happened.
    Impossible,
}

impl Transfer {
    /// What it means to bring the transfer to `status`.
    #[must_use]
    pub fn close(&self, status: TransferStatus) -> Closing {
        match (self.status, status) {
            (TransferStatus::InTransit, TransferStatus::Received) => {
                Closing::Book(self.destination)
            }
            (TransferStatus::InTransit, TransferStatus::Cancelled) => Closing::Book(self.source),
            (now, wanted) if now == wanted => Closing::Done,
            _ => Closing::Impossible,
        }
    }
}

#[cfg(test)]
mod tests {
    use stockgraph_kit::id::Id;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_transfer_closes_once() {
        let [source, destination] = [1, 2].map(|n| WarehouseId::from_uuid(Uuid::from_u128(n)));
        let transfer = |status| Transfer {
            id: TransferId::from_uuid(Uuid::nil()),
            status,
            source,
            destination,
            created_at: DateTime::UNIX_EPOCH,
            closed_at: None,
        };
        use TransferStatus::{Cancelled, InTransit, Received};
        let table = [
            (InTransit, Received, Closing::Book(destination)),
            (InTransit, Cancelled, Closing::Book(source)),
            (Received, Received, Closing::Done),
            (Received, Cancelled, Closing::Impossible),
            (Cancelled, Received, Closing::Impossible),
            (Cancelled, Cancelled, Closing::Done),
        ];
        for (from, to, closing) in table {
            assert_eq!(transfer(from).close(to), closing, "{from} -> {to}");
        }
    }
}
