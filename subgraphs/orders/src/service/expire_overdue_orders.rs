//! The scheduled job: orders that nobody paid in time expire, and their stock goes back.

use stockgraph_kit::database;

use super::{Orders, failure::Failure};
use crate::{
    domain::{
        effect::{ClaimedEffect, Effect},
        order::{Order, OrderEvent, OrderEventKind},
    },
    repo::{self, change, convert},
};

/// What one run of the job did.
#[derive(Clone, Debug)]
pub struct ExpiredOrders {
    /// The orders that it expired.
    pub expired: Vec<Order>,
    /// Whether there are more that are overdue.
    pub has_more: bool,
}

impl Orders {
    /// Expires up to `limit` orders whose payment is overdue.
    ///
    /// # Errors
    ///
    /// [`Failure`].
    pub async fn expire_overdue_orders(&self, limit: u32) -> Result<ExpiredOrders, Failure> {
        let tx = self.database.begin().await?;
        let now = self.clock.now();
        let rows = repo::expiry::expire_overdue(&tx, now, u64::from(limit)).await?;
        let mut events = Vec::with_capacity(rows.len());
        let mut effects = Vec::with_capacity(rows.len());
        let mut on_loan = Vec::with_capacity(rows.len());
        let mut expired = Vec::with_capacity(rows.len());
        for row in rows {
            let event = OrderEvent {
                kind: OrderEventKind::Expired,
                note: None,
                actor: None,
                occurred_at: now,
            };
            events.push(change::event_row(row.id, row.event_count, event));
            let id = self.ids.next();
            let effect = change::effect_row(id, row.id, row.effect_count, &Effect::Release, now)?;
            // An order that owes nothing else: its effect need not be claimed by another statement, for it is written as claimed.
            effects.push(if row.effect_count == 1 {
                on_loan.push(ClaimedEffect {
                    id,
                    order: row.id,
                    effect: Effect::Release,
                    attempts: 1,
                    created_at: now,
                });
                change::on_loan(effect, now + self.options.effect_lease)
            } else {
                effect
            });
            expired.push(convert::order(row)?);
        }
        change::write(&tx, events, effects).await?;
        let ids: Vec<_> = expired.iter().map(|order| order.id).collect();
        self.changes.announce(&tx, ids).await?;
        database::commit(tx, "expire orders").await?;
        if !expired.is_empty() {
            tracing::debug!(orders = expired.len(), "orders expired");
            for order in &expired {
                self.changes.publish(order.id);
            }
            if let Err(error) = self.run_on_loan(&expired, on_loan).await {
                tracing::warn!(%error, "stock of expired orders is given back later");
            }
        }
        // What is overdue beside fewer than were asked for, others have claimed at this moment.
        let has_more = u64::try_from(expired.len()).is_ok_and(|number| number >= u64::from(limit))
            && repo::expiry::any_overdue(self.database.reader(), now).await?;
        Ok(ExpiredOrders { expired, has_more })
    }
}
