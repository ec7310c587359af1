//! Carries out what orders still owe the warehouses, again and again until it is heard.

use std::time::Duration;

use stockgraph_kit::subgraph::Service;
use stockgraph_orders::OrdersSubgraph;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::config::OrdersConfig;

/// How many effects one round takes on.
const BATCH: u64 = 100;

/// Looks for due effects at the configured interval until `stop`. A round under way then is finished.
pub fn start(
    orders: &Service<OrdersSubgraph>,
    config: &OrdersConfig,
    stop: &CancellationToken,
    tasks: &TaskTracker,
) {
    let orders = orders.clone();
    let stop = stop.clone();
    let mut rounds = interval(Duration::from_millis(config.effect_interval_milliseconds));
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tasks.spawn(async move {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = rounds.tick() => {}
            }
            run_due(&orders).await;
        }
    });
}

async fn run_due(orders: &Service<OrdersSubgraph>) {
    match orders.subgraph().orders().run_due_effects(BATCH).await {
        Ok(run) if run.done + run.failed == 0 => {}
        Ok(run) => tracing::info!(
            done = run.done,
            failed = run.failed,
            "effects on the stock that were owed"
        ),
        Err(cause) => tracing::error!(%cause, "effects on the stock cannot be carried out"),
    }
}
