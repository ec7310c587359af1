//! A subgraph as those see it who serve it, whatever its domain.

use std::{panic::AssertUnwindSafe, sync::Arc};

use async_graphql::{ObjectType, Request, Response, Schema, ServerError, SubscriptionType};
use futures_util::{FutureExt, future::BoxFuture, stream::BoxStream};
use http::HeaderMap;

use crate::{caller::ClientAddress, error::ApiError, loader::Batches, token::Authenticator};

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
            Err(error) => {
                let error = ServerError::from(ApiError::from(error));
                return Response::from_errors(vec![error]);
            }
        };
        let batches = Batches::default();
        let mut request = request.data(caller);
        if let Some(address) = ClientAddress::from_headers(headers) {
            request = request.data(address);
        }
        let request = self.subgraph.with_loaders(request, &batches);
        let answer = AssertUnwindSafe(batches.drive(self.subgraph.execute(request)));
        // What the request has begun is dropped with it, and a transaction that is dropped is rolled back.
        let mut response = answer.catch_unwind().await.unwrap_or_else(|panic| {
            let cause = panic.downcast_ref::<String>().map(String::as_str);
            let cause = cause.or_else(|| panic.downcast_ref::<&str>().copied());
            let error = ApiError::internal(&format!("a panic: {}", cause.unwrap_or("unknown")));
            Response::from_errors(vec![ServerError::from(error)])
        });
        mask(&mut response);
        response
    }
}

/// Puts our own words in the place of an error that a resolver let through by `?`: it has its cause beside it, and no code.
fn mask(response: &mut Response) {
    for error in &mut response.errors {
        let coded = error.extensions.as_ref().and_then(|it| it.get("code"));
        if error.source.is_some() && coded.is_none() {
            let masked = ServerError::from(ApiError::internal(&error.message));
            error.message = masked.message;
            error.extensions = masked.extensions;
            error.source = None;
        }
    }
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
