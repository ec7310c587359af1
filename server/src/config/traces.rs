//! Traces of requests.

use serde::{Deserialize, Serialize};

/// Traces of requests across router and subgraphs, sent to a collector of OpenTelemetry.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TracesConfig {
    /// The collector, which takes OTLP over HTTP, e.g. `http://127.0.0.1:4318`. Default: none, nothing is sent.
    pub otlp_endpoint: Option<String>,
    /// What this process is called in traces. Default: `stockgraph`.
    pub service_name: String,
    /// How many traces in a hundred are sent of those that begin here; of those that a caller began, as the caller decided.
    /// Default: 100.
    pub sample_percent: u8,
}

impl Default for TracesConfig {
    fn default() -> Self {
        Self {
            otlp_endpoint: None,
            service_name: "stockgraph".into(),
            sample_percent: 100,
        }
    }
}
