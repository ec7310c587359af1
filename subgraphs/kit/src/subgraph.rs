//! A subgraph as those see it who serve it, whatever its domain.

use std::{any::Any, panic::AssertUnwindSafe, sync::Arc};

use async_graphql::{ObjectType, Request, Response, Schema, ServerError, SubscriptionType};
use futures_util::{
    FutureExt, StreamExt,
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
        let answer = AssertUnwindSafe(batches.drive(self.subgraph.execute(request)));
        // What the request has begun is dropped with it, and a transaction that is dropped is rolled back.
        let mut response = answer
            .catch_unwind()
            .await
            .unwrap_or_else(|panic| panicked(panic.as_ref()));
        mask(&mut response);
        response
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
            let responses = responses.map(|mut response| {
                mask(&mut response);
                response
            });
            until(Box::pin(tenure.over()), responses.boxed(), batches)
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

/// What is answered where a resolver has panicked: its cause is logged, not told.
fn panicked(panic: &(dyn Any + Send)) -> Response {
    let cause = panic.downcast_ref::<String>().map(String::as_str);
    let cause = cause.or_else(|| panic.downcast_ref::<&str>().copied());
    let error = ApiError::internal(&format!("a panic: {}", cause.unwrap_or("unknown")));
    Response::from_errors(vec![ServerError::from(error)])
}

/// The responses, until there are no more, or the caller's time is over, or a resolver panics: then the last one says why.
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
            response = AssertUnwindSafe(batches.drive(responses.next())).catch_unwind() => match response {
                Ok(response) => response.map(|response| (response, Some((over, responses, batches)))),
                Err(panic) => Some((panicked(panic.as_ref()), None)),
            },
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

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, Object, Subscription};
    use futures_util::{Stream, StreamExt};
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        clock::Clock,
        random::Random,
        token::{Realm, SigningKey},
    };

    const SECRET: &str = "SELECT * FROM secret";

    struct Query;

    fn fail() -> Option<i32> {
        panic!("{SECRET}")
    }

    #[Object]
    impl Query {
        async fn works(&self) -> i32 {
            1
        }

        async fn panics(&self) -> Option<i32> {
            fail()
        }

        async fn leaks(&self) -> async_graphql::Result<Option<i32>> {
            Err(std::io::Error::other(SECRET))?
        }

        async fn tells(&self) -> Result<Option<i32>, ApiError> {
            Err(ApiError::forbidden("No."))
        }
    }

    struct Events;

    #[Subscription]
    impl Events {
        async fn panics(&self) -> impl Stream<Item = i32> + use<> {
            stream::iter([1, 2]).map(|number| if number == 1 { 1 } else { panic!("{SECRET}") })
        }
    }

    type Faulty = Schema<Query, EmptyMutation, Events>;

    impl Subgraph for Faulty {
        const NAME: &'static str = "faulty";

        fn sdl(&self) -> String {
            sdl(self)
        }

        fn with_loaders(&self, request: Request, _: &Batches) -> Request {
            request
        }

        fn execute(&self, request: Request) -> BoxFuture<'_, Response> {
            Box::pin(Schema::execute(self, request))
        }

        fn execute_stream(&self, request: Request) -> BoxStream<'static, Response> {
            Schema::execute_stream(self, request).boxed()
        }
    }

    fn service() -> Service<Faulty> {
        let pem = SigningKey::generate_pem(&Random::seeded(1)).unwrap();
        let key = SigningKey::from_pem(&pem).unwrap();
        let clock = Clock::manual(chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let schema = Schema::new(Query, EmptyMutation, Events);
        Service::new(schema, Authenticator::new(key, &Realm::default(), clock))
    }

    async fn ask(service: &Service<Faulty>, query: &str) -> Value {
        let headers = HeaderMap::new();
        let response = service.execute(&headers, Request::new(query)).await;
        serde_json::to_value(response).unwrap()
    }

    #[tokio::test]
    async fn a_panic_is_an_error_that_says_nothing_and_the_next_request_is_served() {
        let service = service();
        let answer = ask(&service, "{ works panics }").await;
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "INTERNAL_SERVER_ERROR");
        assert!(!answer.to_string().contains(SECRET), "{answer}");
        assert_eq!(
            ask(&service, "{ works }").await["data"],
            json!({ "works": 1 })
        );
    }

    #[tokio::test]
    async fn a_panic_ends_a_subscription_with_an_error_that_says_nothing() {
        for (query, before) in [("subscription { panics }", 1), ("{ panics }", 0)] {
            let responses = service().subscribe(&HeaderMap::new(), Request::new(query));
            let told: Vec<Value> = responses
                .map(|response| serde_json::to_value(response).unwrap())
                .collect()
                .await;
            assert_eq!(told.len(), before + 1, "{told:?}");
            let error = &told[before]["errors"][0];
            assert_eq!(error["extensions"]["code"], "INTERNAL_SERVER_ERROR");
            assert!(!error.to_string().contains(SECRET), "{error}");
        }
    }

    #[tokio::test]
    async fn an_error_that_a_resolver_let_through_is_masked_and_our_own_is_not() {
        let answer = ask(&service(), "{ works leaks tells }").await;
        assert_eq!(answer["data"]["works"], 1);
        assert!(answer["data"]["leaks"].is_null());
        assert!(!answer.to_string().contains(SECRET), "{answer}");
        let errors = answer["errors"].as_array().unwrap();
        let mut told: Vec<String> = errors
            .iter()
            .map(|error| format!("{} {}", error["path"], error["extensions"]["code"]))
            .collect();
        told.sort();
        assert_eq!(
            told,
            [
                r#"["leaks"] "INTERNAL_SERVER_ERROR""#,
                r#"["tells"] "FORBIDDEN""#
            ]
        );
    }
}
