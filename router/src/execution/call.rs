//! Calling subgraphs: what the calls of one request have in common, how long each took, and what happens around each.

use serde::Serialize;
use serde_json::{Map, Value};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use tracing::Instrument;

use super::Execution;
use crate::headers::{HeaderRules, Outgoing};
use crate::observe::{FetchReport, Observer};
use crate::planning::OperationKind;
use crate::planning::plan::{FetchOperation, PlannedKind, operation_kind};
use crate::transport::{SubgraphError, SubgraphRequest, SubgraphResponse};

/// What all fetches of one request have in common.
pub(crate) struct CallContext<'a> {
    /// The headers that subgraphs see.
    pub outgoing: &'a Outgoing,
    /// Which of their headers the client sees.
    pub rules: &'a HeaderRules,
    /// When the request's time is over.
    pub deadline: Instant,
    /// Hears of each fetch.
    pub observer: &'a dyn Observer,
    /// See [`SubgraphRequest::generation`].
    pub generation: u64,
    /// When the request came, if it shall be told how long each fetch took.
    pub timed_from: Option<Instant>,
}

/// How long a fetch took, as a client is told who may know.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FetchTiming {
    subgraph: String,
    /// How many entities it asked for; absent if it asked for fields of a root.
    #[serde(skip_serializing_if = "Option::is_none")]
    entities: Option<usize>,
    /// From the request's arrival to the call, in microseconds.
    started_after_micros: u64,
    /// From the call to the answer, in microseconds.
    duration_micros: u64,
    /// Errors that the subgraph reported.
    errors: usize,
    /// The code of why it gave no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
}

impl FetchTiming {
    fn new(report: &FetchReport<'_>, started_after: Duration) -> Self {
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        FetchTiming {
            subgraph: report.subgraph.to_owned(),
            entities: report.entities,
            started_after_micros: micros(started_after),
            duration_micros: micros(report.duration),
            errors: report.errors,
            failure: report.failure.map(str::to_owned),
        }
    }
}

/// One call of a subgraph.
pub(super) struct Call<'n> {
    subgraph: &'n str,
    operation: &'n FetchOperation,
    kind: OperationKind,
    /// How many entities it asks for; `None` for fields of a root.
    entities: Option<usize>,
}

impl<'n> Call<'n> {
    pub fn new(
        subgraph: &'n str,
        operation: &'n FetchOperation,
        kind: Option<&PlannedKind>,
        entities: Option<usize>,
    ) -> Self {
        Call {
            subgraph,
            operation,
            kind: operation_kind(kind),
            entities,
        }
    }
}

impl Execution<'_> {
    /// Calls a subgraph, and tells of it whoever counts.
    pub(super) async fn ask(
        &self,
        call: Call<'_>,
        variables: Map<String, Value>,
    ) -> Result<SubgraphResponse, SubgraphError> {
        let service = call.subgraph;
        let begun = Instant::now();
        let mut answer = self.send(&call, variables, begun).await;
        let report = FetchReport {
            subgraph: service,
            entities: call.entities,
            failure: answer.as_ref().err().map(SubgraphError::code),
            errors: answer.as_ref().map_or(0, |answer| answer.errors.len()),
            duration: begun.elapsed(),
        };
        self.context.observer.fetch_ended(&report);
        if let Some(start) = self.context.timed_from {
            let timing = FetchTiming::new(&report, begun.duration_since(start));
            self.state().timings.push(timing);
        }
        match &mut answer {
            Ok(answer) => {
                let headers = std::mem::take(&mut answer.headers);
                let rules = self.context.rules;
                if !headers.is_empty() && !rules.response.is_empty() {
                    rules.respond(service, &headers, &mut self.state().headers);
                }
            }
            Err(error) => tracing::warn!(subgraph = service, %error, "a fetch failed"),
        }
        answer
    }

    async fn send(
        &self,
        call: &Call<'_>,
        variables: Map<String, Value>,
        now: Instant,
    ) -> Result<SubgraphResponse, SubgraphError> {
        let service = call.subgraph;
        let Some(subgraph) = self.subgraphs.get(service) else {
            return Err(SubgraphError::Misconfigured("it is not known".to_owned()));
        };
        // What is left of a series is not even begun once the time is over.
        if now >= self.context.deadline {
            return Err(SubgraphError::RequestTimedOut);
        }
        let FetchOperation {
            document_str, hash, ..
        } = call.operation;
        let headers = self.context.outgoing.to(service);
        let request = SubgraphRequest::with_hash(document_str, *hash, headers)
            .variables(variables)
            .kind(call.kind)
            .generation(self.context.generation);
        let span = tracing::debug_span!(
            "fetch",
            otel.kind = "client",
            otel.name = format!("fetch {service}"),
            subgraph = service,
            entities = call.entities,
        );
        timeout_at(self.context.deadline, subgraph.execute(request))
            .instrument(span)
            .await
            .unwrap_or(Err(SubgraphError::RequestTimedOut))
    }
}
