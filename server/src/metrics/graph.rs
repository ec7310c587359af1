//! What the router counts: requests, operations that were planned before, and its traffic with subgraphs.

use std::{
    collections::HashSet,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use prometheus_client::{
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};
use stockgraph_router::{
    observe::{FetchReport, Observer, RequestReport},
    planning::OperationKind,
};

use super::Labels;

/// How many different names of operations, and codes of errors, are told apart. Clients choose the names, so what comes after these is
/// counted together: a series for each would fill the memory of whoever scrapes them.
const MOST_NAMES: usize = 200;

/// What stands for the names that are not told apart.
const OTHERS: &str = "(others)";

/// What stands for an operation without a name, or a request whose operation could not be read.
const NAMELESS: &str = "";

type Histograms = Family<Labels, Histogram, fn() -> Histogram>;

/// The router's counters. Clones share them.
#[derive(Clone)]
pub struct GraphMetrics {
    operations: Names,
    codes: Names,
    requests: Family<Labels, Counter>,
    request_duration: Histograms,
    errors: Family<Labels, Counter>,
    prepared: Family<Labels, Counter>,
    planning_duration: Histogram,
    fetches: Family<Labels, Counter>,
    fetch_duration: Histograms,
    fetch_entities: Histograms,
    retries: Family<Labels, Counter>,
    shared: Family<Labels, Counter>,
    circuits: Family<Labels, Gauge>,
    reloads: Family<Labels, Counter>,
}

impl fmt::Debug for GraphMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GraphMetrics")
    }
}

/// Names that others choose, as long as they are few.
#[derive(Clone, Default)]
struct Names(Arc<Mutex<HashSet<String>>>);

impl Names {
    /// The name as a label: itself, or [`OTHERS`].
    fn label(&self, name: &str) -> String {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.contains(name) {
            return name.to_owned();
        }
        if known.len() >= MOST_NAMES {
            return OTHERS.to_owned();
        }
        known.insert(name.to_owned());
        name.to_owned()
    }
}

/// From a quarter of a millisecond to 16 seconds.
fn durations() -> Histogram {
    Histogram::new(exponential_buckets(0.000_25, 2.0, 17))
}

/// From one to 4,096.
fn sizes() -> Histogram {
    Histogram::new(exponential_buckets(1.0, 2.0, 13))
}

impl GraphMetrics {
    /// The counters, shown in this registry.
    pub fn registered(registry: &mut Registry) -> Self {
        let metrics = Self {
            operations: Names::default(),
            codes: Names::default(),
            requests: Family::default(),
            request_duration: Family::new_with_constructor(durations),
            errors: Family::default(),
            prepared: Family::default(),
            planning_duration: durations(),
            fetches: Family::default(),
            fetch_duration: Family::new_with_constructor(durations),
            fetch_entities: Family::new_with_constructor(sizes),
            retries: Family::default(),
            shared: Family::default(),
            circuits: Family::default(),
            reloads: Family::default(),
        };
        metrics.register_requests(registry);
        metrics.register_fetches(registry);
        registry.register(
            "graph_reloads",
            "How often a changed graph was taken over or refused, by outcome",
            metrics.reloads.clone(),
        );
        metrics
    }

    fn register_requests(&self, registry: &mut Registry) {
        registry.register(
            "graphql_requests",
            "Requests that were answered, by operation, kind and outcome",
            self.requests.clone(),
        );
        registry.register_with_unit(
            "graphql_request_duration",
            "How long requests took, by operation",
            Unit::Seconds,
            self.request_duration.clone(),
        );
        registry.register(
            "graphql_errors",
            "Errors in answers, by code",
            self.errors.clone(),
        );
        registry.register(
            "graphql_plan_cache",
            "Operations that were looked up among those planned before, by result",
            self.prepared.clone(),
        );
        registry.register_with_unit(
            "graphql_planning_duration",
            "How long it took to read, check and plan operations that were not known",
            Unit::Seconds,
            self.planning_duration.clone(),
        );
    }

    fn register_fetches(&self, registry: &mut Registry) {
        registry.register(
            "subgraph_fetches",
            "Calls of subgraphs, by subgraph and outcome",
            self.fetches.clone(),
        );
        registry.register_with_unit(
            "subgraph_fetch_duration",
            "How long calls of subgraphs took, by subgraph",
            Unit::Seconds,
            self.fetch_duration.clone(),
        );
        registry.register(
            "subgraph_fetch_entities",
            "How many entities one call asks for, by subgraph",
            self.fetch_entities.clone(),
        );
        registry.register(
            "subgraph_fetch_retries",
            "Queries that were sent to a subgraph again, by subgraph",
            self.retries.clone(),
        );
        registry.register(
            "subgraph_fetches_shared",
            "Queries that were answered by the same one of the same caller, by subgraph",
            self.shared.clone(),
        );
        registry.register(
            "subgraph_circuit_open",
            "1 while a subgraph is left alone because it keeps failing",
            self.circuits.clone(),
        );
    }

    /// A changed graph was taken over, or refused.
    pub fn graph_reloaded(&self, taken: bool) {
        let outcome = if taken { "ok" } else { "refused" };
        let labels = vec![("outcome", outcome.to_owned())];
        self.reloads.get_or_create(&labels).inc();
    }
}

impl Observer for GraphMetrics {
    fn request_answered(&self, report: &RequestReport<'_>) {
        let operation = self.operations.label(report.operation.unwrap_or(NAMELESS));
        let kind = match report.kind {
            Some(OperationKind::Query) => "query",
            Some(OperationKind::Mutation) => "mutation",
            Some(OperationKind::Subscription) => "subscription",
            None => "unknown",
        };
        let labels = vec![
            ("operation", operation.clone()),
            ("kind", kind.to_owned()),
            ("outcome", report.outcome.as_str().to_owned()),
        ];
        self.requests.get_or_create(&labels).inc();
        self.request_duration
            .get_or_create(&vec![("operation", operation)])
            .observe(report.duration.as_secs_f64());
        for code in report.codes {
            let labels = vec![("code", self.codes.label(code))];
            self.errors.get_or_create(&labels).inc();
        }
    }

    fn operation_prepared(&self, was_known: bool, duration: Duration) {
        let result = if was_known { "hit" } else { "miss" };
        let labels = vec![("result", result.to_owned())];
        self.prepared.get_or_create(&labels).inc();
        if !was_known {
            self.planning_duration.observe(duration.as_secs_f64());
        }
    }

    fn fetch_ended(&self, report: &FetchReport<'_>) {
        let subgraph = || ("subgraph", report.subgraph.to_owned());
        let outcome = match report.failure {
            Some(code) => self.codes.label(code),
            None if report.errors > 0 => "errors".to_owned(),
            None => "ok".to_owned(),
        };
        let labels = vec![subgraph(), ("outcome", outcome)];
        self.fetches.get_or_create(&labels).inc();
        let labels = vec![subgraph()];
        self.fetch_duration
            .get_or_create(&labels)
            .observe(report.duration.as_secs_f64());
        if let Some(entities) = report.entities {
            #[expect(
                clippy::cast_precision_loss,
                reason = "no answer holds more entities than an f64 counts"
            )]
            self.fetch_entities
                .get_or_create(&labels)
                .observe(entities as f64);
        }
    }

    fn fetch_retried(&self, subgraph: &str) {
        let labels = vec![("subgraph", subgraph.to_owned())];
        self.retries.get_or_create(&labels).inc();
    }

    fn fetch_shared(&self, subgraph: &str) {
        let labels = vec![("subgraph", subgraph.to_owned())];
        self.shared.get_or_create(&labels).inc();
    }

    fn circuit_changed(&self, subgraph: &str, is_open: bool) {
        let labels = vec![("subgraph", subgraph.to_owned())];
        self.circuits.get_or_create(&labels).set(is_open.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_clients_make_up_are_counted_together_once_there_are_many() {
        let names = Names::default();
        for number in 0..MOST_NAMES {
            let name = format!("op{number}");
            assert_eq!(names.label(&name), name);
        }
        assert_eq!(names.label("one more"), OTHERS);
        assert_eq!(names.label("op7"), "op7");
    }
}
