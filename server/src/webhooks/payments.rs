//! `POST /webhooks/payments`: a payment provider tells of money that came in.
//!
//! What is signed is passed on to the mutation `confirmPayment`, which is idempotent by the payment's reference: the same delivery
//! again is answered the same. Whatever settles the fate of the money is answered with 200, whether the order is paid by it or it is to
//! go back, so that the provider does not send it again for ever.

mod confirm;

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State, rejection::BytesRejection},
    response::{IntoResponse, Response},
    routing::post,
};
use chrono::TimeDelta;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use stockgraph_kit::{clock::Clock, rights::ServiceName};
use stockgraph_router::transport::SubgraphClient;

use self::confirm::{Kept, PaymentConfirmed};
use super::{
    answer::Refusal,
    signature::{self, Rejected, Verifier},
};
use crate::{
    config::{PaymentWebhookConfig, Secret},
    foundation::Foundation,
    metrics::Metrics,
    service_token::ServiceToken,
};

/// Where providers send their deliveries.
pub const PATH: &str = "/webhooks/payments";

/// The largest delivery, in bytes.
const LARGEST_BODY: usize = 64 << 10;

/// The type of the one event that is acted upon.
const CONFIRMED: &str = "payment.confirmed";

struct PaymentWebhook {
    verifier: Verifier,
    clock: Clock,
    orders: SubgraphClient,
    token: ServiceToken,
    metrics: Metrics,
}

/// The route, which passes payments on to these orders. Without a secret it answers 404 to everything.
pub fn routes(
    config: &PaymentWebhookConfig,
    foundation: &Foundation,
    orders: SubgraphClient,
) -> Router {
    if config.secrets.is_empty() {
        return Router::new().route(PATH, post(async || not_set_up()));
    }
    let secrets = config.secrets.iter().map(Secret::as_bytes);
    let tolerance = TimeDelta::seconds(config.tolerance_seconds.into());
    let webhook = PaymentWebhook {
        verifier: Verifier::new(secrets, tolerance),
        clock: foundation.clock.clone(),
        orders,
        token: ServiceToken::new(
            ServiceName::PaymentWebhook,
            foundation.issuer.clone(),
            foundation.clock.clone(),
        ),
        metrics: foundation.metrics.clone(),
    };
    Router::new()
        .route(PATH, post(receive))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(Arc::new(webhook))
}

fn not_set_up() -> Refusal {
    let message = "No payment provider is set up here.";
    Refusal::new(StatusCode::NOT_FOUND, "NOT_SET_UP", message)
}

async fn receive(
    State(webhook): State<Arc<PaymentWebhook>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let outcome = webhook.outcome(&headers, body).await;
    let name = match &outcome {
        Ok(Outcome::Kept(kept)) => {
            tracing::info!(
                order = %kept.order,
                status = kept.status,
                "payment delivered"
            );
            kept.status
        }
        Ok(Outcome::Ignored) => "ignored",
        Err(refusal) => {
            tracing::warn!(
                status = refusal.status().as_u16(),
                code = refusal.code(),
                "a delivery of a payment is refused"
            );
            refusal.code()
        }
    };
    webhook.metrics.webhook_delivery("payments", name);
    match outcome {
        Ok(outcome) => Json(outcome.into_json()).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// What came of a delivery that is not to be sent again.
enum Outcome {
    /// The money is recorded.
    Kept(Kept),
    /// It tells of something else.
    Ignored,
}

impl Outcome {
    fn into_json(self) -> Value {
        match self {
            Self::Kept(kept) => json!(kept),
            Self::Ignored => json!({
                "status": "ignored",
                "message": format!("Only events of the type {CONFIRMED} are acted upon."),
            }),
        }
    }
}

impl PaymentWebhook {
    async fn outcome(
        &self,
        headers: &HeaderMap,
        body: Result<Bytes, BytesRejection>,
    ) -> Result<Outcome, Refusal> {
        let body = body.map_err(|rejection| unreadable(&rejection))?;
        self.check_signature(headers, &body)?;
        // Events of other types may have any shape.
        let event: Event = parse(&body)?;
        if event.r#type != CONFIRMED {
            return Ok(Outcome::Ignored);
        }
        let payment: PaymentConfirmed = parse(&body)?;
        let headers = self.token.headers().map_err(|error| {
            tracing::error!(error = error.message(), "no service token");
            Refusal::internal()
        })?;
        let kept = confirm::confirm(&self.orders, &headers, payment).await?;
        Ok(Outcome::Kept(kept))
    }

    fn check_signature(&self, headers: &HeaderMap, body: &[u8]) -> Result<(), Refusal> {
        let Some(header) = headers.get(signature::HEADER) else {
            return Err(Refusal::unauthenticated(
                "The header Stockgraph-Signature is missing.",
            ));
        };
        let now = self.clock.now();
        header
            .to_str()
            .map_err(|_| Rejected::Malformed)
            .and_then(|header| self.verifier.verify(header, body, now))
            .map_err(|rejected| match rejected {
                Rejected::Malformed => Refusal::bad_request(rejected.to_string()),
                Rejected::Wrong | Rejected::Stale => Refusal::unauthenticated(rejected.to_string()),
            })
    }
}

/// What every delivery has.
#[derive(Deserialize)]
struct Event {
    r#type: String,
}

fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body)
        .map_err(|error| Refusal::bad_request(format!("The body cannot be read: {error}.")))
}

fn unreadable(rejection: &BytesRejection) -> Refusal {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let message = format!("The body is larger than {LARGEST_BODY} bytes.");
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE", message)
    } else {
        Refusal::bad_request("The body cannot be read.")
    }
}
