//! A subgraph as those see it who serve it, whatever its domain.

use std::sync::Arc;

use async_graphql::{ObjectType, Request, Response, Schema, ServerError, SubscriptionType};
use futures_util::{
    StreamExt,
    future::{BoxFuture, ready},
    stream::{self, BoxStream},
};
use http::HeaderMap;

use crate::{
    caller::{Caller, ClientAddress},
    error::ApiError,
    loader::Batches,
    token::{Authenticator, TokenError},
};

/// A domain's schema and the data loaders that each of its requests needs.
///
/// No method is generic, so that a schema, which is one large generic value, is compiled once, in the crate of its domain.
pub trait Subgraph: Send + Sync + 'static {
    /// The subgraph's name in the graph, e.g. `products`.
    const NAME: &'static str;

    /// The SDL that a federation composes: [`sdl`] of the schema.
    fn sdl(&self) -> String;

    /// Puts the data loaders of one request into it, made with [`Batches::loader`].
    fn with_loaders(&self, request: Request, batches: &Batches) -> Request;

    /// Answers a query or a mutation.
    fn execute(&self, request: Request) -> BoxFuture<'_, Response>;

    /// Answers a subscription, once for every event. What its loaders hold back must be driven with every next answer.
    fn execute_stream(&self, request: Request) -> BoxStream<'static, Response>;
}

/// A subgraph that knows who calls: what is served in process and over HTTP alike. Clones share it.
pub struct Service<S> {
    subgraph: Arc<S>,
    authenticator: Authenticator,
}

impl<S> Clone for Service<S> {
    fn clone(&self) -> Self {
        Self {
            subgraph: Arc::clone(&self.subgraph),
            authenticator: self.authenticator.clone(),
        }
    }
}

impl<S: Subgraph> Service<S> {
    /// Serves `subgraph` to callers whose tokens `authenticator` accepts.
    pub fn new(subgraph: S, authenticator: Authenticator) -> Self {
        Self {
            subgraph: Arc::new(subgraph),
            authenticator,
        }
    }

    /// The subgraph.
    #[must_use]
    pub fn subgraph(&self) -> &S {
        &self.subgraph
    }

    /// The SDL that a federation composes.
    #[must_use]
    pub fn sdl(&self) -> String {
        self.subgraph.sdl()
    }

    /// Answers one request of the caller that its headers name.
    pub async fn execute(&self, headers: &HeaderMap, request: Request) -> Response {
        let caller = match self.authenticator.caller(headers).await {
            Ok(caller) => caller,
            Err(error) => return refused(error),
        };
        let batches = Batches::default();
        let request = self.of_caller(request, caller, headers, &batches);
        batches.drive(self.subgraph.execute(request)).await
    }

    /// Answers a subscription of the caller that its headers name, once for every event; another operation once.
    ///
    /// It lasts no longer than the caller's token: when that expires, or its session is ended, the last answer says so with
    /// `UNAUTHENTICATED`. Each answer is made when it is asked for.
    pub fn subscribe(&self, headers: &HeaderMap, request: Request) -> BoxStream<'static, Response> {
        let (service, headers) = (self.clone(), headers.clone());
        let begin = async move {
            let (caller, tenure) = match service.authenticator.admit(&headers).await {
                Ok(admitted) => admitted,
                Err(error) => return stream::once(ready(refused(error))).boxed(),
            };
            let batches = Batches::default();
            let request = service.of_caller(request, caller, &headers, &batches);
            let responses = service.subgraph.execute_stream(request);
            until(Box::pin(tenure.over()), responses, batches)
        };
        stream::once(begin).flatten().boxed()
    }

    fn of_caller(
        &self,
        request: Request,
        caller: Caller,
        headers: &HeaderMap,
        batches: &Batches,
    ) -> Request {
        let mut request = request.data(caller);
        if let Some(address) = ClientAddress::from_headers(headers) {
            request = request.data(address);
        }
        self.subgraph.with_loaders(request, batches)
    }
}

/// The responses, until there are no more, or the caller's time is over: then the last one says why.
fn until(
    over: BoxFuture<'static, TokenError>,
    responses: BoxStream<'static, Response>,
    batches: Batches,
) -> BoxStream<'static, Response> {
    let state = Some((over, responses, batches));
    stream::unfold(state, |state| async {
        let (mut over, mut responses, batches) = state?;
        tokio::select! {
            // Looked at first: what a caller may see no more is not told even if it is ready.
            biased;
            error = &mut over => Some((refused(error), None)),
            response = batches.drive(responses.next()) => {
                response.map(|response| (response, Some((over, responses, batches))))
            }
        }
    })
    .boxed()
}

fn refused(error: TokenError) -> Response {
    Response::from_errors(vec![ServerError::from(ApiError::from(error))])
}

/// The federation SDL of a schema, in one stable order.
#[must_use]
pub fn sdl<Q, M, S>(schema: &Schema<Q, M, S>) -> String
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    let options = async_graphql::SDLExportOptions::new()
        .federation()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .include_specified_by()
        .prefer_single_line_descriptions();
    schema.sdl_with_options(options)
}
