//! Subscriptions, by websocket and as server-sent events.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use stockgraph_kit::caller::ClientAddress;
use stockgraph_router::serving::{PerClient, Streaming, StreamingOptions, WebSocketOptions};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// Subscriptions, by websocket and as server-sent events.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SubscriptionsConfig {
    /// The most that are open in this process, of all clients together. Default: 10000.
    pub most: usize,
    /// The most websockets of all clients together. Default: 10000.
    pub most_connections: usize,
    /// The most websockets and event streams of one address, or of one network of 64 bits in IPv6; 0 for no bound. Those of this machine are
    /// not bound. Default: 500.
    pub most_per_client: usize,
    /// The most operations that run at once on a websocket. Default: 50.
    pub most_per_connection: usize,
    /// How long a client may take to send the first message on a websocket, in seconds. Default: 10.
    pub init_timeout_seconds: u64,
    /// How often clients of websockets are pinged, and silent event streams say that they are alive, in seconds. A websocket of which
    /// nothing is heard for two and a half times as long is given up. Default: 15.
    pub keep_alive_seconds: u64,
}

impl Default for SubscriptionsConfig {
    fn default() -> Self {
        Self {
            most: 10_000,
            most_connections: 10_000,
            most_per_client: 500,
            most_per_connection: 50,
            init_timeout_seconds: 10,
            keep_alive_seconds: 15,
        }
    }
}

impl SubscriptionsConfig {
    /// The subscriptions of a process, which end at `stop`. Web pages of these origins may open websockets besides its own.
    #[must_use]
    pub(super) fn streaming(
        &self,
        allowed_origins: &[String],
        message_bytes: usize,
        stop: &CancellationToken,
    ) -> Streaming {
        // A period of nothing would never let a connection rest.
        let keep_alive = Duration::from_secs(self.keep_alive_seconds.max(1));
        let options = StreamingOptions {
            subscriptions: self.most.min(Semaphore::MAX_PERMITS),
            connections: self.most_connections,
            keep_alive,
            allowed_origins: allowed_origins.to_vec(),
            per_client: (self.most_per_client > 0).then(|| PerClient {
                address: ClientAddress::HEADER,
                most: self.most_per_client,
            }),
            websocket: WebSocketOptions {
                init_timeout: Duration::from_secs(self.init_timeout_seconds),
                ping_interval: keep_alive,
                silence: keep_alive * 5 / 2,
                operations: self.most_per_connection,
                message_bytes,
                ..WebSocketOptions::default()
            },
        };
        Streaming::new(options, stop.clone())
    }
}
