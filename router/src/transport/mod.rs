//! How a subgraph is reached: one trait, with an implementation in process and one over HTTP.
//!
//! Nothing above the trait knows which of them it talks to. It serves callers outside the router
//! too: [`SubgraphClient`] asks a single subgraph and reads the answer.

mod client;
mod error;
mod http;
mod in_process;
mod websocket;

pub use self::client::{SubgraphClient, fetch_sdl};
pub use self::error::SubgraphError;
pub use self::http::{
    BreakerOptions, Http, HttpOptions, OwnHeaders, RetryOptions, Traffic, client,
};
pub use self::in_process::{Execute, InProcess, Subscribe};
pub use self::websocket::SubscriptionOptions;

use ::http::HeaderMap;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use serde_json::{Map, Value};
use std::hash::{Hash, Hasher};

use crate::error::GraphQLError;
use crate::operation::OperationKind;

/// A GraphQL server that answers operations on its part of the graph.
pub trait Subgraph: Send + Sync {
    /// Executes one operation.
    ///
    /// # Errors
    /// Only for an answer that never came or is not GraphQL. Errors that the subgraph itself
    /// reports are part of the [`SubgraphResponse`].
    fn execute<'a>(
        &'a self,
        request: SubgraphRequest<'a>,
    ) -> BoxFuture<'a, Result<SubgraphResponse, SubgraphError>>;

    /// Follows one subscription: an answer for each event, until the subgraph completes it or the
    /// stream is dropped. An error is the last item; without one the subgraph has ended the
    /// subscription in good order. Must be called within a tokio runtime.
    ///
    /// A transport that cannot do it, as by default, says so in an error.
    fn subscribe(&self, request: SubgraphRequest<'_>) -> Events {
        let _ = request;
        let message = "its transport has no subscriptions".to_owned();
        stream::iter([Err(SubgraphError::Misconfigured(message))]).boxed()
    }
}

/// What a subgraph tells a subscription.
pub type Events = BoxStream<'static, Result<SubgraphResponse, SubgraphError>>;

/// An operation for a subgraph.
#[derive(Debug)]
#[non_exhaustive]
pub struct SubgraphRequest<'a> {
    /// The operation's text: one operation, anonymous or not.
    pub query: &'a str,
    /// A hash of `query`, the same for the same text: the key for caches of parsed documents.
    /// Different texts may share it, so a cache compares the text as well.
    pub hash: u64,
    /// Values of the operation's variables.
    pub variables: Map<String, Value>,
    /// Headers that the subgraph shall see: the caller's token, language and trace.
    pub headers: &'a HeaderMap,
    /// What the operation does. What is no query is never sent twice.
    pub kind: OperationKind,
    /// What is asked in one generation is never answered by what was asked in an earlier one: the router begins a new
    /// generation whenever a mutation has ended, so that whoever has changed something reads what they wrote.
    pub generation: u64,
}

impl<'a> SubgraphRequest<'a> {
    /// A query without variables.
    pub fn new(query: &'a str, headers: &'a HeaderMap) -> Self {
        let mut hasher = rustc_hash::FxHasher::default();
        query.hash(&mut hasher);
        SubgraphRequest::with_hash(query, hasher.finish(), headers)
    }

    /// A query whose text was hashed before.
    pub fn with_hash(query: &'a str, hash: u64, headers: &'a HeaderMap) -> Self {
        SubgraphRequest {
            query,
            hash,
            variables: Map::new(),
            headers,
            kind: OperationKind::Query,
            generation: 0,
        }
    }

    /// The same request in this generation.
    #[must_use]
    pub fn generation(mut self, generation: u64) -> Self {
        self.generation = generation;
        self
    }

    /// The same request, whose operation is of this kind.
    #[must_use]
    pub fn kind(mut self, kind: OperationKind) -> Self {
        self.kind = kind;
        self
    }

    /// The same request with these variables.
    #[must_use]
    pub fn variables(mut self, variables: Map<String, Value>) -> Self {
        self.variables = variables;
        self
    }

    /// The same request with one more variable.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }
}

/// What a subgraph answered.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SubgraphResponse {
    /// The `data` member; `Null` if there was none.
    pub data: Value,
    /// The `errors` member; paths are those of the subgraph's own operation.
    pub errors: Vec<GraphQLError>,
    /// The headers that came with it; none in process.
    pub headers: HeaderMap,
}

impl SubgraphResponse {
    /// The data, if the subgraph reported no error at all.
    ///
    /// # Errors
    /// [`SubgraphError::Answered`] with all the errors that it reported.
    pub fn into_data(self) -> Result<Value, SubgraphError> {
        if self.errors.is_empty() {
            Ok(self.data)
        } else {
            Err(SubgraphError::Answered(self.errors))
        }
    }
}
