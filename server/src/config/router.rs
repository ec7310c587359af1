//! The router.

use serde::{Deserialize, Serialize};

use super::{HeadersConfig, TrafficConfig};

/// The router.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RouterConfig {
    /// Whether the playground is served at `/`. Default: true.
    pub playground: bool,
    /// How long a whole request may take, in milliseconds. Then it is answered with what is there. Default: 60000.
    pub request_timeout_milliseconds: u64,
    /// How long the router waits at its start for subgraphs that do not answer yet, in seconds. Default: 30.
    pub startup_timeout_seconds: u64,
    /// How often subgraphs are asked for their schemas, and files with schemas are read, to see whether they have changed, in
    /// seconds; 0 for only on SIGHUP. Default: 10.
    pub poll_seconds: u64,
    /// How subgraphs are called over HTTP.
    pub traffic: TrafficConfig,
    /// Which headers pass through.
    pub headers: HeadersConfig,
}

impl Default for RouterConfig {
    fn default() -> Self {
        Self {
            playground: true,
            request_timeout_milliseconds: 60_000,
            startup_timeout_seconds: 30,
            poll_seconds: 10,
            traffic: TrafficConfig::default(),
            headers: HeadersConfig::default(),
        }
    }
}

impl RouterConfig {
    /// What no type can say of a value.
    ///
    /// # Errors
    ///
    /// Names the setting and what it must be.
    pub fn check(&self) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.request_timeout_milliseconds > 0,
            "router.request_timeout_milliseconds must be more than 0"
        );
        self.traffic.check()?;
        self.headers.rules().map(drop)
    }
}
