//! A router's graph follows its subgraphs: their schemas are looked at again and again, and on SIGHUP, and where they have changed a
//! new router takes the place of the old one. Requests under way are finished on the old one. Schemas that do not compose are
//! refused, with the reasons in the log, and the old router stays.

use std::{sync::Arc, time::Duration};

use stockgraph_router::LiveRouter;
use tokio::time::Instant;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    config::Config,
    foundation::Foundation,
    supergraph::{Schemas, Sources, Transports},
};

/// How many of the operations that were planned on the old graph are planned on the new one before it takes over, so that the
/// requests that come then find them planned.
const MOST_WARMED_UP: usize = 500;

/// A graph that is served, and the schemas that it is made of.
pub struct Followed {
    sources: Sources,
    transports: Transports,
    schemas: Schemas,
    /// Those that were refused last, so that they are told once and not at each look.
    refused: Option<Schemas>,
    live: LiveRouter,
}

impl Followed {
    /// Makes the graph, waiting for subgraphs that do not answer yet for as long as the configuration says.
    ///
    /// # Errors
    ///
    /// A subgraph's URL is none, its schema cannot be had, or they do not compose.
    pub async fn start(
        sources: Sources,
        config: &Config,
        foundation: &Foundation,
    ) -> anyhow::Result<Self> {
        let mut transports = Transports::new(config, foundation);
        let patience = Duration::from_secs(config.router.startup_timeout_seconds);
        let give_up = Instant::now() + patience;
        let schemas = sources.schemas(&mut transports, None, give_up).await?;
        let router = Arc::new(schemas.router(&mut transports)?);
        Ok(Self {
            sources,
            transports,
            schemas,
            refused: None,
            live: router.into(),
        })
    }

    /// Where the present router is.
    #[must_use]
    pub fn live(&self) -> LiveRouter {
        self.live.clone()
    }

    /// Follows the subgraphs until `stop`, looking again after so many seconds, or only when asked to if they are 0.
    pub fn follow(mut self, poll_seconds: u64, stop: &CancellationToken, tasks: &TaskTracker) {
        let stop = stop.clone();
        tasks.spawn(async move {
            let mut hang_up = HangUp::new();
            loop {
                let asked = tokio::select! {
                    () = stop.cancelled() => return,
                    () = next_look(poll_seconds) => false,
                    () = hang_up.heard() => true,
                };
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = self.look(asked) => {}
                }
            }
        });
    }

    /// Looks at the schemas once. `asked` says that somebody waits to be told how it went.
    pub async fn look(&mut self, asked: bool) {
        let now = Instant::now();
        let known = Some(&self.schemas);
        let schemas = match self.sources.schemas(&mut self.transports, known, now).await {
            Ok(schemas) if schemas == self.schemas => {
                if asked {
                    tracing::info!("the graph is as it was");
                }
                self.refused = None;
                return;
            }
            Ok(schemas) => schemas,
            Err(cause) => {
                let cause = format!("{cause:#}");
                tracing::warn!(cause, "the graph cannot be looked at; it stays as it is");
                return;
            }
        };
        if asked || self.refused.as_ref() != Some(&schemas) {
            self.take_over(schemas).await;
        }
    }

    async fn take_over(&mut self, schemas: Schemas) {
        let made = schemas.router(&mut self.transports);
        self.transports.metrics().graph.graph_reloaded(made.is_ok());
        match made {
            Ok(router) => {
                let router = Arc::new(router);
                router.warm_up(&self.live.current(), MOST_WARMED_UP).await;
                self.live.replace(router);
                self.schemas = schemas;
                self.refused = None;
                tracing::info!("the graph has changed and is served anew");
            }
            Err(cause) => {
                let cause = format!("{cause:#}");
                tracing::error!(cause, "the changed graph is refused; the old one stays");
                self.refused = Some(schemas);
            }
        }
    }
}

async fn next_look(seconds: u64) {
    match seconds {
        0 => std::future::pending().await,
        seconds => tokio::time::sleep(Duration::from_secs(seconds)).await,
    }
}

/// SIGHUP, where there is such a thing.
struct HangUp {
    #[cfg(unix)]
    signal: Option<tokio::signal::unix::Signal>,
}

impl HangUp {
    #[cfg(unix)]
    fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let signal = signal(SignalKind::hangup())
            .inspect_err(|cause| tracing::error!(%cause, "SIGHUP cannot be heard"));
        Self {
            signal: signal.ok(),
        }
    }

    #[cfg(unix)]
    async fn heard(&mut self) {
        match &mut self.signal {
            Some(signal) => drop(signal.recv().await),
            None => std::future::pending().await,
        }
    }

    #[cfg(not(unix))]
    fn new() -> Self {
        Self {}
    }

    #[cfg(not(unix))]
    async fn heard(&mut self) {
        std::future::pending().await
    }
}
