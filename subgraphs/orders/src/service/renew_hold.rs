//! A paid order whose hold is gone, e.g. because the warehouses could not be reached until it had ended: its stock is held anew, and
//! where there is nothing left, the order is cancelled and its payment owed back.

use stockgraph_kit::{database, id::ReservationId};

use super::{
    Orders,
    cancel_order::owe_settlement,
    effects::{EffectError, Ended},
    failure::Failure,
    ports::{Committed, HoldRequest, ReservationStatus, Reserved, Shortage, StockLine},
};
use crate::{
    domain::{
        hold::renewed_hold_id,
        lifecycle::{self, Action, OrderStatus, Party},
        order::{Order, OrderEventKind},
    },
    repo::{self, change::Change},
};

/// How many holds are tried one after the other. Each one but the last was lost in the same way as the first.
const MOST_RENEWALS: u32 = 16;

/// What a hold that was asked for has become.
enum Renewed {
    Sold,
    /// It was lost as well: the next one is derived from it.
    Lost,
    /// The order is not paid any more, or another has done all this meanwhile.
    Overtaken,
    Short(Vec<Shortage>),
}

impl Orders {
    /// Holds and sells the lines of a paid order again.
    pub(super) async fn renew_hold(&self, order: &Order) -> Result<Ended, EffectError> {
        if order.status != OrderStatus::Paid {
            return self.nothing_to_sell(order, order.reservation).await;
        }
        let lines = repo::order::lines_of(self.database.reader(), order).await?;
        let lines: Vec<_> = lines
            .iter()
            .map(|line| StockLine {
                product: line.product,
                quantity: line.quantity,
            })
            .collect();
        let mut known = order.reservation;
        let mut lost = order.reservation;
        for _ in 0..MOST_RENEWALS {
            let id = renewed_hold_id(lost);
            match self.renewed(order, known, id, &lines).await? {
                (Renewed::Sold, _) => {
                    tracing::warn!(order = %order.id, reservation = %id, "a paid order's stock was held anew");
                    return Ok(Ended::Done);
                }
                (Renewed::Lost, now_known) => {
                    known = now_known;
                    lost = id;
                }
                (Renewed::Overtaken, _) => return self.nothing_to_sell(order, known).await,
                (Renewed::Short(shortages), _) => {
                    return self.give_up(order, known, &shortages).await;
                }
            }
        }
        Err(EffectError::Contradiction(
            "every hold is lost as soon as it is made".to_owned(),
        ))
    }

    /// Tries one hold. Also answers the hold that the order points to now.
    async fn renewed(
        &self,
        order: &Order,
        known: ReservationId,
        id: ReservationId,
        lines: &[StockLine],
    ) -> Result<(Renewed, ReservationId), EffectError> {
        let request = HoldRequest {
            id,
            lines: lines.to_vec(),
            expires_at: self.clock.now() + self.options.payment_timeout + self.options.hold_grace,
            owner: order.customer,
        };
        match self
            .ask("hold anew", || self.stock.reserve(request.clone()))
            .await?
        {
            // Sold already: by one who was cut off before it could be noted.
            Reserved::Held { .. } | Reserved::Closed(ReservationStatus::Committed) => {}
            Reserved::Closed(_) => return Ok((Renewed::Lost, known)),
            Reserved::Short(shortages) => return Ok((Renewed::Short(shortages), known)),
            Reserved::OtherContent => {
                let why = "a renewed hold has other lines than its order";
                return Err(EffectError::Contradiction(why.to_owned()));
            }
        }
        // The order points to its hold before that is sold, so that whoever is next sells the same one.
        let db = self.database.writer();
        let moving = repo::order::move_reservation(db, order.id, known, id);
        let moved = self.write("move reservation", moving).await?;
        if !moved {
            let now = self.order_on_writer(order).await?;
            if now.status != OrderStatus::Paid {
                self.release(id).await?;
                return Ok((Renewed::Overtaken, known));
            }
            if now.reservation != id {
                return Ok((Renewed::Overtaken, known));
            }
        }
        match self.ask("sell anew", || self.stock.commit(id)).await? {
            Committed::Sold => Ok((Renewed::Sold, id)),
            Committed::Gone(_) => Ok((Renewed::Lost, id)),
        }
    }

    async fn order_on_writer(&self, order: &Order) -> Result<Order, EffectError> {
        let found = repo::order::by_ids(self.database.writer(), [order.id]).await?;
        found
            .into_iter()
            .next()
            .ok_or_else(|| EffectError::Contradiction("no such order".to_owned()))
    }

    /// The order was cancelled before its stock was sold, and its hold is gone: there is nothing to sell and nothing to put back.
    ///
    /// That is certain only of the hold that is known to be gone. Where the order points to another one, somebody else has held its
    /// stock anew and may have sold it: what the order owes since stays owed.
    async fn nothing_to_sell(
        &self,
        order: &Order,
        gone: ReservationId,
    ) -> Result<Ended, EffectError> {
        let tx = self.database.begin().await?;
        let Some(change) = Change::lock(&tx, order.id, &self.clock).await? else {
            return Err(EffectError::Contradiction("no such order".to_owned()));
        };
        let now = change.now();
        match change.order.status {
            OrderStatus::Cancelled if change.order.reservation == gone => {
                repo::effect::void_all(&tx, order.id, now).await?;
                database::commit(tx, "void effects").await?;
                Ok(Ended::Noted)
            }
            // Another has taken this effect over meanwhile, and knows better.
            OrderStatus::PendingPayment
            | OrderStatus::Paid
            | OrderStatus::Shipped
            | OrderStatus::Delivered
            | OrderStatus::Cancelled
            | OrderStatus::Expired => Err(overtaken()),
        }
    }

    /// Cancels a paid order whose stock was sold to others while its hold was lost.
    async fn give_up(
        &self,
        order: &Order,
        known: ReservationId,
        shortages: &[Shortage],
    ) -> Result<Ended, EffectError> {
        let tx = self.database.begin().await?;
        let Some(mut change) = Change::lock(&tx, order.id, &self.clock).await? else {
            return Err(EffectError::Contradiction("no such order".to_owned()));
        };
        let now = change.now();
        if change.order.reservation != known {
            // Another has found stock for it while we found none.
            return Err(overtaken());
        }
        if change.order.status == OrderStatus::Paid {
            change.order.status = lifecycle::next(change.order.status, Action::Cancel, Party::Shop)
                .map_err(|_| Failure::NotAllowed)?;
            let note =
                "The stock could not be kept for the order, and there is not enough left of it.";
            change.tell(OrderEventKind::Cancelled, None, Some(note.to_owned()));
            owe_settlement(&tx, &mut change, None).await?;
            change.save(&tx).await?;
        }
        repo::effect::void_all(&tx, order.id, now).await?;
        self.changes.announce(&tx, [order.id]).await?;
        database::commit(tx, "give up order").await?;
        tracing::error!(order = %order.id, short_lines = shortages.len(), "a paid order was cancelled: its stock is gone");
        self.changes.publish(order.id);
        Ok(Ended::Noted)
    }
}

fn overtaken() -> EffectError {
    EffectError::Contradiction("the order has changed meanwhile".to_owned())
}
