//! Where this process listens.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// Where this process listens.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// Address and port. Default: `127.0.0.1:4000`; for `subgraph NAME` it is 4001 to 4004 unless set.
    pub listen: SocketAddr,
    /// How long requests in flight may take to finish after SIGTERM or Ctrl-C, in seconds. Default: 30.
    pub shutdown_timeout_seconds: u64,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 4000)),
            shutdown_timeout_seconds: 30,
        }
    }
}
