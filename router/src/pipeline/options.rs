//! What can be set about a router.

use http::HeaderName;
use http::header::{ACCEPT_LANGUAGE, AUTHORIZATION};
use std::time::Duration;

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
    /// Headers of a client's request that subgraphs see. Nothing else is passed on.
    pub propagated_headers: Vec<HeaderName>,
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
            propagated_headers: vec![
                AUTHORIZATION,
                ACCEPT_LANGUAGE,
                HeaderName::from_static("traceparent"),
                HeaderName::from_static("tracestate"),
                HeaderName::from_static("x-request-id"),
            ],
        }
    }
}
