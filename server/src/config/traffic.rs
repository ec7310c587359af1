//! How the router calls subgraphs over HTTP.

use std::{collections::BTreeMap, time::Duration};

use anyhow::ensure;
use serde::{Deserialize, Serialize};
use stockgraph_router::transport::{BreakerOptions, HttpOptions, RetryOptions, Traffic};

/// How the router calls subgraphs over HTTP.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrafficConfig {
    /// How long a subgraph may take to answer, in milliseconds. Default: 30000.
    pub timeout_milliseconds: u64,
    /// How long connecting may take, in milliseconds. Default: 2000.
    pub connect_timeout_milliseconds: u64,
    /// How often a query is sent again when the connection breaks or the subgraph answers 502 or 503; 0 for never. Mutations are
    /// sent once. Default: 2.
    pub retries: u32,
    /// How many calls in a hundred may be such retries, beside ten a second. Default: 20.
    pub retry_budget_percent: u8,
    /// When so many calls in a hundred have failed within ten seconds, of at least twenty, the subgraph is left alone for a moment.
    /// Default: 50.
    pub breaker_percent: u8,
    /// For how long, in milliseconds; 0 for not at all. Default: 2000.
    pub breaker_open_milliseconds: u64,
    /// Whether identical queries of one caller that are under way at the same moment are sent once. Default: true.
    pub share_in_flight: bool,
    /// Most bytes of an answer. Default: 67108864.
    pub answer_bytes: usize,
    /// The longest that a connection is kept which nobody uses, in seconds. Default: 30.
    pub pool_idle_seconds: u64,
    /// What is different for a subgraph, by its name.
    pub subgraph: BTreeMap<String, SubgraphTraffic>,
}

/// What is different for one subgraph.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SubgraphTraffic {
    /// How long it may take to answer, in milliseconds.
    pub timeout_milliseconds: Option<u64>,
    /// How often a query is sent again.
    pub retries: Option<u32>,
    /// For how long it is left alone when it keeps failing, in milliseconds.
    pub breaker_open_milliseconds: Option<u64>,
    /// Whether identical queries are sent once.
    pub share_in_flight: Option<bool>,
}

impl Default for TrafficConfig {
    fn default() -> Self {
        Self {
            timeout_milliseconds: 30_000,
            connect_timeout_milliseconds: 2_000,
            retries: 2,
            retry_budget_percent: 20,
            breaker_percent: 50,
            breaker_open_milliseconds: 2_000,
            share_in_flight: true,
            answer_bytes: 64 << 20,
            pool_idle_seconds: 30,
            subgraph: BTreeMap::new(),
        }
    }
}

impl TrafficConfig {
    /// What no type can say of a value.
    ///
    /// # Errors
    ///
    /// Names the setting and what it must be.
    pub fn check(&self) -> anyhow::Result<()> {
        ensure!(
            self.retry_budget_percent <= 100,
            "router.traffic.retry_budget_percent: at most 100"
        );
        ensure!(
            (1..=100).contains(&self.breaker_percent),
            "router.traffic.breaker_percent: 1 to 100"
        );
        let timeouts = self
            .subgraph
            .values()
            .filter_map(|it| it.timeout_milliseconds);
        ensure!(
            timeouts.chain([self.timeout_milliseconds]).all(|it| it > 0),
            "router.traffic: timeout_milliseconds must be more than 0"
        );
        Ok(())
    }

    /// How connections to this subgraph are made.
    #[must_use]
    pub fn http(&self, subgraph: &str) -> HttpOptions {
        let own = self.subgraph.get(subgraph);
        let timeout = own.and_then(|it| it.timeout_milliseconds);
        HttpOptions {
            timeout: Duration::from_millis(timeout.unwrap_or(self.timeout_milliseconds)),
            connect_timeout: Duration::from_millis(self.connect_timeout_milliseconds),
            pool_idle_timeout: Duration::from_secs(self.pool_idle_seconds),
            ..HttpOptions::default()
        }
    }

    /// With which care this subgraph is called.
    #[must_use]
    pub fn of(&self, subgraph: &str) -> Traffic {
        let own = self.subgraph.get(subgraph).cloned().unwrap_or_default();
        let open = own
            .breaker_open_milliseconds
            .unwrap_or(self.breaker_open_milliseconds);
        let retry = RetryOptions {
            most: own.retries.unwrap_or(self.retries),
            budget_share: f32::from(self.retry_budget_percent) / 100.0,
            ..RetryOptions::default()
        };
        let breaker = BreakerOptions {
            failing_share: f64::from(self.breaker_percent) / 100.0,
            open_for: Duration::from_millis(open),
            ..BreakerOptions::default()
        };
        Traffic {
            retry,
            breaker: (open > 0).then_some(breaker),
            share_in_flight: own.share_in_flight.unwrap_or(self.share_in_flight),
            answer_bytes: self.answer_bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_one_subgraph_leaves_the_others_as_they_are() {
        let own = SubgraphTraffic {
            timeout_milliseconds: Some(500),
            retries: Some(0),
            breaker_open_milliseconds: Some(0),
            share_in_flight: Some(false),
        };
        let config = TrafficConfig {
            subgraph: [("reviews".to_owned(), own)].into(),
            ..TrafficConfig::default()
        };
        assert_eq!(config.http("reviews").timeout, Duration::from_millis(500));
        let traffic = config.of("reviews");
        assert_eq!(traffic.retry.most, 0);
        assert!(traffic.breaker.is_none() && !traffic.share_in_flight);
        assert_eq!(config.http("orders").timeout, Duration::from_secs(30));
        let traffic = config.of("orders");
        assert_eq!(traffic.retry.most, 2);
        assert!(traffic.breaker.is_some() && traffic.share_in_flight);
    }
}
