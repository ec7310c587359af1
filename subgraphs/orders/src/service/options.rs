//! How long everything may take.

use std::time::Duration;

use chrono::TimeDelta;

/// The times of the checkout.
#[derive(Clone, Debug)]
pub struct OrdersOptions {
    /// How long an order may wait for its payment. Default: 15 minutes.
    pub payment_timeout: TimeDelta,
    /// How much longer than that the stock is held, so that a payment in the last moment finds it. Default: 5 minutes.
    pub hold_grace: TimeDelta,
    /// How long another domain may take to answer one call. Default: 5 seconds.
    pub port_timeout: Duration,
    /// How long an effect belongs to the one who is carrying it out; longer than several calls take. Default: 15 seconds.
    pub effect_lease: TimeDelta,
    /// How long to wait at first before a failed effect is tried again; doubled with each failure, a random half taken off.
    /// Default: 1 second.
    pub effect_first_wait: TimeDelta,
    /// The longest such wait. Default: 1 minute.
    pub effect_longest_wait: TimeDelta,
    /// How many effects are carried out side by side. Default: 64.
    pub effect_concurrency: usize,
    /// How long an effect may be owed before it counts as stuck. Default: 5 minutes.
    pub effect_stuck_after: TimeDelta,
}

impl Default for OrdersOptions {
    fn default() -> Self {
        Self {
            payment_timeout: TimeDelta::minutes(15),
            hold_grace: TimeDelta::minutes(5),
            port_timeout: Duration::from_secs(5),
            effect_lease: TimeDelta::seconds(15),
            effect_first_wait: TimeDelta::seconds(1),
            effect_longest_wait: TimeDelta::minutes(1),
            effect_concurrency: 64,
            effect_stuck_after: TimeDelta::minutes(5),
        }
    }
}
