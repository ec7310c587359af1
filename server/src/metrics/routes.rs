//! `GET /metrics`.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::{DateTime, TimeDelta, Utc};
use prometheus_client::encoding::prometheus_text;
use stockgraph_kit::subgraph::Service;
use stockgraph_orders::{OrdersSubgraph, service::owed_effects::OwedEffects};
use stockgraph_router::serving::Streaming;
use tokio::sync::Mutex;

use crate::foundation::Foundation;

/// Where Prometheus looks.
pub const PATH: &str = "/metrics";

/// How long what was read from the database is good: the database is asked no more often, however many look.
const READ_AGAIN_AFTER: TimeDelta = TimeDelta::seconds(1);

struct Page {
    foundation: Foundation,
    orders: Option<Service<OrdersSubgraph>>,
    streaming: Option<Streaming>,
    read: Mutex<Option<(DateTime<Utc>, OwedEffects)>>,
}

/// The route. What is owed to the warehouses is told where the orders are in this process, and who subscribes where the router is.
pub fn routes(
    foundation: &Foundation,
    orders: Option<Service<OrdersSubgraph>>,
    streaming: Option<Streaming>,
) -> Router {
    let page = Page {
        foundation: foundation.clone(),
        orders,
        streaming,
        read: Mutex::new(None),
    };
    Router::new()
        .route(PATH, get(show))
        .with_state(Arc::new(page))
}

async fn show(State(page): State<Arc<Page>>) -> Response {
    let now = page.foundation.clock.now();
    let owed = page.owed(now).await;
    let metrics = &page.foundation.metrics;
    match metrics.text(owed.as_ref(), page.streaming.as_ref(), now) {
        Ok(text) => ([(CONTENT_TYPE, prometheus_text::CONTENT_TYPE)], text).into_response(),
        Err(cause) => {
            tracing::error!(%cause, "the metrics cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

impl Page {
    /// What is owed; nothing where that cannot be told. The counters are shown all the same.
    async fn owed(&self, now: DateTime<Utc>) -> Option<OwedEffects> {
        let orders = self.orders.as_ref()?.subgraph().orders();
        // Held over the query: those who look meanwhile wait for its answer.
        let mut read = self.read.lock().await;
        if let Some((at, owed)) = &*read
            && now - *at < READ_AGAIN_AFTER
        {
            return Some(owed.clone());
        }
        match orders.owed_effects().await {
            Ok(owed) => {
                *read = Some((now, owed.clone()));
                Some(owed)
            }
            Err(cause) => {
                tracing::warn!(%cause, "what is owed to the warehouses cannot be read");
                *read = None;
                None
            }
        }
    }
}
