//! The demo shop.

use serde::{Deserialize, Serialize};

/// The demo shop.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DemoConfig {
    /// Whether empty databases are filled with the demo shop, its accounts and their well-known passwords included. Not set: embedded
    /// databases are, PostgreSQL is not.
    pub seed: Option<bool>,
}
