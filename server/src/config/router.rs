//! The router.

use serde::{Deserialize, Serialize};

/// The router.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RouterConfig {
    /// Whether the playground is served at `/`. Default: true.
    pub playground: bool,
    /// How long a subgraph over HTTP may take to answer, in milliseconds. Default: 30000.
    pub subgraph_timeout_milliseconds: u64,
    /// How long the router waits at its start for subgraphs that do not answer yet, in seconds. Default: 30.
    pub startup_timeout_seconds: u64,
}

impl Default for RouterConfig {
    fn default() -> Self {
        Self {
            playground: true,
            subgraph_timeout_milliseconds: 30_000,
            startup_timeout_seconds: 30,
        }
    }
}
