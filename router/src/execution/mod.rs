//! Executes query plans: fetches in sequence and in parallel, merges the answers, and shapes them
//! to what the client asked for.

mod blame;
mod introspection;
mod merge;
mod places;
mod projection;
mod representation;
mod rewrite;
mod state;
mod subscription;
mod variables;

pub(crate) use self::introspection::Introspection;
pub(crate) use self::projection::Projection;
pub(crate) use self::subscription::SubscriptionPlan;
pub(crate) use self::variables::{VariableSpec, coerce};

use futures_util::future::{BoxFuture, join_all};
use http::HeaderMap;
use rustc_hash::FxHashMap;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use tracing::Instrument;

use self::blame::FetchedFields;
use self::places::{typename, visit};
use self::representation::{Representations, lacks_a_field};
use self::state::{EntityAnswer, State, Target};
use crate::error::{GraphQLError, PathSegment, code};
use crate::headers::{HeaderRules, Outgoing};
use crate::observe::{FetchReport, Observer};
use crate::planning::plan::{
    BatchFetchNode, FetchNode, FetchOperation, FlattenSegment, PlanNode, PlannedKind, Rewrite,
    SelectionItem, operation_kind,
};
use crate::planning::{OperationKind, Schema};
use crate::transport::{Subgraph, SubgraphError, SubgraphRequest, SubgraphResponse};

/// The subgraphs of a graph by name.
pub(crate) type Subgraphs = FxHashMap<String, Arc<dyn Subgraph>>;

/// The response key of entities in a fetch that is not a batch.
const ENTITIES: &str = "_entities";

/// What a fetch of entities needs to know of each, and what it gives.
struct Wanted<'n> {
    alias: &'n str,
    requires: &'n [SelectionItem],
    rewrites: Option<&'n Vec<Rewrite>>,
    fields: &'n FetchedFields<'n>,
}

/// One call of a subgraph.
struct Call<'n> {
    subgraph: &'n str,
    operation: &'n FetchOperation,
    kind: OperationKind,
    /// How many entities it asks for; `None` for fields of a root.
    entities: Option<usize>,
}

impl<'n> Call<'n> {
    fn new(
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

/// One execution of one plan.
pub(crate) struct Execution<'a> {
    schema: &'a Schema,
    subgraphs: &'a Subgraphs,
    projection: &'a Projection,
    variables: &'a Map<String, Value>,
    context: CallContext<'a>,
    /// Locked for as long as it takes to read or merge, never while a subgraph is awaited.
    state: Mutex<State>,
}

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

/// The merged data and all errors of an execution.
pub(crate) struct Outcome {
    pub data: Value,
    pub errors: Vec<GraphQLError>,
    /// Headers of subgraphs that the client shall see.
    pub headers: HeaderMap,
    /// How long each fetch took, if that was asked for.
    pub timings: Vec<FetchTiming>,
}

impl Default for Outcome {
    fn default() -> Self {
        Outcome {
            data: Value::Object(Map::new()),
            errors: Vec::new(),
            headers: HeaderMap::new(),
            timings: Vec::new(),
        }
    }
}

impl<'a> Execution<'a> {
    pub fn new(
        schema: &'a Schema,
        subgraphs: &'a Subgraphs,
        projection: &'a Projection,
        variables: &'a Map<String, Value>,
        context: CallContext<'a>,
    ) -> Self {
        Execution {
            schema,
            subgraphs,
            projection,
            variables,
            context,
            state: Mutex::new(State::default()),
        }
    }

    /// Runs the plan to its end.
    pub async fn run(self, plan: &PlanNode) -> Outcome {
        self.node(plan).await;
        let state = self
            .state
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        state.finish(self.projection)
    }

    fn node<'n>(&'n self, node: &'n PlanNode) -> BoxFuture<'n, ()> {
        Box::pin(async move {
            match node {
                PlanNode::Sequence(sequence) => {
                    for node in &sequence.nodes {
                        self.node(node).await;
                    }
                }
                PlanNode::Parallel(parallel) => {
                    join_all(parallel.nodes.iter().map(|node| self.node(node))).await;
                }
                PlanNode::Condition(condition) => {
                    let holds = self
                        .variables
                        .get(&condition.condition)
                        .and_then(Value::as_bool);
                    let branch = match holds {
                        Some(true) => &condition.if_clause,
                        _ => &condition.else_clause,
                    };
                    if let Some(node) = branch {
                        self.node(node).await;
                    }
                }
                PlanNode::Fetch(fetch) => self.fetch_root(fetch, &[]).await,
                PlanNode::Flatten(flatten) => {
                    let path = flatten.path.as_slice();
                    match flatten.node.as_ref() {
                        PlanNode::Fetch(fetch) if fetch.requires.is_some() => {
                            self.fetch_entities(fetch, path).await;
                        }
                        // A fetch from a root type below a path: a field came back to `Query`.
                        PlanNode::Fetch(fetch) => self.fetch_root(fetch, path).await,
                        other => tracing::error!(?other, "the plan flattens something else"),
                    }
                }
                PlanNode::BatchFetch(batch) => self.fetch_batch(batch).await,
                // A subscription's plan is taken apart first, and `@defer` is refused as unknown.
                PlanNode::Subscription(_) | PlanNode::Defer(_) => {
                    tracing::error!("the plan has a node that no query or mutation has");
                }
            }
        })
    }

    async fn fetch_root(&self, fetch: &FetchNode, path: &[FlattenSegment]) {
        let variables = self.pick(fetch.variable_usages.as_ref());
        let kind = fetch.operation_kind.as_ref();
        let call = Call::new(&fetch.service_name, &fetch.operation, kind, None);
        let answer = self.ask(call, variables).await;
        let fields = self.fields(&fetch.operation, fetch.output_rewrites.as_ref());
        self.state()
            .merge_root(&fetch.service_name, path, answer, &fields, self.projection);
    }

    async fn fetch_entities(&self, fetch: &FetchNode, path: &[FlattenSegment]) {
        let fields = self.fields(&fetch.operation, fetch.output_rewrites.as_ref());
        let wanted = Wanted {
            alias: ENTITIES,
            requires: fetch
                .requires
                .as_ref()
                .map_or(&[], |requires| requires.items.as_slice()),
            rewrites: fetch.input_rewrites.as_ref(),
            fields: &fields,
        };
        let mut representations = Representations::default();
        let target = self.gather(path, &wanted, &mut representations);
        if representations.is_empty() {
            return;
        }
        let asked = representations.len();
        let mut variables = self.pick(fetch.variable_usages.as_ref());
        variables.insert("representations".to_owned(), representations.into_value());
        let kind = fetch.operation_kind.as_ref();
        let call = Call::new(&fetch.service_name, &fetch.operation, kind, Some(asked));
        let answer = self.ask(call, variables).await;
        let (mut data, mut errors, failed) = taken(answer, &fetch.service_name);
        let entities = EntityAnswer {
            alias: ENTITIES,
            entities: take_entities(&mut data, ENTITIES, asked, &fields, &mut errors),
            targets: vec![target],
            fields: &fields,
        };
        let mut state = self.state();
        let rest = state.merge_entities(&fetch.service_name, entities, errors, self.projection);
        state.keep(&fetch.service_name, rest, failed);
    }

    async fn fetch_batch(&self, batch: &BatchFetchNode) {
        let mut variables = self.pick(batch.variable_usages.as_ref());
        let mut parts = Vec::with_capacity(batch.entity_batch.aliases.len());
        let mut all = 0;
        for alias in &batch.entity_batch.aliases {
            let fields = self.fields(&batch.operation, alias.output_rewrites.as_ref());
            let wanted = Wanted {
                alias: &alias.alias,
                requires: &alias.requires.items,
                rewrites: alias.input_rewrites.as_ref(),
                fields: &fields,
            };
            let mut representations = Representations::default();
            let paths = alias.merge_paths.iter();
            let targets: Vec<Target<'_>> = paths
                .map(|path| self.gather(path.as_slice(), &wanted, &mut representations))
                .collect();
            let asked = representations.len();
            all += asked;
            variables
                .entry(alias.representations_variable_name.clone())
                .or_insert_with(|| representations.into_value());
            parts.push((alias.alias.as_str(), asked, fields, targets));
        }
        if all == 0 {
            return;
        }
        let kind = batch.operation_kind.as_ref();
        let call = Call::new(&batch.service_name, &batch.operation, kind, Some(all));
        let answer = self.ask(call, variables).await;
        let (mut data, mut errors, failed) = taken(answer, &batch.service_name);
        let mut state = self.state();
        for (alias, asked, fields, targets) in parts {
            let entities = EntityAnswer {
                alias,
                entities: take_entities(&mut data, alias, asked, &fields, &mut errors),
                targets,
                fields: &fields,
            };
            errors = state.merge_entities(&batch.service_name, entities, errors, self.projection);
        }
        state.keep(&batch.service_name, errors, failed);
    }

    /// Collects the representations of all places under `path`, and which place has which.
    fn gather<'n>(
        &self,
        path: &'n [FlattenSegment],
        wanted: &Wanted<'_>,
        representations: &mut Representations,
    ) -> Target<'n> {
        let mut state = self.state();
        let mut positions = Vec::new();
        let mut blocked = Vec::new();
        let something_failed = state.something_failed();
        visit(
            self.schema,
            &state.data,
            path,
            &mut Vec::new(),
            &mut |entity, steps| {
                // What another subgraph failed to give must not be taken for something it left out.
                let is_blocked = something_failed
                    && entity.is_object()
                    && lacks_a_field(self.schema, wanted.requires, entity);
                if is_blocked {
                    for key in wanted.fields.on_entity(wanted.alias, typename(entity)) {
                        blocked.push((places::owned(steps), key));
                    }
                    positions.push(None);
                } else {
                    let position =
                        representations.add(self.schema, wanted.requires, wanted.rewrites, entity);
                    positions.push(position);
                }
            },
        );
        for (path, key) in blocked {
            state.blame_dependency(&path, key, self.projection);
        }
        Target { path, positions }
    }

    async fn ask(
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

    fn pick(&self, names: Option<&BTreeSet<String>>) -> Map<String, Value> {
        let pick = |name: &String| Some((name.clone(), self.variables.get(name)?.clone()));
        names.into_iter().flatten().filter_map(pick).collect()
    }

    fn fields<'n>(
        &'n self,
        operation: &'n FetchOperation,
        rewrites: Option<&'n Vec<Rewrite>>,
    ) -> FetchedFields<'n> {
        FetchedFields {
            schema: self.schema,
            variables: self.variables,
            operation,
            rewrites,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The parts of an answer; a call that failed is an answer without data and with one error.
fn taken(
    answer: Result<SubgraphResponse, SubgraphError>,
    service: &str,
) -> (Value, Vec<GraphQLError>, bool) {
    let error = match answer {
        Ok(answer) if answer.data.is_object() => return (answer.data, answer.errors, false),
        Ok(answer) if answer.data.is_null() && !answer.errors.is_empty() => {
            return (Value::Null, answer.errors, true);
        }
        Ok(_) => SubgraphError::BadAnswer("`data` is no object, and no error says why".to_owned()),
        Err(error) => error,
    };
    (Value::Null, vec![error.to_client(service)], true)
}

/// The entities under `alias`, which must be as many as were asked for: else nobody knows which is
/// which. An error is added if they are not and the subgraph does not say why.
fn take_entities(
    data: &mut Value,
    alias: &str,
    asked: usize,
    fields: &FetchedFields<'_>,
    errors: &mut Vec<GraphQLError>,
) -> Option<Vec<Value>> {
    let is_explained = !errors.is_empty();
    let mut bad = |what: &str, path: Vec<PathSegment>| {
        let message = format!("the subgraph gave {what}");
        let error = GraphQLError::new(code::SUBGRAPH_BAD_ANSWER, message);
        errors.push(error.with_path(path));
    };
    match data.get_mut(alias).map(Value::take) {
        Some(Value::Array(mut list)) if list.len() == asked => {
            for (position, entity) in list.iter_mut().enumerate() {
                if !entity.is_object() && !entity.is_null() {
                    *entity = Value::Null;
                    let path = vec![alias.into(), position.into()];
                    bad("an entity that is no object", path);
                }
            }
            Some(list)
        }
        Some(Value::Array(list)) => {
            let what = format!("{} entities for {asked}", list.len());
            bad(&what, vec![alias.into()]);
            None
        }
        Some(Value::Null) | None
            if asked == 0 || is_explained || !fields.at_root().contains(&alias) =>
        {
            None
        }
        _ => {
            bad("no list of entities", vec![alias.into()]);
            None
        }
    }
}
