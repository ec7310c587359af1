//! What must be true of orders and their holds. This database knows the orders' side; whoever has both compares.

use sea_orm::DbErr;
use stockgraph_kit::id::{OrderId, ReservationId};

use super::{Orders, ports::ReservationStatus};
use crate::{
    domain::{lifecycle::OrderStatus, number::OrderNumber},
    repo::{self, verify::EffectSummary},
};

/// What an order says of its hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedHold {
    /// Which order.
    pub order: OrderId,
    /// Its number, for people.
    pub number: OrderNumber,
    /// Where the order stands.
    pub status: OrderStatus,
    /// Its hold.
    pub reservation: ReservationId,
    /// The states that the hold may be in. A hold that was never made is as good as a released one.
    pub allowed: Vec<ReservationStatus>,
}

/// An effect that has been owed for too long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StuckEffect {
    /// Which order owes it.
    pub order: OrderId,
    /// What is to be done, e.g. `COMMIT`.
    pub kind: String,
    /// Since when.
    pub created_at: chrono::DateTime<chrono::Utc>,
    /// How often it was tried.
    pub attempts: i32,
    /// Why it failed the last time.
    pub last_error: Option<String>,
}

impl Orders {
    /// What up to `limit` orders say of their holds, in the order of their ids, after this one. Ends with an empty page.
    ///
    /// The orders of a page and what they owe are of one moment.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn expected_holds(
        &self,
        after: Option<OrderId>,
        limit: u64,
    ) -> Result<Vec<ExpectedHold>, DbErr> {
        let snapshot = self.database.snapshot().await?;
        let orders = repo::verify::orders_after(&snapshot, after, limit).await?;
        let ids: Vec<_> = orders.iter().map(|order| order.id).collect();
        let effects = repo::verify::effects_of(&snapshot, &ids).await?;
        snapshot.rollback().await?;
        let now = self.clock.now();
        Ok(orders
            .into_iter()
            .map(|order| {
                let effects = effects.get(&order.id).copied().unwrap_or_default();
                // The warehouses may end a hold that nobody paid in time before the order's own job comes by.
                let overdue = now >= order.payment_due_at + self.options.hold_grace;
                ExpectedHold {
                    allowed: allowed(order.status, effects, overdue),
                    order: order.id,
                    number: order.number,
                    status: order.status,
                    reservation: order.reservation,
                }
            })
            .collect())
    }

    /// Up to `limit` effects that have been owed for longer than the options allow, the oldest first.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn stuck_effects(&self, limit: u64) -> Result<Vec<StuckEffect>, DbErr> {
        let before = self.clock.now() - self.options.effect_stuck_after;
        let rows = repo::verify::effects_open_since(self.database.reader(), before, limit).await?;
        Ok(rows
            .into_iter()
            .map(|row| StuckEffect {
                order: row.order_id,
                kind: row.kind,
                created_at: row.created_at,
                attempts: row.attempts,
                last_error: row.last_error,
            })
            .collect())
    }

    /// How many effects have been owed for longer than the options allow.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn count_stuck_effects(&self) -> Result<u64, DbErr> {
        let before = self.clock.now() - self.options.effect_stuck_after;
        repo::verify::count_effects_open_since(self.database.reader(), before).await
    }

    /// How many effects the warehouses have not confirmed yet.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn count_open_effects(&self) -> Result<u64, DbErr> {
        repo::verify::count_open_effects(self.database.reader()).await
    }
}

/// The states that the hold of an order may be in.
fn allowed(status: OrderStatus, effects: EffectSummary, overdue: bool) -> Vec<ReservationStatus> {
    use ReservationStatus::{Committed, Expired, Held, Released};
    let mut allowed = match status {
        OrderStatus::PendingPayment if overdue => vec![Held, Expired],
        OrderStatus::PendingPayment => vec![Held],
        OrderStatus::Paid | OrderStatus::Shipped | OrderStatus::Delivered => vec![Committed],
        OrderStatus::Cancelled if effects.sold => vec![Committed],
        OrderStatus::Cancelled | OrderStatus::Expired => vec![Released, Expired],
    };
    if effects.open {
        // On its way: what is owed has not been confirmed, but may have been done, or have come too late.
        allowed = vec![Held, Committed, Released, Expired];
    }
    allowed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_settled_order_allows_one_fate_of_its_hold() {
        use ReservationStatus::{Committed, Expired, Held, Released};
        let settled = EffectSummary {
            open: false,
            sold: false,
        };
        let sold = EffectSummary {
            open: false,
            sold: true,
        };
        let fate = |status, effects| allowed(status, effects, false);
        assert_eq!(fate(OrderStatus::PendingPayment, settled), [Held]);
        assert_eq!(fate(OrderStatus::Paid, sold), [Committed]);
        assert_eq!(fate(OrderStatus::Cancelled, settled), [Released, Expired]);
        assert_eq!(fate(OrderStatus::Cancelled, sold), [Committed]);
        assert_eq!(fate(OrderStatus::Expired, settled), [Released, Expired]);
    }
}
