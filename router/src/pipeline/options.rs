//! What can be set about a router.

use std::sync::Arc;
use std::time::Duration;

use super::debug::DebugAccess;
use super::documents::Manifest;
use crate::headers::HeaderRules;
use crate::observe::{Observer, Unobserved};
use crate::planning::PlannerOptions;

pub use crate::planning::CostOptions;
pub use stockgraph_guard::Limits as OperationLimits;

/// How a router works; each field has a default that suits a public graph.
#[derive(Debug, Clone)]
pub struct RouterOptions {
    /// How large requests may be.
    pub limits: Limits,
    /// About how many bytes of plans are kept for operations that come again.
    pub plan_cache_bytes: u64,
    /// The longest that planning one operation may take, and the longest that it may wait for its turn.
    pub planning_timeout: Duration,
    /// The longest that a whole request may take. Then it is answered with what is there, and an error for what is not.
    pub request_timeout: Duration,
    /// Which headers subgraphs see of a client's request, and the client of their answers.
    pub headers: HeaderRules,
    /// Who may know how their requests are executed.
    pub debug: DebugAccess,
    /// Hears what the router does.
    pub observer: Arc<dyn Observer>,
    /// How many operations are planned at the same time. Those whose plans are kept do not wait for any.
    pub planners: usize,
    /// Whether clients may ask for the schema. Where they may not, no error helps them to guess it.
    pub introspection: bool,
    /// Documents that clients ask for by their ids.
    pub documents: DocumentOptions,
    /// The most requests that one HTTP request may hold as a JSON array; `None` if arrays are refused.
    pub batch: Option<usize>,
}

impl RouterOptions {
    /// What the planner has to know of it.
    pub(crate) fn planner(&self) -> PlannerOptions {
        PlannerOptions {
            limits: self.limits.operation.clone(),
            cost: self.limits.cost.clone(),
            timeout: self.planning_timeout,
            introspection: self.introspection,
        }
    }
}

/// How large requests may be.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of an HTTP request's body.
    pub body_bytes: usize,
    /// Size of the operation and of its variables.
    pub operation: OperationLimits,
    /// What the operation may cost.
    pub cost: CostOptions,
}

/// Documents that clients ask for by their ids.
#[derive(Debug, Clone)]
pub struct DocumentOptions {
    /// Those that are registered, by id. They are planned when the router is made.
    pub manifest: Manifest,
    /// Whether no other is answered.
    pub only: bool,
    /// Bytes of documents that clients may register themselves by sending them with their hash
    /// (automatic persisted queries); none if zero. With `only` they cannot.
    pub automatic_bytes: u64,
}

impl Default for DocumentOptions {
    fn default() -> Self {
        DocumentOptions {
            manifest: Manifest::default(),
            only: false,
            automatic_bytes: 8 * 1024 * 1024,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            body_bytes: 1024 * 1024,
            operation: OperationLimits::default(),
            cost: CostOptions::default(),
        }
    }
}

impl Default for RouterOptions {
    fn default() -> Self {
        RouterOptions {
            limits: Limits::default(),
            plan_cache_bytes: 64 * 1024 * 1024,
            planning_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(60),
            headers: HeaderRules::default(),
            debug: DebugAccess::default(),
            observer: Arc::new(Unobserved),
            planners: default_planners(),
            introspection: true,
            documents: DocumentOptions::default(),
            batch: None,
        }
    }
}

/// Half of the processors, so that planning leaves the others to requests whose plans are known.
fn default_planners() -> usize {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    (processors / 2).max(1)
}
