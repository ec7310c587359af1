//! Where this process listens, and what stands in front of it.

use std::{net::SocketAddr, time::Duration};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// Where this process listens, and what stands in front of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// Address and port. Default: `127.0.0.1:4000`; for `subgraph NAME` it is 4001 to 4004 unless set.
    pub listen: SocketAddr,
    /// How long the process goes on after SIGTERM or Ctrl-C while `/ready` already says that it is going, so that a load balancer
    /// sends it nothing more, in seconds. Default: 0.
    pub shutdown_delay_seconds: u64,
    /// How long requests in flight may take to finish after SIGTERM or Ctrl-C, in seconds. Default: 30.
    pub shutdown_timeout_seconds: u64,
    /// Whose `X-Forwarded-For` tells the client's address: the networks of the proxies in front, e.g. `10.0.0.0/8`. Default: this
    /// machine, `127.0.0.0/8` and `::1/128`.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether TLS ends in front of this process, so that passwords and tokens do not cross a network in plain text. It silences the
    /// warning at the start, and nothing else. Default: false.
    pub behind_tls: bool,
    /// How long a client may take to send a request's headers, and each part of its body, in seconds. Default: 15.
    pub read_timeout_seconds: u64,
    /// Bytes of a request's headers; more are answered 431. Default: 32768.
    pub header_bytes: usize,
}

impl Default for ServerConfig {
    fn default() -> Self {
        let this_machine = [
            IpNet::new_assert([127, 0, 0, 0].into(), 8),
            IpNet::new_assert(std::net::Ipv6Addr::LOCALHOST.into(), 128),
        ];
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 4000)),
            shutdown_delay_seconds: 0,
            shutdown_timeout_seconds: 30,
            trusted_proxies: this_machine.to_vec(),
            behind_tls: false,
            read_timeout_seconds: 15,
            header_bytes: 32 * 1024,
        }
    }
}

/// What the HTTP library's buffer takes at least, in bytes.
const SMALLEST_BUFFER: usize = 8 * 1024;

impl ServerConfig {
    /// See `shutdown_delay_seconds`.
    #[must_use]
    pub const fn shutdown_delay(&self) -> Duration {
        Duration::from_secs(self.shutdown_delay_seconds)
    }

    pub(super) fn check(&self) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.read_timeout_seconds > 0,
            "server.read_timeout_seconds must not be 0"
        );
        anyhow::ensure!(
            self.header_bytes >= SMALLEST_BUFFER,
            "server.header_bytes must be {SMALLEST_BUFFER} or more"
        );
        Ok(())
    }
}
