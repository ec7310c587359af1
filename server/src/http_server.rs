//! Listens, serves, and stops without losing what is in flight.

use std::{future::IntoFuture, net::SocketAddr, time::Duration};

use anyhow::Context;
use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{client_address, config::ServerConfig};

/// Opens the address.
///
/// # Errors
///
/// It is in use, or is not this machine's.
pub async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address}; choose another with --listen ADDRESS:PORT or STOCKGRAPH_SERVER__LISTEN")
    })
}

/// Serves until `stop`, then lets what is in flight finish for as long as the configuration says.
///
/// # Errors
///
/// The listener fails.
pub async fn serve(
    listener: TcpListener,
    routes: Router,
    config: &ServerConfig,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let graceful = stop.clone();
    let routes = client_address::told_by(config.trusted_proxies.clone(), routes);
    let routes = routes.into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, routes)
        .with_graceful_shutdown(async move { graceful.cancelled().await })
        .into_future();
    let patience = Duration::from_secs(config.shutdown_timeout_seconds);
    tokio::select! {
        served = server => served.context("the server failed"),
        () = async { stop.cancelled().await; tokio::time::sleep(patience).await } => {
            tracing::warn!(?patience, "requests were still in flight and are given up");
            Ok(())
        }
    }
}

/// How long clients of websockets may take to answer the farewell.
const FAREWELL: Duration = Duration::from_secs(3);

/// Lets the websockets end, which the server does not wait for: they have been told of the stop and break off what runs on them.
pub async fn farewell(ended: impl Future<Output = ()>) {
    if tokio::time::timeout(FAREWELL, ended).await.is_err() {
        tracing::warn!("websockets were still open and are given up");
    }
}

/// Cancels `stop` at Ctrl-C or SIGTERM.
pub fn stop_on_signal(stop: &CancellationToken) {
    let stop = stop.clone();
    tokio::spawn(async move {
        signal().await;
        tracing::info!("stopping: what is in flight is finished first");
        stop.cancel();
        signal().await;
        tracing::warn!("stopping at once");
        std::process::exit(130);
    });
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        },
        Err(cause) => {
            tracing::error!(%cause, "SIGTERM cannot be heard");
            tokio::signal::ctrl_c().await.ok();
        }
    }
}

#[cfg(not(unix))]
async fn signal() {
    tokio::signal::ctrl_c().await.ok();
}
