//! The checkout.

use serde::{Deserialize, Serialize};

/// The checkout.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OrdersConfig {
    /// How long an order may wait for its payment, in seconds. Default: 900.
    pub payment_timeout_seconds: u32,
    /// How much longer than that the stock is held, in seconds, so that a payment in the last moment finds it. Default: 300.
    pub hold_grace_seconds: u32,
    /// How often what is still owed to the warehouses is looked for, in milliseconds. Default: 1000.
    pub effect_interval_milliseconds: u64,
    /// How long what is owed belongs to the process that is carrying it out, in seconds: what a killed one leaves undone waits so long.
    /// Longer than several calls of the warehouses take. Default: 60.
    pub effect_lease_seconds: u32,
}

impl Default for OrdersConfig {
    fn default() -> Self {
        Self {
            payment_timeout_seconds: 900,
            hold_grace_seconds: 300,
            effect_interval_milliseconds: 1_000,
            effect_lease_seconds: 60,
        }
    }
}

impl OrdersConfig {
    pub(super) fn check(&self) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.payment_timeout_seconds > 0,
            "orders.payment_timeout_seconds must be at least 1"
        );
        anyhow::ensure!(
            self.effect_interval_milliseconds > 0,
            "orders.effect_interval_milliseconds must be at least 1"
        );
        anyhow::ensure!(
            self.effect_lease_seconds > 0,
            "orders.effect_lease_seconds must be at least 1"
        );
        Ok(())
    }
}
