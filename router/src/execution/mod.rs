//! Executes query plans: fetches in sequence and in parallel, merges the answers, and shapes them
//! to what the client asked for.

mod blame;
mod call;
mod introspection;
mod merge;
mod places;
mod projection;
mod representation;
mod rewrite;
mod state;
mod subscription;
mod variables;

pub(crate) use self::call::{CallContext, FetchTiming};
pub(crate) use self::introspection::Introspection;
pub(crate) use self::projection::Projection;
pub(crate) use self::subscription::SubscriptionPlan;
pub(crate) use self::variables::{VariableSpec, coerce};

use futures_util::future::{BoxFuture, join_all};
use http::HeaderMap;
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use self::blame::FetchedFields;
use self::call::Call;
use self::places::{typename, visit};
use self::representation::{Representations, lacks_a_field};
use self::state::{EntityAnswer, State, Target};
use crate::error::{GraphQLError, PathSegment, code};
use crate::planning::Schema;
use crate::planning::plan::{
    BatchFetchNode, FetchNode, FetchOperation, FlattenSegment, PlanNode, Rewrite, SelectionItem,
};
use crate::transport::{Subgraph, SubgraphError, SubgraphResponse};

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

/// The merged data and all errors of an execution.
pub(crate) struct Outcome {
    pub data: Value,
    pub errors: Vec<GraphQLError>,
    /// Fields that are missing because another's error took their object along, as an error says.
    pub taken_along: FxHashSet<Vec<PathSegment>>,
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
            taken_along: FxHashSet::default(),
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
                // A subscription's plan is taken apart first, conditions are decided before planning, and `@defer` is refused as
                // unknown.
                PlanNode::Subscription(_) | PlanNode::Condition(_) | PlanNode::Defer(_) => {
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
