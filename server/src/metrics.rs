//! What this process counts, for Prometheus.
//!
//! Counters are of this process, since its start. What orders owe the warehouses is read from their database, so every process that
//! has it tells the same.

mod graph;
mod routes;

use std::{fmt, sync::Arc};

use chrono::{DateTime, Utc};
use prometheus_client::{
    encoding::prometheus_text,
    metrics::{counter::Counter, family::Family, gauge::Gauge, info::Info},
    registry::{Registry, Unit},
};
use stockgraph_orders::service::{EffectsRun, owed_effects::OwedEffects};
use stockgraph_router::serving::Streaming;

pub use self::{
    graph::GraphMetrics,
    routes::{PATH, routes},
};

/// What stands before every name.
const PREFIX: &str = "stockgraph";

type Labels = Vec<(&'static str, String)>;

/// The counters of a process. Clones share them.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    job_runs: Family<Labels, Counter>,
    job_items: Family<Labels, Counter>,
    job_last_success: Family<Labels, Gauge>,
    webhook_deliveries: Family<Labels, Counter>,
    effects_retried: Family<Labels, Counter>,
    /// Those of the router.
    pub graph: GraphMetrics,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix(PREFIX);
        registry.register(
            "build",
            "The version of this program",
            Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]),
        );
        let metrics = Self {
            registry: Arc::default(),
            job_runs: Family::default(),
            job_items: Family::default(),
            job_last_success: Family::default(),
            webhook_deliveries: Family::default(),
            effects_retried: Family::default(),
            graph: GraphMetrics::registered(&mut registry),
        };
        registry.register(
            "job_runs",
            "Runs of scheduled jobs, by job and outcome",
            metrics.job_runs.clone(),
        );
        registry.register(
            "job_items",
            "What scheduled jobs have worked off, by job",
            metrics.job_items.clone(),
        );
        registry.register_with_unit(
            "job_last_success_timestamp",
            "When a job last went well, in seconds since the Unix epoch",
            Unit::Seconds,
            metrics.job_last_success.clone(),
        );
        registry.register(
            "webhook_deliveries",
            "What others reported over HTTP, by outcome",
            metrics.webhook_deliveries.clone(),
        );
        registry.register(
            "stock_effects_retried",
            "Effects on the stock that did not succeed at once and were tried again, by outcome",
            metrics.effects_retried.clone(),
        );
        Self {
            registry: Arc::new(registry),
            ..metrics
        }
    }
}

impl Metrics {
    /// Shows a job before its first run, so that its first failure is an increase.
    pub fn job_exists(&self, job: &str) {
        for outcome in ["ok", "failed"] {
            self.job_runs(job, outcome).inc_by(0);
        }
        self.job_items.get_or_create(&of_job(job)).inc_by(0);
    }

    /// A job has worked off so many items at this time.
    pub fn job_ran(&self, job: &str, items: usize, now: DateTime<Utc>) {
        self.job_runs(job, "ok").inc();
        self.job_items
            .get_or_create(&of_job(job))
            .inc_by(items as u64);
        self.job_last_success
            .get_or_create(&of_job(job))
            .set(now.timestamp());
    }

    /// A job has failed, after it had worked off so many items.
    pub fn job_failed(&self, job: &str, items: usize) {
        self.job_runs(job, "failed").inc();
        self.job_items
            .get_or_create(&of_job(job))
            .inc_by(items as u64);
    }

    fn job_runs(&self, job: &str, outcome: &str) -> Counter {
        let labels = vec![("job", job.to_owned()), ("outcome", outcome.to_owned())];
        self.job_runs.get_or_create_owned(&labels)
    }

    /// Something was reported to this webhook. `outcome` is one of few.
    pub fn webhook_delivery(&self, webhook: &str, outcome: &'static str) {
        let outcome = outcome.to_ascii_lowercase();
        let labels = vec![("webhook", webhook.to_owned()), ("outcome", outcome)];
        self.webhook_deliveries.get_or_create(&labels).inc();
    }

    /// A round of effects was tried again.
    pub fn effects_retried(&self, run: EffectsRun) {
        for (outcome, number) in [("done", run.done), ("failed", run.failed)] {
            let labels = vec![("outcome", outcome.to_owned())];
            self.effects_retried.get_or_create(&labels).inc_by(number);
        }
    }

    /// All of it in [Prometheus' text format](https://prometheus.io/docs/instrumenting/exposition_formats/), with what is owed to the
    /// warehouses and who subscribes, where that is known.
    ///
    /// # Errors
    ///
    /// Never: a text takes all that is written to it.
    pub fn text(
        &self,
        owed: Option<&OwedEffects>,
        streaming: Option<&Streaming>,
        now: DateTime<Utc>,
    ) -> Result<String, fmt::Error> {
        let mut text = String::new();
        prometheus_text::encode(&mut text, &self.registry)?;
        if let Some(owed) = owed {
            prometheus_text::encode(&mut text, &of_effects(owed, now))?;
        }
        if let Some(streaming) = streaming {
            prometheus_text::encode(&mut text, &of_streams(streaming))?;
        }
        Ok(text)
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

fn of_job(job: &str) -> Labels {
    vec![("job", job.to_owned())]
}

/// What is owed, as it was read just now.
fn of_effects(owed: &OwedEffects, now: DateTime<Utc>) -> Registry {
    let mut registry = Registry::with_prefix(PREFIX);
    let open: Family<Labels, Gauge> = Family::default();
    for (kind, number) in &owed.open {
        let labels = vec![("kind", kind.as_str().to_ascii_lowercase())];
        open.get_or_create(&labels).set(signed(*number));
    }
    registry.register(
        "stock_effects_open",
        "Effects on the stock that the warehouses have not confirmed, by kind",
        open,
    );
    let stuck: Gauge = Gauge::default();
    stuck.set(signed(owed.stuck));
    registry.register(
        "stock_effects_stuck",
        "Effects on the stock that have been owed for longer than orders.effect_stuck_after_seconds",
        stuck,
    );
    let age: Gauge = Gauge::default();
    age.set(owed.age(now).num_seconds());
    registry.register_with_unit(
        "stock_effect_oldest_age",
        "How long the oldest effect on the stock has been owed; 0 where there is none",
        Unit::Seconds,
        age,
    );
    registry
}

/// Who subscribes just now.
fn of_streams(streaming: &Streaming) -> Registry {
    let mut registry = Registry::with_prefix(PREFIX);
    let gauge = |number: usize| {
        let gauge: Gauge = Gauge::default();
        gauge.set(i64::try_from(number).unwrap_or(i64::MAX));
        gauge
    };
    registry.register(
        "graphql_subscriptions_open",
        "Subscriptions that are open, over websockets and as server-sent events",
        gauge(streaming.open_subscriptions()),
    );
    registry.register(
        "graphql_websockets_open",
        "Websockets that are open",
        gauge(streaming.open_connections()),
    );
    registry
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use stockgraph_orders::domain::effect::EffectKind;
    use stockgraph_router::{
        observe::{FetchReport, Observer, Outcome, RequestReport},
        planning::OperationKind,
    };

    use super::*;

    /// One of everything that the router tells.
    fn observe(graph: &GraphMetrics) {
        let duration = Duration::from_millis(3);
        graph.request_answered(&RequestReport {
            operation: Some("Cart"),
            kind: Some(OperationKind::Query),
            outcome: Outcome::Failed,
            codes: &["SUBGRAPH_TIMEOUT".to_owned()],
            duration,
        });
        graph.operation_prepared(true, duration);
        graph.operation_prepared(false, duration);
        graph.fetch_ended(&FetchReport {
            subgraph: "products",
            entities: Some(20),
            failure: Some("SUBGRAPH_TIMEOUT"),
            errors: 0,
            duration,
        });
        graph.fetch_retried("products");
        graph.fetch_shared("products");
        graph.circuit_changed("products", true);
        graph.graph_reloaded(false);
    }

    #[test]
    fn everything_is_in_the_text_format() {
        let metrics = Metrics::default();
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        metrics.job_exists("expire_orders");
        metrics.job_ran("expire_orders", 7, now);
        metrics.job_failed("expire_orders", 1);
        metrics.webhook_delivery("payments", "paid");
        metrics.webhook_delivery("payments", "ORDER_NOT_FOUND");
        metrics.effects_retried(EffectsRun { done: 2, failed: 1 });
        let owed = OwedEffects {
            open: EffectKind::ALL.into_iter().zip([3, 0, 1]).collect(),
            stuck: 2,
            oldest: Some(now - chrono::TimeDelta::seconds(90)),
        };
        observe(&metrics.graph);
        let text = metrics
            .text(Some(&owed), Some(&Streaming::default()), now)
            .unwrap();
        // Where times fall is not for a snapshot.
        let of_time = |line: &&str| line.contains("_bucket{") || line.contains("_seconds_sum");
        let mut lines: Vec<&str> = text.lines().filter(|line| !of_time(line)).collect();
        // The order of a family's members is not kept.
        lines.sort_by_key(|line| {
            let comment = line.starts_with('#');
            let name = line.split(['{', ' ']).nth(usize::from(comment) * 2);
            (name, !comment, *line)
        });
        insta::assert_snapshot!(lines.join("\n"));
    }
}
