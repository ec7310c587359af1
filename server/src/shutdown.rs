//! How a process ends without losing a request: it says first that it is going, so that a load balancer sends it no more, then it stops
//! accepting connections, finishes what is in flight, and closes.

use std::time::Duration;

use axum::{Router, extract::Request, middleware, middleware::Next, response::Response};
use http::{HeaderValue, Version, header::CONNECTION};
use tokio_util::sync::CancellationToken;

/// The end of a process. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    announced: CancellationToken,
    begun: CancellationToken,
}

impl Shutdown {
    /// Whether the process has said that it is going.
    #[must_use]
    pub fn is_announced(&self) -> bool {
        self.announced.is_cancelled()
    }

    /// Cancelled when no more connections are accepted, and all that runs is to come to its end.
    #[must_use]
    pub const fn begun(&self) -> &CancellationToken {
        &self.begun
    }

    /// Begins at Ctrl-C or SIGTERM, this long after it was announced. A second signal leaves out the delay, or what is still in flight.
    pub fn on_signal(&self, delay: Duration) {
        let shutdown = self.clone();
        tokio::spawn(async move {
            signal().await;
            shutdown.announced.cancel();
            if !delay.is_zero() {
                tracing::info!(?delay, "stopping: no more requests are asked for");
                tokio::select! {
                    () = tokio::time::sleep(delay) => {}
                    () = signal() => {}
                }
            }
            tracing::info!("stopping: what is in flight is finished first");
            shutdown.begun.cancel();
            signal().await;
            tracing::warn!("stopping at once");
            std::process::exit(130);
        });
    }

    /// The routes, whose answers ask clients to come by a new connection, and so to somebody else, once the end is announced.
    pub fn told_on(&self, routes: Router) -> Router {
        let shutdown = self.clone();
        routes.layer(middleware::from_fn(move |request: Request, next: Next| {
            let shutdown = shutdown.clone();
            async move { shutdown.tell(request, next).await }
        }))
    }

    async fn tell(&self, request: Request, next: Next) -> Response {
        let version = request.version();
        let mut response = next.run(request).await;
        // HTTP/2 has no such header; its connections are told when the end begins (GOAWAY).
        if self.is_announced() && version <= Version::HTTP_11 {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(CONNECTION, close);
        }
        response
    }
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
