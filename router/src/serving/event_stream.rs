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
use serde_json::Value;
use std::convert::Infallible;
use std::pin::pin;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::media::{ResponseType, negotiate};
use super::reading::{Unread, from_body, from_query};
use super::streaming::{Streaming, TOO_MANY_OF_CLIENT, refused};
use super::{answered, not_read};
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
    let as_json = negotiate(request.headers());
    let is_post = request.method() == Method::POST;
    if !is_post && request.method() != Method::GET {
        return next.run(request).await;
    }
    let (parts, body) = split(request).await;
    let router = current.current();
    let read = if is_post {
        let largest_body = router.options().limits.body_bytes;
        from_body(&parts.headers, body.as_ref(), largest_body).and_then(single)
    } else {
        let parameters = Query::from_request_parts(&mut parts.clone(), &()).await;
        from_query(&parts.headers, parameters)
    };
    let read = match read {
        Ok(request) => Ok((router.prepare(&request).await, request.variables)),
        Err(unread) => Err(unread),
    };
    match (&read, as_json, body) {
        (Ok((Err(errors), _)), Some(response_type), _) => {
            return answered(GraphQLResponse::rejected(errors), response_type);
        }
        (Ok((Ok(operation), _)), _, _) if operation.kind() == OperationKind::Subscription => {}
        (_, Some(_), Ok(body)) => {
            return next.run(Request::from_parts(parts, Body::from(body))).await;
        }
        _ => {}
    }
    let responses = match read {
        Err(unread) => return not_read(&unread, ResponseType::Json),
        Ok((Err(errors), _)) => refused(&errors),
        Ok((Ok(operation), _)) if operation.kind() == OperationKind::Mutation && !is_post => {
            let message = "GET is for queries and subscriptions: send a mutation by POST";
            refused(&[GraphQLError::new(code::METHOD_NOT_ALLOWED, message)])
        }
        Ok((Ok(operation), variables)) => {
            streaming.follow(&router, operation, variables, &parts.headers)
        }
    };
    let Some(place) = streaming.hold(&parts.headers) else {
        let error = GraphQLError::new(code::TOO_MANY_SUBSCRIPTIONS, TOO_MANY_OF_CLIENT);
        let body = GraphQLResponse::rejected(&[error]).into_body();
        return super::respond(StatusCode::TOO_MANY_REQUESTS, ResponseType::Json, body);
    };
    let responses = responses.map(move |response| {
        let _ = &place;
        response
    });
    respond(&streaming, responses.boxed())
}

/// The request with its body, which is read within the limit that is set for all.
async fn split(request: Request) -> (Parts, Result<Bytes, BytesRejection>) {
    let mut again = Request::new(Body::empty());
    *again.method_mut() = request.method().clone();
    *again.uri_mut() = request.uri().clone();
    *again.headers_mut() = request.headers().clone();
    *again.extensions_mut() = request.extensions().clone();
    let (parts, _) = again.into_parts();
    (parts, Bytes::from_request(request, &()).await)
}

/// A stream answers one request.
fn single(json: Value) -> Result<GraphQLRequest, Unread> {
    if json.is_array() {
        let message = "several requests in one are not answered by events: send them one by one";
        return Err(Refusal::from(GraphQLError::new(code::BATCH_REFUSED, message)).into());
    }
    Ok(GraphQLRequest::from_json(json)?)
}

fn respond(streaming: &Streaming, responses: Responses) -> Response {
    let stop = streaming.lifetime.stop.clone();
    let responses = responses.take_until(async move { stop.cancelled().await });
    let frames = kept_alive(frames(responses).boxed(), streaming.options.keep_alive);
    let frames = given_up(frames, streaming.options.websocket.send_timeout);
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

type Frame = Result<Bytes, Infallible>;

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

/// Gives up a client that does not take a frame in time. The server only asks for frames while there is room for them, so that
/// somebody else has to look at the clock.
fn given_up(
    frames: impl Stream<Item = Frame> + Send + 'static,
    patience: Duration,
) -> impl Stream<Item = Frame> + Send + 'static {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        let mut frames = pin!(frames);
        // Room first: the next event is not asked for before the one before is taken.
        while let Ok(Ok(room)) = timeout(patience, sender.reserve()).await {
            let frame = tokio::select! {
                frame = frames.next() => frame,
                () = sender.closed() => None,
            };
            match frame {
                Some(frame) => room.send(frame),
                None => return,
            }
        }
        if !sender.is_closed() {
            tracing::info!("a client of an event stream does not read and is given up");
        }
    });
    stream::unfold(receiver, |mut receiver| async {
        Some((receiver.recv().await?, receiver))
    })
}

/// With a comment where nothing else is said for so long, so that nobody on the way takes the connection for dead.
fn kept_alive(
    frames: BoxStream<'static, Bytes>,
    interval: Duration,
) -> impl Stream<Item = Frame> + Send + 'static {
    stream::unfold(frames, move |mut frames| async move {
        match timeout(interval, frames.next()).await {
            Ok(frame) => frame.map(|frame| (Ok(frame), frames)),
            Err(_) => Some((Ok(Bytes::from_static(b":\n\n")), frames)),
        }
    })
}
