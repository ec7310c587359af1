//! A subgraph in the same process: its async-graphql schema is called directly.

use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{ObjectType, Schema, ServerError, SubscriptionType, Variables};
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt};
use http::HeaderMap;
use serde_json::Value;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use super::{Events, Subgraph, SubgraphError, SubgraphRequest, SubgraphResponse};
use crate::error::GraphQLError;

/// Executes one request, with the headers that came with it: the place to put the caller's identity
/// and the data loaders of this one request into it.
pub type Execute = Arc<
    dyn for<'h> Fn(&'h HeaderMap, async_graphql::Request) -> BoxFuture<'h, async_graphql::Response>
        + Send
        + Sync,
>;

/// Follows one subscription, with the headers that came with it.
pub type Subscribe = Arc<
    dyn Fn(&HeaderMap, async_graphql::Request) -> BoxStream<'static, async_graphql::Response>
        + Send
        + Sync,
>;

/// Parsed documents kept per subgraph. Documents come from query plans, which repeat.
const PARSED_DOCUMENTS: u64 = 1024;

/// A document that was parsed before, with its text, because hashes can collide.
struct Parsed {
    query: Box<str>,
    document: ExecutableDocument,
}

/// A schema of async-graphql as a subgraph.
pub struct InProcess {
    execute: Execute,
    subscribe: Option<Subscribe>,
    parsed: moka::sync::Cache<u64, Arc<Parsed>, rustc_hash::FxBuildHasher>,
}

impl InProcess {
    /// The schema as it stands, with nothing put into its requests.
    pub fn new<Query, Mutation, Subscription>(schema: Schema<Query, Mutation, Subscription>) -> Self
    where
        Query: ObjectType + 'static,
        Mutation: ObjectType + 'static,
        Subscription: SubscriptionType + 'static,
    {
        let streamed = schema.clone();
        let subscribe: Subscribe =
            Arc::new(move |_, request| Box::pin(streamed.execute_stream(request)));
        Self::executed_by(Arc::new(move |_, request| {
            let schema = schema.clone();
            Box::pin(async move { schema.execute(request).await })
        }))
        .subscribed_by(subscribe)
    }

    /// A schema whose requests are executed by this function.
    pub fn executed_by(execute: Execute) -> Self {
        InProcess {
            execute,
            subscribe: None,
            parsed: moka::sync::Cache::builder()
                .max_capacity(PARSED_DOCUMENTS)
                .build_with_hasher(rustc_hash::FxBuildHasher),
        }
    }

    /// The same schema, whose subscriptions are followed by this function.
    #[must_use]
    pub fn subscribed_by(self, subscribe: Subscribe) -> Self {
        InProcess {
            subscribe: Some(subscribe),
            ..self
        }
    }

    /// async-graphql's request, with its document parsed. A document that does not parse is left to
    /// the schema, which reports it in its own way.
    fn request(&self, request: SubgraphRequest<'_>) -> async_graphql::Request {
        let mut inner = async_graphql::Request::new(request.query)
            .variables(Variables::from_json(Value::Object(request.variables)));
        match self.parsed.get(&request.hash) {
            Some(known) if *known.query == *request.query => {
                inner.set_parsed_query(known.document.clone());
            }
            _ => {
                if let Ok(document) = inner.parsed_query() {
                    let parsed = Parsed {
                        query: request.query.into(),
                        document: document.clone(),
                    };
                    self.parsed.insert(request.hash, Arc::new(parsed));
                }
            }
        }
        inner
    }
}

impl Subgraph for InProcess {
    fn execute<'a>(
        &'a self,
        request: SubgraphRequest<'a>,
    ) -> BoxFuture<'a, Result<SubgraphResponse, SubgraphError>> {
        Box::pin(async move {
            let headers = request.headers;
            let call = (self.execute)(headers, self.request(request));
            // A resolver that panics must cost no more than a server that breaks off. What it was
            // changing is its own, and is dropped with it.
            let response = AssertUnwindSafe(call).catch_unwind().await;
            response.map(read).map_err(|_| panicked())
        })
    }

    fn subscribe(&self, request: SubgraphRequest<'_>) -> Events {
        let Some(subscribe) = &self.subscribe else {
            let message = "nothing follows its subscriptions".to_owned();
            return stream::iter([Err(SubgraphError::Misconfigured(message))]).boxed();
        };
        let events = subscribe(request.headers, self.request(request));
        let events = AssertUnwindSafe(events).catch_unwind();
        events
            .map(|response| response.map(read).map_err(|_| panicked()))
            .boxed()
    }
}

fn panicked() -> SubgraphError {
    SubgraphError::BadAnswer("a resolver panicked".to_owned())
}

fn read(response: async_graphql::Response) -> SubgraphResponse {
    SubgraphResponse {
        errors: response.errors.iter().map(read_error).collect(),
        data: to_json(response.data),
        headers: HeaderMap::new(),
    }
}

fn read_error(error: &ServerError) -> GraphQLError {
    match serde_json::to_value(error) {
        Ok(json) => GraphQLError::from_foreign(json),
        Err(_) => GraphQLError::from_foreign(Value::String(error.message.clone())),
    }
}

/// Moves a value of async-graphql into JSON, without going through text.
fn to_json(value: async_graphql::Value) -> Value {
    use async_graphql::Value as Inner;
    match value {
        Inner::Null => Value::Null,
        Inner::Number(number) => Value::Number(number),
        Inner::String(text) => Value::String(text),
        Inner::Boolean(truth) => Value::Bool(truth),
        Inner::Enum(name) => Value::String(name.to_string()),
        Inner::Binary(bytes) => bytes.iter().copied().map(Value::from).collect(),
        Inner::List(items) => items.into_iter().map(to_json).collect(),
        Inner::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| (name.to_string(), to_json(value)))
            .collect(),
    }
}
