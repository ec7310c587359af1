//! A subgraph over HTTP.

mod answer;
mod breaker;
mod retries;
mod sharing;

pub(super) use self::answer::read_response;

pub use self::breaker::BreakerOptions;
pub use self::retries::RetryOptions;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use serde::Serialize;
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;

use self::breaker::{Breaker, Change};
use self::retries::Retries;
use self::sharing::{Key, Sharing};
use super::websocket::{self, SubscriptionOptions};
use super::{Events, Subgraph, SubgraphError, SubgraphRequest, SubgraphResponse};
use crate::observe::{Observer, Unobserved};
use crate::operation::OperationKind;

/// How connections to subgraphs are made and kept.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// The longest that one call may take, connecting and reading the answer included.
    pub timeout: Duration,
    /// The longest that connecting may take.
    pub connect_timeout: Duration,
    /// How long a connection that nobody uses is kept.
    pub pool_idle_timeout: Duration,
    /// Most connections to one host that are kept though nobody uses them.
    pub pool_idle_connections: usize,
}

impl Default for HttpOptions {
    fn default() -> Self {
        HttpOptions {
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(2),
            // Shorter than most servers keep theirs, so that few calls meet a connection that is just being closed.
            pool_idle_timeout: Duration::from_secs(30),
            pool_idle_connections: 128,
        }
    }
}

/// A client with a pool of connections; one may serve all subgraphs. The process must have
/// installed its rustls provider before.
///
/// # Errors
/// [`SubgraphError::Misconfigured`] if TLS cannot be set up.
pub fn client(options: &HttpOptions) -> Result<reqwest::Client, SubgraphError> {
    reqwest::Client::builder()
        .timeout(options.timeout)
        .connect_timeout(options.connect_timeout)
        .pool_idle_timeout(options.pool_idle_timeout)
        .pool_max_idle_per_host(options.pool_idle_connections)
        // A redirected POST loses its body, and the caller's token must not travel on.
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| SubgraphError::Misconfigured(with_causes(&error)))
}

/// How a router spares itself and a subgraph calls that are of no use.
#[derive(Debug, Clone)]
pub struct Traffic {
    /// When queries are tried again.
    pub retry: RetryOptions,
    /// When the subgraph is left alone; `None` for never.
    pub breaker: Option<BreakerOptions>,
    /// Whether identical queries of one caller that are under way at the same moment are sent once.
    pub share_in_flight: bool,
    /// Most bytes of an answer; what is larger is not read to its end.
    pub answer_bytes: usize,
}

impl Default for Traffic {
    fn default() -> Self {
        Traffic {
            retry: RetryOptions::default(),
            breaker: Some(BreakerOptions::default()),
            share_in_flight: true,
            answer_bytes: 64 * 1024 * 1024,
        }
    }
}

impl Traffic {
    /// Every call is made, once: for callers that have rules of their own.
    pub fn plain() -> Self {
        Traffic {
            retry: RetryOptions {
                most: 0,
                ..RetryOptions::default()
            },
            breaker: None,
            share_in_flight: false,
            ..Traffic::default()
        }
    }
}

/// Headers of our own for one call to a subgraph, such as a token that shows who the router is; or why there are none.
pub type OwnHeaders = Arc<dyn Fn() -> Result<HeaderMap, String> + Send + Sync>;

/// A subgraph behind a URL.
pub struct Http {
    client: reqwest::Client,
    url: reqwest::Url,
    own_headers: Option<OwnHeaders>,
    subscriptions: SubscriptionOptions,
    retries: Retries,
    breaker: Option<Breaker>,
    sharing: Option<Sharing>,
    answer_bytes: usize,
    name: String,
    observer: Arc<dyn Observer>,
}

impl Http {
    /// The subgraph behind `url`, called through `client`, as [`Traffic::plain`] says.
    ///
    /// # Errors
    /// [`SubgraphError::Misconfigured`] if `url` is not an absolute `http` or `https` URL.
    pub fn new(client: reqwest::Client, url: impl Into<String>) -> Result<Self, SubgraphError> {
        let text = url.into();
        let url = reqwest::Url::parse(&text)
            .map_err(|error| SubgraphError::Misconfigured(format!("`{text}`: {error}")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(SubgraphError::Misconfigured(format!(
                "`{text}` is neither an http nor an https URL"
            )));
        }
        let http = Http {
            client,
            url,
            own_headers: None,
            subscriptions: SubscriptionOptions::default(),
            retries: Retries::new(&RetryOptions::default()),
            breaker: None,
            sharing: None,
            answer_bytes: 0,
            name: text,
            observer: Arc::new(Unobserved),
        };
        Ok(http.with_traffic(&Traffic::plain()))
    }

    /// The same subgraph, called with this care.
    #[must_use]
    pub fn with_traffic(self, traffic: &Traffic) -> Self {
        Http {
            retries: Retries::new(&traffic.retry),
            breaker: traffic.breaker.clone().map(Breaker::new),
            sharing: traffic.share_in_flight.then(Sharing::default),
            answer_bytes: traffic.answer_bytes,
            ..self
        }
    }

    /// The same subgraph, which is sent these headers besides those that the caller's request brings.
    #[must_use]
    pub fn with_headers(self, own_headers: OwnHeaders) -> Self {
        Http {
            own_headers: Some(own_headers),
            ..self
        }
    }

    /// The same subgraph, whose subscriptions are followed so. They go by a websocket to the same URL,
    /// with `ws` for `http`.
    #[must_use]
    pub fn with_subscriptions(self, subscriptions: SubscriptionOptions) -> Self {
        Http {
            subscriptions,
            ..self
        }
    }

    /// The same subgraph, whose traffic is told to `observer` under this name.
    #[must_use]
    pub fn observed(self, name: impl Into<String>, observer: Arc<dyn Observer>) -> Self {
        Http {
            name: name.into(),
            observer,
            ..self
        }
    }

    async fn post(&self, request: SubgraphRequest<'_>) -> Result<SubgraphResponse, SubgraphError> {
        let body = serde_json::to_vec(&Body {
            query: request.query,
            variables: &request.variables,
        })
        .map_err(|error| SubgraphError::Misconfigured(error.to_string()))?;
        let body = Bytes::from(body);
        let is_query = request.kind == OperationKind::Query;
        let send = || self.send_until_answered(request.headers, &body, is_query);
        match &self.sharing {
            Some(sharing) if is_query => {
                let key = Key::new(request.generation, request.headers, body.clone());
                let (answer, is_shared) = sharing.call(key, send).await;
                if is_shared {
                    self.observer.fetch_shared(&self.name);
                }
                answer
            }
            _ => send().await,
        }
    }

    async fn send_until_answered(
        &self,
        headers: &HeaderMap,
        body: &Bytes,
        may_retry: bool,
    ) -> Result<SubgraphResponse, SubgraphError> {
        let mut tries = self.retries.begin(may_retry);
        loop {
            let permit = match &self.breaker {
                Some(breaker) => Some(breaker.admit().ok_or(SubgraphError::LeftAlone)?),
                None => None,
            };
            let answer = self.send(headers, body.clone()).await;
            let failed = answer.as_ref().is_err_and(SubgraphError::is_outage);
            if let Some(change) = permit.and_then(|permit| permit.ended(failed)) {
                self.tell_of_circuit(change == Change::Opened);
            }
            match answer {
                Err(SubgraphError::Unreachable(cause)) if tries.again().await => {
                    tracing::debug!(subgraph = self.name, cause, "trying again");
                    self.observer.fetch_retried(&self.name);
                }
                answer => return answer,
            }
        }
    }

    fn tell_of_circuit(&self, is_open: bool) {
        if is_open {
            tracing::warn!(
                subgraph = self.name,
                "it fails too often and is left alone for a moment"
            );
        } else {
            tracing::info!(subgraph = self.name, "it answers again");
        }
        self.observer.circuit_changed(&self.name, is_open);
    }

    async fn send(
        &self,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Result<SubgraphResponse, SubgraphError> {
        let mut headers = headers.clone();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(
            ACCEPT,
            HeaderValue::from_static("application/graphql-response+json, application/json;q=0.9"),
        );
        if let Some(own_headers) = &self.own_headers {
            headers.extend(own_headers().map_err(SubgraphError::Misconfigured)?);
        }
        let mut response = self
            .client
            .post(self.url.clone())
            .headers(headers)
            .body(body)
            .send()
            .await
            .map_err(|error| failure(&error))?;
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
            if bytes.len() + chunk.len() > self.answer_bytes {
                let reason = format!("it is larger than {} bytes", self.answer_bytes);
                return Err(SubgraphError::BadAnswer(reason));
            }
            bytes.extend_from_slice(&chunk);
        }
        answer::read(status, headers, &bytes)
    }
}

impl Subgraph for Http {
    fn execute<'a>(
        &'a self,
        request: SubgraphRequest<'a>,
    ) -> BoxFuture<'a, Result<SubgraphResponse, SubgraphError>> {
        Box::pin(self.post(request))
    }

    fn subscribe(&self, request: SubgraphRequest<'_>) -> Events {
        let own_headers = match &self.own_headers {
            Some(own_headers) => own_headers().map_err(SubgraphError::Misconfigured),
            None => Ok(HeaderMap::new()),
        };
        match own_headers {
            Ok(own) => websocket::subscribe(&self.url, request, own, &self.subscriptions),
            Err(error) => stream::iter([Err(error)]).boxed(),
        }
    }
}

#[derive(Serialize)]
struct Body<'a> {
    query: &'a str,
    #[serde(skip_serializing_if = "Map::is_empty")]
    variables: &'a Map<String, Value>,
}

fn failure(error: &reqwest::Error) -> SubgraphError {
    if error.is_timeout() {
        SubgraphError::TimedOut
    } else {
        SubgraphError::Unreachable(with_causes(error))
    }
}

/// reqwest's own message leaves out why.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
