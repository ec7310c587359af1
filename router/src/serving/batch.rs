//! Several requests in one, as a JSON array: each is answered at its place.

use axum::response::Response;
use futures_util::future::join_all;
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use std::sync::Arc;

use super::media::ResponseType;
use super::{refused, respond};
use crate::error::{GraphQLError, Refusal, code};
use crate::pipeline::{GraphQLRequest, GraphQLResponse, Router};

/// Answers all of them side by side: none may count on what another does. Together they may cost what one may.
pub(super) async fn answer(
    router: &Router,
    requests: Vec<Value>,
    headers: &HeaderMap,
    response_type: ResponseType,
) -> Response {
    let refuse = |error: GraphQLError| {
        let body = GraphQLResponse::rejected(&[error]).into_body();
        respond(StatusCode::BAD_REQUEST, response_type, body)
    };
    let Some(maximum) = router.options().batch else {
        let message = "several requests in one are not served: send them one by one";
        return refuse(GraphQLError::new(code::BATCH_REFUSED, message));
    };
    if requests.is_empty() {
        let message = "the array has no request";
        return refused(StatusCode::BAD_REQUEST, response_type, message);
    }
    if requests.len() > maximum {
        let message = format!("more than {maximum} requests in one are not served");
        let error = GraphQLError::new(code::BATCH_REFUSED, message)
            .with_extension("limit", "batch")
            .with_extension("maximum", maximum)
            .with_extension("actual", requests.len());
        return refuse(error);
    }
    let requests = requests.into_iter().map(|request| async move {
        let request = GraphQLRequest::from_json(request)?;
        let operation = router.prepare(&request).await?;
        Ok((operation, request.variables))
    });
    let requests: Vec<Result<_, Arc<Refusal>>> = join_all(requests).await;
    let prepared = requests.iter().flatten();
    let costs = prepared.filter_map(|(operation, variables)| router.cost(operation, variables));
    if let Err(errors) = router.check_cost(costs.fold(0, u64::saturating_add)) {
        let body = GraphQLResponse::rejected(&errors).into_body();
        return respond(StatusCode::BAD_REQUEST, response_type, body);
    }
    let answers = requests.into_iter().map(|request| async move {
        match request {
            Ok((operation, variables)) => router.run(&operation, variables, headers).await,
            Err(errors) => GraphQLResponse::rejected(&errors),
        }
    });
    let mut body = vec![b'['];
    for (at, answer) in join_all(answers).await.iter().enumerate() {
        if at > 0 {
            body.push(b',');
        }
        body.extend_from_slice(answer.body());
    }
    body.push(b']');
    respond(StatusCode::OK, response_type, body)
}
