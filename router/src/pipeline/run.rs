//! Running a prepared operation, writing its answer, and telling of it whoever counts.

use http::HeaderMap;
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::time::Instant;
use tracing::Instrument;

use super::debug::{Debug, Wish};
use super::{GraphQLResponse, PreparedOperation, Router};
use crate::error::{GraphQLError, code};
use crate::execution::{CallContext, Execution, Introspection, Outcome};
use crate::observe::{self, RequestReport};
use crate::planning::OperationKind;

impl Router {
    /// Runs a prepared query or mutation. A subscription is refused, for it has more than one response:
    /// see [`Router::follow`].
    pub async fn run(
        &self,
        operation: &PreparedOperation,
        variables: Map<String, Value>,
        headers: &HeaderMap,
    ) -> GraphQLResponse {
        let begun = Instant::now();
        let span = tracing::debug_span!(
            "operation",
            otel.name = operation.name().unwrap_or("operation"),
            graphql.operation.name = operation.name(),
            graphql.operation.type = operation.kind.as_str(),
        );
        let run = self.run_observed(operation, variables, headers, begun);
        run.instrument(span).await
    }

    async fn run_observed(
        &self,
        operation: &PreparedOperation,
        variables: Map<String, Value>,
        headers: &HeaderMap,
        begun: Instant,
    ) -> GraphQLResponse {
        if operation.kind == OperationKind::Subscription {
            let message = "a subscription is more than one response: subscribe by a websocket \
                           (`graphql-transport-ws`) or with `accept: text/event-stream`";
            let error = GraphQLError::new(code::OPERATION_NOT_SUPPORTED, message);
            return self.refuse(Some(operation), &[error], begun);
        }
        let variables = match self.checked_variables(operation, variables) {
            Ok(variables) => variables,
            Err(errors) => return self.refuse(Some(operation), &errors, begun),
        };
        let wish = self.options.debug.wish(headers).await;
        let mut outcome = self
            .outcome(operation, &variables, headers, begun, wish)
            .await;
        let passed_on = std::mem::take(&mut outcome.headers);
        let timings = std::mem::take(&mut outcome.timings);
        let debug = match wish {
            Wish::None => None,
            Wish::Refused => Some(Debug::refused()),
            Wish::Granted => {
                let cost = operation.cost(&variables);
                Some(Debug::told(operation, cost, begun.elapsed(), &timings))
            }
        };
        let body = write(operation, &mut outcome, &variables, debug.as_ref());
        let kind = match outcome.errors.is_empty() {
            true => observe::Outcome::Succeeded,
            false => observe::Outcome::Failed,
        };
        self.report(Some(operation), kind, &outcome.errors, begun);
        GraphQLResponse::executed(body).with_headers(passed_on)
    }

    /// Runs the plan, and answers what is asked of the schema itself.
    async fn outcome(
        &self,
        operation: &PreparedOperation,
        variables: &Map<String, Value>,
        headers: &HeaderMap,
        begun: Instant,
        wish: Wish,
    ) -> Outcome {
        let schema = self.preparation.planner().schema();
        let projection = &operation.projection;
        // Also when the caller goes away and this is dropped half-way: something may have been changed.
        let _mutation =
            (operation.kind == OperationKind::Mutation).then(|| self.generations.mutation());
        let mut outcome = match &operation.plan {
            Some(plan) => {
                let outgoing = self.options.headers.outgoing(headers);
                let context = CallContext {
                    timed_from: (wish == Wish::Granted).then_some(begun),
                    ..self.context(&outgoing)
                };
                Execution::new(schema, &self.subgraphs, projection, variables, context)
                    .run(plan)
                    .await
            }
            None => Outcome::default(),
        };
        if let Some(part) = &operation.introspection {
            let introspection = Introspection::new(schema, &part.document, variables);
            if let Err(errors) = introspection.answer(&part.fields, &mut outcome.data) {
                outcome.errors.extend(errors);
            }
        }
        outcome
    }

    fn refuse(
        &self,
        operation: Option<&PreparedOperation>,
        errors: &[GraphQLError],
        begun: Instant,
    ) -> GraphQLResponse {
        self.report(operation, observe::Outcome::Refused, errors, begun);
        GraphQLResponse::rejected(errors)
    }

    pub(super) fn report(
        &self,
        operation: Option<&PreparedOperation>,
        outcome: observe::Outcome,
        errors: &[GraphQLError],
        begun: Instant,
    ) {
        let codes = errors.iter().filter_map(GraphQLError::code);
        let report = RequestReport {
            operation: operation.and_then(PreparedOperation::name),
            kind: operation.map(PreparedOperation::kind),
            outcome,
            codes: &codes.map(str::to_owned).collect::<Vec<_>>(),
            duration: begun.elapsed(),
        };
        self.options.observer.request_answered(&report);
        tracing::debug!(
            operation = report.operation,
            kind = report.kind.map(OperationKind::as_str),
            outcome = outcome.as_str(),
            codes = ?report.codes,
            micros = u64::try_from(report.duration.as_micros()).unwrap_or(u64::MAX),
            "answered"
        );
    }
}

/// The answer's JSON. Errors are added to the outcome's that only writing finds.
pub(super) fn write(
    operation: &PreparedOperation,
    outcome: &mut Outcome,
    variables: &Map<String, Value>,
    debug: Option<&Debug<'_>>,
) -> Vec<u8> {
    #[derive(Serialize)]
    struct Extensions<'a> {
        debug: &'a Debug<'a>,
    }
    const TAKES_ALL: &str = "all of it is JSON, and a vector takes every byte";
    let mut out = Vec::with_capacity(1024);
    out.extend_from_slice(b"{\"data\":");
    out = operation.projection.write(outcome, variables, out);
    if !outcome.errors.is_empty() {
        out.extend_from_slice(b",\"errors\":");
        serde_json::to_writer(&mut out, &outcome.errors).expect(TAKES_ALL);
    }
    if let Some(debug) = debug {
        out.extend_from_slice(b",\"extensions\":");
        serde_json::to_writer(&mut out, &Extensions { debug }).expect(TAKES_ALL);
    }
    out.push(b'}');
    out
}
