//! GraphQL over server-sent events, in the "distinct connections mode" of
//! <https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md>: one request, one operation.

use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::future::ready;
use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt};
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use std::convert::Infallible;
use std::time::Duration;
use tokio::time::timeout;

use super::media::{ResponseType, is_json, negotiate};
use super::streaming::Streaming;
use super::{has_preflighted_header, read_parameters, refused};
use crate::error::{GraphQLError, Refusal, code};
use crate::pipeline::{GraphQLRequest, GraphQLResponse, LiveRouter, Responses};
use crate::planning::OperationKind;

/// Tells nginx and its like not to gather what should go out at once.
const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Whether the client takes events.
pub(super) fn is_accepted(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT).iter();
    let values = values.filter_map(|value| value.to_str().ok());
    let mut media = values.flat_map(|value| value.split(','));
    media.any(|media| {
        let mut parts = media.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let is_refused = parts.any(|parameter| matches!(parameter, "q=0" | "q=0.0"));
        name.eq_ignore_ascii_case("text/event-stream") && !is_refused
    })
}

/// Answers with events. Who takes JSON as well gets it for whatever is no subscription.
pub(super) async fn serve(
    streaming: Streaming,
    current: LiveRouter,
    request: Request,
    next: Next,
) -> Response {
    let takes_json = negotiate(request.headers()).is_some();
    let is_post = request.method() == Method::POST;
    if !is_post && request.method() != Method::GET {
        return next.run(request).await;
    }
    let (parts, body) = match read(request).await {
        Ok(read) => read,
        Err((status, message)) => return refused(status, ResponseType::Json, &message),
    };
    let read = if is_post {
        from_body(&parts.headers, &body)
    } else {
        from_query(&parts).await
    };
    let router = current.current();
    let kind = match &read {
        Ok(read) => router.prepare(read).await.ok().map(|it| it.kind()),
        Err(_) => None,
    };
    if takes_json && kind != Some(OperationKind::Subscription) {
        let request = Request::from_parts(parts, Body::from(body));
        return next.run(request).await;
    }
    let request = match read {
        Ok(request) => request,
        Err((status, message)) => return refused(status, ResponseType::Json, &message),
    };
    let responses = match kind {
        Some(OperationKind::Mutation) if !is_post => {
            let message = "GET is for queries and subscriptions: send a mutation by POST";
            let error = GraphQLError::new(code::METHOD_NOT_ALLOWED, message);
            stream::once(ready(GraphQLResponse::rejected(&[error]))).boxed()
        }
        _ => streaming.answer(&router, request, &parts.headers).await,
    };
    respond(&streaming, responses)
}

/// Why a request is not read: the status, and what to say.
type Unread = (StatusCode, String);

/// The request with its body, which is read within the limit that is set for all.
async fn read(request: Request) -> Result<(Parts, Bytes), Unread> {
    let mut again = Request::new(Body::empty());
    *again.method_mut() = request.method().clone();
    *again.uri_mut() = request.uri().clone();
    *again.headers_mut() = request.headers().clone();
    *again.extensions_mut() = request.extensions().clone();
    let (parts, _) = again.into_parts();
    let body = Bytes::from_request(request, &()).await;
    body.map(|body| (parts, body))
        .map_err(|rejection: BytesRejection| {
            let message = "the body is too large, or could not be read";
            (rejection.status(), message.to_owned())
        })
}

fn from_body(headers: &HeaderMap, body: &[u8]) -> Result<GraphQLRequest, Unread> {
    if !is_json(headers) {
        let message = "the body must be JSON, with `content-type: application/json`";
        return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, message.to_owned()));
    }
    let json = serde_json::from_slice(body)
        .map_err(|error| bad_request(format!("the body is not JSON: {error}")))?;
    GraphQLRequest::from_json(json).map_err(first)
}

async fn from_query(parts: &Parts) -> Result<GraphQLRequest, Unread> {
    if !has_preflighted_header(&parts.headers) {
        let message = "a GET request needs the header `graphql-require-preflight` (any value), \
                       which shows that no foreign page has sent it";
        return Err(bad_request(message.to_owned()));
    }
    let parameters = Query::from_request_parts(&mut parts.clone(), &()).await;
    read_parameters(parameters).map_err(first)
}

fn first(errors: Refusal) -> Unread {
    let messages = errors.into_iter().map(|error| error.message);
    bad_request(messages.collect::<Vec<_>>().join("; "))
}

fn bad_request(message: String) -> Unread {
    (StatusCode::BAD_REQUEST, message)
}

fn respond(streaming: &Streaming, responses: Responses) -> Response {
    let stop = streaming.lifetime.stop.clone();
    let responses = responses.take_until(async move { stop.cancelled().await });
    let frames = kept_alive(frames(responses).boxed(), streaming.options.keep_alive);
    let mut response = Response::new(Body::from_stream(frames));
    for (name, value) in [
        (CONTENT_TYPE, "text/event-stream"),
        (CACHE_CONTROL, "no-cache"),
        (UNBUFFERED, "no"),
    ] {
        let value = HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    response
}

/// `next` for every response, which is JSON in one line, and `complete` at the end. The latter has
/// empty data, for a browser passes over an event that has none, which axum's own events cannot say.
fn frames(
    responses: impl Stream<Item = GraphQLResponse> + Send + 'static,
) -> impl Stream<Item = Bytes> + Send + 'static {
    let next = responses.map(|response| {
        let mut frame = b"event: next\ndata: ".to_vec();
        frame.extend_from_slice(response.body());
        frame.extend_from_slice(b"\n\n");
        Bytes::from(frame)
    });
    let complete = Bytes::from_static(b"event: complete\ndata: \n\n");
    next.chain(stream::once(ready(complete)))
}

/// With a comment where nothing else is said for so long, so that nobody on the way takes the connection for dead.
fn kept_alive(
    frames: BoxStream<'static, Bytes>,
    interval: Duration,
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static {
    stream::unfold(frames, move |mut frames| async move {
        match timeout(interval, frames.next()).await {
            Ok(frame) => frame.map(|frame| (Ok(frame), frames)),
            Err(_) => Some((Ok(Bytes::from_static(b":\n\n")), frames)),
        }
    })
}
