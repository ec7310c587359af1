//! The whole graph as a library: configuration, commands, and which parts run in this process. The binary `stockgraph` is a thin
//! shell around it; the tests run it on a fresh database with a clock to move.

pub mod cli;
pub mod client_address;
pub mod commands;
pub mod config;
pub mod databases;
pub mod demo;
pub mod effects;
pub mod exposure;
pub mod foundation;
pub mod graph;
pub mod http_server;
pub mod identity;
pub mod jobs;
pub mod metrics;
pub mod parts;
pub mod playground;
pub mod ports;
pub mod progress;
pub mod readiness;
pub mod reload;
pub mod routes;
pub mod service_token;
pub mod shutdown;
pub mod stock_file;
pub mod supergraph;
pub mod telemetry;
pub mod verify;
pub mod webhooks;

/// Makes ring the process's TLS crypto provider: the one that the databases' driver brings. Once a process, before the first HTTP
/// client; a second call changes nothing.
pub fn use_ring() {
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
}
