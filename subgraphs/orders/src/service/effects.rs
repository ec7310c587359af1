//! Carrying out what is owed to the warehouses: at once after the decision, and again until they have confirmed it.
//!
//! Any number of processes may do so side by side. An effect belongs to who has claimed it until its lease ends; were two to carry
//! out the same one after all, it is done once, for every effect is idempotent by its id.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, Ordering},
};

use futures_util::{StreamExt, stream};
use stockgraph_kit::{id::OrderId, planted};

use super::{
    Orders,
    failure::Failure,
    ports::{Committed, MOST_RELEASED, PortError, Released, RestockRequest, Restocked, StockLine},
};
use crate::{
    domain::{
        backoff,
        effect::{ClaimedEffect, Effect, EffectOutcome, RestockPayload},
        order::Order,
    },
    repo,
};

/// From this many failures on, a failure is logged as an error: something is wrong that does not pass by itself.
const FAILURES_OF_CONCERN: u32 = 5;

/// The most effects that are claimed at once.
const LARGEST_CLAIM: u64 = 500;

/// What one run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EffectsRun {
    /// How many effects the warehouses have confirmed.
    pub done: u64,
    /// How many failed and are tried again later.
    pub failed: u64,
}

/// Why an effect is not done yet.
#[derive(Debug, thiserror::Error)]
pub(super) enum EffectError {
    #[error(transparent)]
    Port(#[from] PortError),
    #[error(transparent)]
    Failed(#[from] Failure),
    /// The warehouses answered what contradicts the order.
    #[error("contradiction: {0}")]
    Contradiction(String),
    /// One of the others could not be reached a moment ago.
    #[error("not tried: the warehouses could not be reached")]
    NotTried,
}

impl From<sea_orm::DbErr> for EffectError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Failed(Failure::Database(error))
    }
}

/// How an effect ended.
pub(super) enum Ended {
    /// To be noted.
    Done,
    /// Already noted, together with what it changed.
    Noted,
}

/// An effect, and how it ended.
type Outcome = (ClaimedEffect, Result<Ended, EffectError>);

fn sold_unpaid() -> EffectError {
    EffectError::Contradiction("the stock of an unpaid order was sold".to_owned())
}

impl Orders {
    /// Carries out up to `limit` effects that are due, whoever owes them. For a loop that runs at all times.
    ///
    /// # Errors
    ///
    /// The database fails. What fails at the warehouses is noted, and counted in the answer.
    pub async fn run_due_effects(&self, limit: u64) -> Result<EffectsRun, Failure> {
        self.run(None, limit).await
    }

    /// Carries out what these orders owe, as far as it is due. Whatever fails here is tried again later.
    pub(super) async fn carry_out(&self, orders: &[OrderId]) {
        if let Err(error) = self.run(Some(orders), u64::MAX).await {
            tracing::warn!(%error, "effects are left for later");
        }
    }

    async fn run(&self, orders: Option<&[OrderId]>, limit: u64) -> Result<EffectsRun, Failure> {
        let mut run = EffectsRun::default();
        loop {
            let left = limit.saturating_sub(run.done + run.failed);
            if left == 0 {
                return Ok(run);
            }
            let claimed = self.claim(orders, left.min(LARGEST_CLAIM)).await?;
            if claimed.is_empty() {
                return Ok(run);
            }
            let batch = self.run_claimed(claimed).await?;
            run.done += batch.done;
            run.failed += batch.failed;
        }
    }

    async fn claim(
        &self,
        orders: Option<&[OrderId]>,
        limit: u64,
    ) -> Result<Vec<ClaimedEffect>, Failure> {
        let now = self.clock.now();
        let lease = now + self.options.effect_lease;
        let claim = repo::effect::claim(self.database.writer(), orders, now, lease, limit);
        Ok(self.write("claim effects", claim).await?)
    }

    async fn run_claimed(&self, claimed: Vec<ClaimedEffect>) -> Result<EffectsRun, Failure> {
        let ids = claimed.iter().map(|effect| effect.order);
        let orders = repo::order::by_ids(self.database.writer(), ids).await?;
        self.run_on_loan(&orders, claimed).await
    }

    /// Carries out effects of these orders that are on loan to this process.
    pub(super) async fn run_on_loan(
        &self,
        orders: &[Order],
        claimed: Vec<ClaimedEffect>,
    ) -> Result<EffectsRun, Failure> {
        let db = self.database.writer();
        let orders: HashMap<_, _> = orders.iter().map(|order| (order.id, order)).collect();
        let (releases, others): (Vec<_>, Vec<_>) = claimed
            .into_iter()
            .partition(|effect| effect.effect == Effect::Release);
        let mut ended = self.give_back_all(&orders, releases).await;
        ended.extend(self.perform_all(&orders, others).await);
        let mut run = EffectsRun::default();
        let mut done = Vec::new();
        for (effect, ended) in ended {
            match ended {
                Ok(Ended::Done) => done.push(effect.id),
                Ok(Ended::Noted) => run.done += 1,
                Err(_) if planted!("effect noted unheard") => done.push(effect.id),
                Err(error) => {
                    run.failed += 1;
                    self.postpone(&effect, &error).await?;
                }
            }
        }
        if !done.is_empty() {
            let finish = repo::effect::finish(db, &done, EffectOutcome::Done, self.clock.now());
            self.write("finish effects", finish).await?;
        }
        run.done += done.len() as u64;
        Ok(run)
    }

    /// Gives back what these orders hold, many holds with one call: after a rush that few paid for, there are thousands of them.
    async fn give_back_all(
        &self,
        orders: &HashMap<OrderId, &Order>,
        mut effects: Vec<ClaimedEffect>,
    ) -> Vec<Outcome> {
        let mut ended = Vec::with_capacity(effects.len());
        while !effects.is_empty() {
            let some = effects.split_off(effects.len().saturating_sub(MOST_RELEASED));
            let hold = |effect: &ClaimedEffect| Some(orders.get(&effect.order)?.reservation);
            let ids: Vec<_> = some.iter().filter_map(hold).collect();
            let released = self
                .ask("give stock back", || self.stock.release(&ids))
                .await;
            ended.extend(some.into_iter().map(|effect| {
                let outcome = match (&released, hold(&effect)) {
                    (_, None) => Err(EffectError::Contradiction("no such order".to_owned())),
                    (Err(error), _) => Err(error.clone().into()),
                    (Ok(released), Some(id)) => match released.get(&id) {
                        Some(Released::Sold) => Err(sold_unpaid()),
                        // A hold that was never made is as good as one that was given back.
                        Some(Released::Free) | None => Ok(Ended::Done),
                    },
                };
                (effect, outcome)
            }));
        }
        ended
    }

    /// Carries out effects side by side. Where the warehouses cannot be reached, those that have not begun are left for later.
    async fn perform_all(
        &self,
        orders: &HashMap<OrderId, &Order>,
        effects: Vec<ClaimedEffect>,
    ) -> Vec<Outcome> {
        let cut_off = AtomicBool::new(false);
        stream::iter(effects)
            .map(|effect| async {
                let ended = match orders.get(&effect.order) {
                    _ if cut_off.load(Ordering::Relaxed) => Err(EffectError::NotTried),
                    Some(order) => self.perform(order, &effect).await,
                    None => Err(EffectError::Contradiction("no such order".to_owned())),
                };
                if matches!(ended, Err(EffectError::Port(PortError::Unreachable(_)))) {
                    cut_off.store(true, Ordering::Relaxed);
                }
                (effect, ended)
            })
            .buffer_unordered(self.options.effect_concurrency.max(1))
            .collect()
            .await
    }

    async fn perform(&self, order: &Order, effect: &ClaimedEffect) -> Result<Ended, EffectError> {
        match &effect.effect {
            Effect::Commit => match self
                .ask("sell stock", || self.stock.commit(order.reservation))
                .await?
            {
                Committed::Sold => Ok(Ended::Done),
                Committed::Gone(_) => self.renew_hold(order).await,
            },
            Effect::Release => match self.release(order.reservation).await? {
                Released::Free => Ok(Ended::Done),
                Released::Sold => Err(sold_unpaid()),
            },
            Effect::Restock(payload) => self.restock(order, payload).await,
        }
    }

    async fn restock(&self, order: &Order, payload: &RestockPayload) -> Result<Ended, EffectError> {
        let lines = payload
            .lines()
            .map(|(product, quantity)| StockLine { product, quantity });
        let request = RestockRequest {
            id: if planted!("restocking drawn by lot") {
                self.ids.next()
            } else {
                payload.id()
            },
            reservation: order.reservation,
            lines: lines.collect(),
            warehouse: payload.warehouse(),
            reason: payload.reason.clone(),
        };
        match self
            .ask("restock", || self.stock.restock(request.clone()))
            .await?
        {
            Restocked::Done => Ok(Ended::Done),
            Restocked::Refused(why) => Err(EffectError::Contradiction(why)),
        }
    }

    async fn postpone(&self, effect: &ClaimedEffect, error: &EffectError) -> Result<(), Failure> {
        let kind = effect.effect.kind().as_str();
        let (order, attempts) = (effect.order, effect.attempts);
        if attempts >= FAILURES_OF_CONCERN {
            tracing::error!(%error, %order, kind, attempts, "an effect fails again and again");
        } else {
            tracing::warn!(%error, %order, kind, attempts, "an effect failed and is tried again");
        }
        let wait = backoff::wait(
            attempts,
            self.options.effect_first_wait,
            self.options.effect_longest_wait,
            self.random.bytes(),
        );
        let db = self.database.writer();
        let next = self.clock.now() + wait;
        let error = error.to_string();
        let postpone = repo::effect::postpone(db, effect, &error, next);
        Ok(self.write("postpone effect", postpone).await?)
    }
}
