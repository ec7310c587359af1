//! What an order owes the warehouses: decided together with the order's status, told until it is heard.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use stockgraph_kit::id::{Id, OrderId, ProductId, WarehouseId};
use uuid::Uuid;

use super::{EffectId, RestockId, lifecycle::UnknownName};

/// What is to be done to the stock of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EffectKind {
    /// Sell what is held: the order is paid.
    Commit,
    /// Give back what is held: the order was given up or has expired.
    Release,
    /// Put sold goods back: they came back, or the paid order was given up.
    Restock,
}

impl EffectKind {
    /// Every kind there is.
    pub const ALL: [Self; 3] = [Self::Commit, Self::Release, Self::Restock];

    /// The kind as text, e.g. `COMMIT`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Commit => "COMMIT",
            Self::Release => "RELEASE",
            Self::Restock => "RESTOCK",
        }
    }
}

impl FromStr for EffectKind {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| UnknownName(text.to_owned()))
    }
}

/// How an effect ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EffectOutcome {
    /// The warehouses have confirmed it.
    Done,
    /// There was nothing left to do, e.g. a sale whose order was cancelled after its hold was lost.
    Void,
}

impl EffectOutcome {
    /// The outcome as text, e.g. `DONE`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "DONE",
            Self::Void => "VOID",
        }
    }
}

/// An effect and what it needs to be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// [`EffectKind::Commit`].
    Commit,
    /// [`EffectKind::Release`].
    Release,
    /// [`EffectKind::Restock`].
    Restock(RestockPayload),
}

impl Effect {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> EffectKind {
        match self {
            Self::Commit => EffectKind::Commit,
            Self::Release => EffectKind::Release,
            Self::Restock(_) => EffectKind::Restock,
        }
    }
}

/// What goes back on hand. Stored as JSON, so its shape may grow but not change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestockPayload {
    id: Uuid,
    lines: Vec<(Uuid, u32)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    warehouse: Option<Uuid>,
    /// For the ledger.
    pub reason: Option<String>,
}

impl RestockPayload {
    /// These units of these products go back.
    pub fn new(
        id: RestockId,
        lines: impl IntoIterator<Item = (ProductId, u32)>,
        reason: Option<String>,
    ) -> Self {
        Self {
            id: id.uuid(),
            lines: lines
                .into_iter()
                .map(|(product, quantity)| (product.uuid(), quantity))
                .collect(),
            warehouse: None,
            reason,
        }
    }

    /// The same, to this warehouse where one is named, instead of where the goods came from.
    #[must_use]
    pub fn to(self, warehouse: Option<WarehouseId>) -> Self {
        Self {
            warehouse: warehouse.map(Id::uuid),
            ..self
        }
    }

    /// Which restocking.
    #[must_use]
    pub fn id(&self) -> RestockId {
        RestockId::from_uuid(self.id)
    }

    /// Where the goods go; where none is named, to where they came from.
    #[must_use]
    pub fn warehouse(&self) -> Option<WarehouseId> {
        self.warehouse.map(WarehouseId::from_uuid)
    }

    /// How many of which product.
    pub fn lines(&self) -> impl Iterator<Item = (ProductId, u32)> + '_ {
        self.lines
            .iter()
            .map(|(product, quantity)| (ProductId::from_uuid(*product), *quantity))
    }
}

/// An effect that is being carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedEffect {
    /// Which one.
    pub id: EffectId,
    /// The order that owes it.
    pub order: OrderId,
    /// What is to be done.
    pub effect: Effect,
    /// How often it was tried, this time included.
    pub attempts: u32,
    /// Since when it is owed.
    pub created_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_back_from_its_text() {
        for kind in EffectKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
    }

    #[test]
    fn what_goes_back_reads_back_from_its_json() {
        let product = ProductId::from_uuid(Uuid::from_u128(2));
        let restock = RestockId::from_uuid(Uuid::from_u128(1));
        let payload = RestockPayload::new(restock, [(product, 3)], Some("broken".into()));
        let json = serde_json::to_string(&payload).unwrap();
        let read: RestockPayload = serde_json::from_str(&json).unwrap();
        assert_eq!(read, payload);
        assert_eq!(read.warehouse(), None);
        let warehouse = WarehouseId::from_uuid(Uuid::from_u128(3));
        let elsewhere = payload.to(Some(warehouse));
        let json = serde_json::to_string(&elsewhere).unwrap();
        let there: RestockPayload = serde_json::from_str(&json).unwrap();
        assert_eq!(there.warehouse(), Some(warehouse));
        assert_eq!(
            (read.id(), read.lines().collect::<Vec<_>>()),
            (restock, vec![(product, 3)])
        );
    }
}
