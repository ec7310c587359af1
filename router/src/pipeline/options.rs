//! What can be set about a router.

use std::sync::Arc;
use std::time::Duration;

use crate::headers::HeaderRules;
use crate::observe::{Observer, Unobserved};
use crate::planning::OperationLimits;

/// How a router works; each field has a default that suits a public graph.
#[derive(Debug, Clone)]
pub struct RouterOptions {
    /// How large requests may be.
    pub limits: Limits,
    /// About how many bytes of plans are kept for operations that come again.
    pub plan_cache_bytes: u64,
    /// The longest that planning one operation may take.
    pub planning_timeout: Duration,
    /// The longest that a whole request may take. Then it is answered with what is there, and an error for what is not.
    pub request_timeout: Duration,
    /// Which headers subgraphs see of a client's request, and the client of their answers.
    pub headers: HeaderRules,
    /// Hears what the router does.
    pub observer: Arc<dyn Observer>,
}

/// How large requests may be.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of an HTTP request's body.
    pub body_bytes: usize,
    /// Size of the operation.
    pub operation: OperationLimits,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            body_bytes: 1024 * 1024,
            operation: OperationLimits::default(),
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
            observer: Arc::new(Unobserved),
        }
    }
}
