//! Carries out what orders still owe the warehouses, again and again until it is heard.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use stockgraph_kit::subgraph::Service;
use stockgraph_orders::{
    OrdersSubgraph,
    service::{EffectsRun, owed_effects::OwedEffects},
};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{config::OrdersConfig, foundation::Foundation};

/// How many effects one round takes on.
const BATCH: u64 = 100;

/// How often it is said that effects are stuck, as long as some are.
const REPORT_AGAIN_AFTER: TimeDelta = TimeDelta::minutes(1);

/// Looks for due effects at the configured interval until `stop`. A round under way then is finished.
pub fn start(
    orders: &Service<OrdersSubgraph>,
    foundation: &Foundation,
    config: &OrdersConfig,
    stop: &CancellationToken,
    tasks: &TaskTracker,
) {
    let mut effects = EffectsLoop::new(orders, foundation);
    let stop = stop.clone();
    let mut rounds = interval(Duration::from_millis(config.effect_interval_milliseconds));
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tasks.spawn(async move {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = rounds.tick() => {}
            }
            effects.round().await;
        }
    });
}

/// What goes round.
pub struct EffectsLoop {
    orders: Service<OrdersSubgraph>,
    foundation: Foundation,
    report_at: DateTime<Utc>,
}

impl EffectsLoop {
    /// A loop over the effects of these orders.
    #[must_use]
    pub fn new(orders: &Service<OrdersSubgraph>, foundation: &Foundation) -> Self {
        // Shown before the first of them, so that the first failure is an increase.
        foundation.metrics.effects_retried(EffectsRun::default());
        Self {
            orders: orders.clone(),
            foundation: foundation.clone(),
            report_at: DateTime::<Utc>::MIN_UTC,
        }
    }

    /// Carries out what is due, and says once a minute what is stuck. Answers what it said.
    pub async fn round(&mut self) -> Option<OwedEffects> {
        self.run_due().await;
        let now = self.foundation.clock.now();
        if now < self.report_at {
            return None;
        }
        self.report_at = now + REPORT_AGAIN_AFTER;
        match self.orders.subgraph().orders().owed_effects().await {
            Ok(owed) if owed.stuck > 0 => {
                tracing::error!(
                    stuck = owed.stuck,
                    oldest_seconds = owed.age(now).num_seconds(),
                    "effects on the stock are stuck; `stockgraph verify` names them"
                );
                Some(owed)
            }
            Ok(_) => None,
            Err(cause) => {
                tracing::warn!(%cause, "what is owed to the warehouses cannot be read");
                None
            }
        }
    }

    async fn run_due(&self) {
        match self.orders.subgraph().orders().run_due_effects(BATCH).await {
            Ok(run) if run.done + run.failed == 0 => {}
            Ok(run) => {
                self.foundation.metrics.effects_retried(run);
                tracing::info!(
                    done = run.done,
                    failed = run.failed,
                    "effects on the stock that were owed"
                );
            }
            Err(cause) => tracing::error!(%cause, "effects on the stock cannot be carried out"),
        }
    }
}
