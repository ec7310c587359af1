//! `GET /ready`: whether this process can do its work now, for whoever sends it requests. (`GET /health` tells that it lives.)

use std::{sync::Arc, time::Duration};

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use futures_util::future::join_all;
use serde::Serialize;
use stockgraph_kit::database::Database;
use tokio::time::timeout;

use crate::{databases::Databases, shutdown::Shutdown};

/// Where it is told.
pub const PATH: &str = "/ready";

/// How long a database may take to answer before it counts as gone.
const PATIENCE: Duration = Duration::from_secs(2);

/// What this process needs to do its work.
#[derive(Clone)]
pub struct Readiness {
    shutdown: Shutdown,
    databases: Vec<(&'static str, Database)>,
}

/// The answer.
#[derive(Serialize)]
struct Told {
    ready: bool,
    /// Whether the process is about to end.
    stopping: bool,
    databases: Vec<Part>,
}

#[derive(Serialize)]
struct Part {
    name: &'static str,
    ready: bool,
}

impl Readiness {
    /// Ready until this end is announced. A router with subgraphs elsewhere needs nothing else: one of them that is gone costs its own
    /// fields, and no other router has them either.
    #[must_use]
    pub const fn until(shutdown: Shutdown) -> Self {
        Self {
            shutdown,
            databases: Vec::new(),
        }
    }

    /// The same, and only as long as this database answers.
    #[must_use]
    pub fn with(mut self, name: &'static str, database: &Database) -> Self {
        self.databases.push((name, database.clone()));
        self
    }

    /// The same, and only as long as all four answer.
    #[must_use]
    pub fn with_all(self, databases: &Databases) -> Self {
        self.with("users", &databases.users)
            .with("products", &databases.products)
            .with("warehouses", &databases.warehouses)
            .with("orders", &databases.orders)
    }

    /// The route: 200 where it is ready, 503 where it is not; both say why.
    pub fn routes(self) -> Router {
        Router::new()
            .route(PATH, get(tell))
            .with_state(Arc::new(self))
    }
}

async fn tell(State(readiness): State<Arc<Readiness>>) -> (StatusCode, Json<Told>) {
    let databases = readiness.databases.iter().map(async |(name, database)| {
        let answer = timeout(PATIENCE, database.ping()).await;
        Part {
            name,
            ready: matches!(answer, Ok(Ok(()))),
        }
    });
    let databases = join_all(databases).await;
    let stopping = readiness.shutdown.is_announced();
    let ready = !stopping && databases.iter().all(|it| it.ready);
    let status = match ready {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    let told = Told {
        ready,
        stopping,
        databases,
    };
    (status, Json(told))
}
