//! Listens, serves, and stops without losing what is in flight.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
};
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;
use tower_http::timeout::RequestBodyTimeoutLayer;

use crate::{client_address, config::ServerConfig, shutdown::Shutdown, telemetry};

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
/// HTTP/1 and HTTP/2 are told apart by the first bytes, so that a proxy may speak HTTP/2 without TLS.
///
/// # Errors
///
/// None at present: a connection that cannot be accepted is logged, and the next one is waited for.
pub async fn serve(
    listener: TcpListener,
    routes: Router,
    config: &ServerConfig,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let read_timeout = Duration::from_secs(config.read_timeout_seconds);
    let routes = routes.layer(RequestBodyTimeoutLayer::new(read_timeout));
    let routes = client_address::told_by(config.trusted_proxies.clone(), routes);
    let builder = Arc::new(connections(config, read_timeout));
    let in_flight = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                // There are too many open files, most likely: some will be closed.
                tokio::time::sleep(ACCEPT_AGAIN_AFTER).await;
                continue;
            }
        };
        // Answers are written at once; waiting for more to send along only delays them.
        stream.set_nodelay(true).ok();
        let (builder, routes) = (builder.clone(), routes.clone());
        let (watcher, stopped) = (in_flight.watcher(), stop.clone());
        tokio::spawn(async move {
            // Who sends nothing at all is waited for no longer than who sends too slowly.
            let begun = tokio::select! {
                begun = timeout(read_timeout, first_bytes(&stream)) => begun,
                () = stopped.cancelled() => return,
            };
            if !matches!(begun, Ok(Ok(()))) {
                return;
            }
            let service = service_fn(move |mut request: hyper::Request<Incoming>| {
                request.extensions_mut().insert(ConnectInfo(peer));
                routes.clone().oneshot(request.map(Body::new))
            });
            let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
            if let Err(error) = watcher.watch(connection.into_owned()).await {
                tracing::debug!(%error, %peer, "a connection broke off");
            }
        });
    }
    // Nobody is kept waiting for an answer that does not come.
    drop(listener);
    let patience = Duration::from_secs(config.shutdown_timeout_seconds);
    if timeout(patience, in_flight.shutdown()).await.is_err() {
        tracing::warn!(?patience, "requests were still in flight and are given up");
    }
    Ok(())
}

/// Waits until it can be told which HTTP the client speaks: the library does so without a time limit.
async fn first_bytes(stream: &TcpStream) -> std::io::Result<()> {
    /// What every HTTP/2 connection begins with (RFC 9113, section 3.4).
    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    /// How long to wait for the rest of it, which nearly always comes at once.
    const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(10);
    let mut begun = [0; PREFACE.len()];
    loop {
        let length = stream.peek(&mut begun).await?;
        if length == 0 || length == PREFACE.len() || !PREFACE.starts_with(&begun[..length]) {
            return Ok(());
        }
        tokio::time::sleep(LOOK_AGAIN_AFTER).await;
    }
}

/// How long to rest after a connection could not be accepted.
const ACCEPT_AGAIN_AFTER: Duration = Duration::from_millis(100);
/// Requests that one HTTP/2 connection may have in flight.
const STREAMS: u32 = 250;
/// How often an HTTP/2 connection is asked whether somebody is still there.
const ASK_EVERY: Duration = Duration::from_secs(30);

fn connections(config: &ServerConfig, read_timeout: Duration) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(read_timeout)
        .max_buf_size(config.header_bytes);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(config.header_bytes).unwrap_or(u32::MAX))
        .max_concurrent_streams(STREAMS)
        .keep_alive_interval(ASK_EVERY)
        .keep_alive_timeout(read_timeout);
    builder
}

/// How long clients of websockets may take to answer the farewell.
const FAREWELL: Duration = Duration::from_secs(3);

/// Serves until `shutdown`, and then lets all that runs in the process come to its end: what is in flight, the websockets, which the
/// server does not wait for (they have been told of the stop, and break off what runs on them), and the tasks.
///
/// # Errors
///
/// As [`serve`].
pub async fn serve_to_the_end(
    listener: TcpListener,
    routes: Router,
    config: &ServerConfig,
    shutdown: &Shutdown,
    websockets_ended: impl Future<Output = ()>,
    tasks: &TaskTracker,
) -> anyhow::Result<()> {
    let routes = shutdown.told_on(telemetry::traced(routes));
    serve(listener, routes, config, shutdown.begun().clone()).await?;
    shutdown.begun().cancel();
    if timeout(FAREWELL, websockets_ended).await.is_err() {
        tracing::warn!("websockets were still open and are given up");
    }
    tasks.close();
    tasks.wait().await;
    Ok(())
}
