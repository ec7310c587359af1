//! The router.

mod cors;
mod documents;
mod limits;
mod subscriptions;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use stockgraph_router::{RouterOptions, serving::Streaming};
use tokio_util::sync::CancellationToken;

pub use self::{
    cors::CorsConfig, documents::DocumentsConfig, limits::LimitsConfig,
    subscriptions::SubscriptionsConfig,
};

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
    /// How clients may subscribe.
    pub subscriptions: SubscriptionsConfig,
    /// Whether clients may ask for the schema by introspection. Where they may not, no error helps them to guess it. Default: true.
    pub introspection: bool,
    /// The most requests that one HTTP request may hold as a JSON array. Default: 0, arrays are refused.
    pub batch_maximum: usize,
    /// The longest that planning one operation may take, in milliseconds. Default: 5000.
    pub planning_timeout_milliseconds: u64,
    /// Who is told how their requests are executed, with the header `stockgraph-debug`: `nobody`, those with the `scope` `graph:inspect`,
    /// or `everybody`. Default: `scope`.
    pub debug: DebugConfig,
    /// How large requests may be.
    pub limits: LimitsConfig,
    /// Documents that clients ask for by their ids.
    pub persisted_documents: DocumentsConfig,
    /// Which web pages of other origins may talk to the graph.
    pub cors: CorsConfig,
}

/// Who is told how their requests are executed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DebugConfig {
    /// Nobody.
    Nobody,
    /// Those with the scope `graph:inspect`.
    #[default]
    Scope,
    /// Everybody.
    Everybody,
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
            subscriptions: SubscriptionsConfig::default(),
            introspection: true,
            batch_maximum: 0,
            planning_timeout_milliseconds: 5_000,
            debug: DebugConfig::default(),
            limits: LimitsConfig::default(),
            persisted_documents: DocumentsConfig::default(),
            cors: CorsConfig::default(),
        }
    }
}

impl RouterConfig {
    /// The router's options. What is not set here is left as it is.
    ///
    /// # Errors
    ///
    /// The manifest of documents cannot be read.
    pub fn options(&self) -> anyhow::Result<RouterOptions> {
        Ok(RouterOptions {
            limits: self.limits.limits(),
            introspection: self.introspection,
            batch: (self.batch_maximum > 0).then_some(self.batch_maximum),
            planning_timeout: Duration::from_millis(self.planning_timeout_milliseconds),
            documents: self.persisted_documents.options()?,
            ..RouterOptions::default()
        })
    }

    /// The subscriptions of a process, which end at `stop`. Web pages that may talk to the graph may open websockets, and a message on
    /// one may be as large as a body.
    #[must_use]
    pub fn streaming(&self, stop: &CancellationToken) -> Streaming {
        let origins = &self.cors.allow_origins;
        self.subscriptions
            .streaming(origins, self.limits.body_bytes, stop)
    }

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
        self.headers.rules()?;
        anyhow::ensure!(
            self.planning_timeout_milliseconds > 0,
            "router.planning_timeout_milliseconds must not be 0"
        );
        self.persisted_documents.check()?;
        self.cors.check()
    }
}
