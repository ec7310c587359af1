//! What is logged, and how.

use serde::{Deserialize, Serialize};

/// What is logged, and how. The log goes to standard error.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// A filter as `tracing-subscriber` reads it, e.g. `info` or `warn,stockgraph_orders=debug`. Default: `info,sea_orm_migration=warn`.
    pub filter: String,
    /// `text` for people, `json` for machines. Default: `text`.
    pub format: LogFormat,
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// An object a line.
    Json,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            filter: "info,sea_orm_migration=warn".into(),
            format: LogFormat::Text,
        }
    }
}
