//! The scheduled job: orders that nobody paid in time expire, and their stock goes back.

use stockgraph_kit::database;

use super::{Orders, failure::Failure};
use crate::{
    domain::{
        effect::Effect,
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
            effects.push(effect);
            expired.push(convert::order(row)?);
        }
        change::write(&tx, events, effects).await?;
        database::commit(tx, "expire orders").await?;
        if !expired.is_empty() {
            tracing::info!(orders = expired.len(), "orders expired");
            let ids: Vec<_> = expired.iter().map(|order| order.id).collect();
            for id in &ids {
                self.changes.publish(*id);
            }
            self.carry_out(&ids).await;
        }
        let has_more = repo::expiry::any_overdue(self.database.reader(), now).await?;
        Ok(ExpiredOrders { expired, has_more })
    }
}
