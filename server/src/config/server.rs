//! Where this process listens, and what stands in front of it.

use std::net::SocketAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// Where this process listens, and what stands in front of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// Address and port. Default: `127.0.0.1:4000`; for `subgraph NAME` it is 4001 to 4004 unless set.
    pub listen: SocketAddr,
    /// How long requests in flight may take to finish after SIGTERM or Ctrl-C, in seconds. Default: 30.
    pub shutdown_timeout_seconds: u64,
    /// Whose `X-Forwarded-For` tells the client's address: the networks of the proxies in front, e.g. `10.0.0.0/8`. Default: this
    /// machine, `127.0.0.0/8` and `::1/128`.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether TLS ends in front of this process, so that passwords and tokens do not cross a network in plain text. It silences the
    /// warning at the start, and nothing else. Default: false.
    pub behind_tls: bool,
}

impl Default for ServerConfig {
    fn default() -> Self {
        let this_machine = [
            IpNet::new_assert([127, 0, 0, 0].into(), 8),
            IpNet::new_assert(std::net::Ipv6Addr::LOCALHOST.into(), 128),
        ];
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 4000)),
            shutdown_timeout_seconds: 30,
            trusted_proxies: this_machine.to_vec(),
            behind_tls: false,
        }
    }
}
