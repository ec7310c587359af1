//! Operations that are ready to run, kept for when they come again.

use graphql_tools::static_graphql::query::{Document, Field};
use moka::future::Cache;
use rustc_hash::FxHashMap;
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::{Manifest, RouterOptions};
use crate::error::{GraphQLError, Refusal, code};
use crate::execution::{Projection, VariableSpec};
use crate::observe::Observer;
use crate::planning::limits::cost::Cost;
use crate::planning::plan::{FetchOperation, PlanNode};
use crate::planning::{
    ConditionVariable, Decided, OperationKind, Planner, decide, planning_timeout,
};

/// An operation that was parsed, validated and planned. It may be run any number of times.
pub struct PreparedOperation {
    pub(super) name: Option<String>,
    pub(super) kind: OperationKind,
    pub(super) plan: Option<PlanNode>,
    pub(super) projection: Projection,
    pub(super) variables: Vec<VariableSpec>,
    pub(super) introspection: Option<IntrospectionPart>,
    cost: Cost,
    /// About how many bytes it takes.
    bytes: usize,
}

/// `__schema` and `__type` at the operation's root, with the document that holds its fragments.
pub(super) struct IntrospectionPart {
    pub fields: Vec<Field>,
    pub document: Document,
}

impl PreparedOperation {
    /// The operation's name, if it has one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// What the operation does.
    pub fn kind(&self) -> OperationKind {
        self.kind
    }

    /// What it costs with these values of its variables, defaults filled in.
    pub fn cost(&self, variables: &Map<String, Value>) -> u64 {
        self.cost.with(variables)
    }

    /// The query plan as text, for people; `None` if no subgraph is asked.
    pub fn plan_text(&self) -> Option<String> {
        self.plan.as_ref().map(ToString::to_string)
    }

    fn new(
        planner: &Planner,
        text: &str,
        name: Option<&str>,
        decided: &Decided,
    ) -> Result<Self, Refusal> {
        let planned = planner.plan(text, name, decided)?;
        let schema = planner.schema();
        let projection = Projection::new(
            schema,
            &planned.document,
            &planned.selections,
            &planned.root_type,
            decided,
        );
        let introspection = (!planned.introspection.is_empty()).then_some(IntrospectionPart {
            fields: planned.introspection,
            document: planned.document,
        });
        let variables = planned.variables.iter().map(|definition| {
            let mut conditions = planned.conditions.iter();
            let is_condition = conditions.any(|it| it.name() == definition.name);
            VariableSpec::read(definition, is_condition)
        });
        let bytes = BYTES_AT_LEAST
            .saturating_add(text.len().saturating_mul(BYTES_PER_BYTE))
            .saturating_add(projection.bytes())
            .saturating_add(planned.cost.bytes())
            .saturating_add(planned.plan.as_ref().map_or(0, plan_bytes));
        Ok(PreparedOperation {
            bytes,
            name: planned.name,
            kind: planned.kind,
            plan: planned.plan,
            projection,
            variables: variables.collect(),
            introspection,
            cost: planned.cost,
        })
    }
}

/// Bytes that the document of an operation takes for each byte of its text, roughly. It is kept for
/// the sake of introspection, and as the cache's key.
const BYTES_PER_BYTE: usize = 8;
/// Bytes that a fetch takes for each byte of its operation's text, roughly: the text and its tree.
const BYTES_PER_FETCHED_BYTE: usize = 40;
/// Bytes that the smallest operation takes.
const BYTES_AT_LEAST: usize = 4096;

/// About how many bytes a plan takes. Fragments and abstract types make it far larger than the text
/// that it was made from.
fn plan_bytes(node: &PlanNode) -> usize {
    let fetched = |operation: &FetchOperation| {
        let text = operation.document_str.len();
        BYTES_AT_LEAST / 4 + text.saturating_mul(BYTES_PER_FETCHED_BYTE)
    };
    match node {
        PlanNode::Fetch(fetch) => fetched(&fetch.operation),
        PlanNode::BatchFetch(batch) => fetched(&batch.operation),
        PlanNode::Flatten(flatten) => plan_bytes(&flatten.node),
        PlanNode::Sequence(sequence) => sequence.nodes.iter().map(plan_bytes).sum(),
        PlanNode::Parallel(parallel) => parallel.nodes.iter().map(plan_bytes).sum(),
        PlanNode::Subscription(subscription) => fetched(&subscription.primary.operation),
        // No plan has any.
        PlanNode::Condition(_) | PlanNode::Defer(_) => 0,
    }
}

/// Prepares operations, each text only once, whoever asks for it at the same time.
pub(super) struct Preparation {
    planner: Arc<Planner>,
    /// A permit for each operation that is planned at the same time.
    planners: Arc<Semaphore>,
    /// How long to wait for one.
    patience: Duration,
    /// Hears which operations were known.
    observer: Arc<dyn Observer>,
    cache: Kept<PreparedOperation>,
    /// Operations for requests of which it is known what `@skip` and `@include` say.
    decided: Kept<PreparedOperation>,
    /// The variables that decide what an operation fetches.
    conditions: Kept<[ConditionVariable]>,
    /// Those of registered documents, which stay.
    registered: FxHashMap<String, Arc<PreparedOperation>>,
}

/// Values by name and text of an operation.
type Kept<V> = Cache<String, Arc<V>, rustc_hash::FxBuildHasher>;

/// The part of the cache's bytes that is for the conditions in operations.
const SHARE_OF_CONDITIONS: u64 = 16;

impl Preparation {
    pub fn new(planner: Arc<Planner>, options: &RouterOptions) -> Self {
        let weigh = |_: &String, operation: &Arc<PreparedOperation>| {
            u32::try_from(operation.bytes).unwrap_or(u32::MAX)
        };
        let for_conditions = options.plan_cache_bytes / SHARE_OF_CONDITIONS;
        let kept = || {
            Cache::builder()
                .max_capacity((options.plan_cache_bytes - for_conditions) / 2)
                .weigher(weigh)
                .build_with_hasher(rustc_hash::FxBuildHasher)
        };
        Preparation {
            planner,
            planners: Arc::new(Semaphore::new(options.planners.max(1))),
            patience: options.planning_timeout,
            observer: Arc::clone(&options.observer),
            registered: FxHashMap::default(),
            cache: kept(),
            decided: kept(),
            conditions: Cache::builder()
                .max_capacity(for_conditions)
                .weigher(|key: &String, conditions: &Arc<[ConditionVariable]>| {
                    let bytes = BYTES_AT_LEAST / 4 + key.len() + size_of_val::<[_]>(conditions);
                    u32::try_from(bytes).unwrap_or(u32::MAX)
                })
                .build_with_hasher(rustc_hash::FxBuildHasher),
        }
    }

    /// The same with the operations of registered documents planned.
    ///
    /// # Errors
    /// A line for each document that is wrong.
    pub fn with(mut self, manifest: &Manifest) -> Result<Self, String> {
        let mut wrong = Vec::new();
        for (id, text) in manifest.documents() {
            if let Err(errors) = self.register(text) {
                let errors = errors.iter().map(|error| format!("`{id}`: {error}"));
                wrong.extend(errors);
            }
        }
        if wrong.is_empty() {
            return Ok(self);
        }
        wrong.sort_unstable();
        Err(wrong.join("\n"))
    }

    fn register(&mut self, text: &str) -> Result<(), Refusal> {
        let names = self.planner.operation_names(text)?;
        let undecided = Decided::default();
        // A client need not name the only operation of its document.
        if names.len() <= 1 {
            let only = Arc::new(PreparedOperation::new(
                &self.planner,
                text,
                None,
                &undecided,
            )?);
            if let Some(Some(name)) = names.first() {
                let known = Arc::clone(&only);
                self.registered.insert(key(text, Some(name)), known);
            }
            self.registered.insert(key(text, None), only);
            return Ok(());
        }
        for name in names.iter().flatten() {
            let operation = PreparedOperation::new(&self.planner, text, Some(name), &undecided)?;
            self.registered
                .insert(key(text, Some(name)), Arc::new(operation));
        }
        Ok(())
    }

    pub fn planner(&self) -> &Planner {
        &self.planner
    }

    /// Texts and names of operations that are kept, at most so many. Those that depend on
    /// conditions are not among them: which plans they need, requests tell.
    pub fn known(&self, most: usize) -> Vec<(String, Option<String>)> {
        let entries = self.cache.iter().take(most);
        entries
            .filter_map(|(key, _)| {
                let (name, query) = key.split_once('\n')?;
                let name = name.strip_prefix('=').map(str::to_owned);
                Some((query.to_owned(), name))
            })
            .collect()
    }

    /// The operation, from the cache or made anew. Failures are not kept. The variables tell what
    /// of it is fetched, as far as they do.
    pub async fn prepare(
        &self,
        query: &str,
        operation_name: Option<&str>,
        variables: &Map<String, Value>,
    ) -> Result<Arc<PreparedOperation>, Arc<Refusal>> {
        let mut key = key(query, operation_name);
        let decided = self.decide(&key, query, operation_name, variables).await;
        let cache = if decided.is_empty() {
            if let Some(known) = self.registered.get(&key) {
                self.observer.operation_prepared(true, Duration::ZERO);
                return Ok(Arc::clone(known));
            }
            &self.cache
        } else {
            for (variable, value) in &decided {
                key.push_str(if *value { "\n+" } else { "\n-" });
                key.push_str(variable);
            }
            &self.decided
        };
        let begun = Instant::now();
        if let Some(known) = cache.get(&key).await {
            self.observer.operation_prepared(true, begun.elapsed());
            return Ok(known);
        }
        let planner = Arc::clone(&self.planner);
        let planners = Arc::clone(&self.planners);
        let patience = self.patience;
        let query = query.to_owned();
        let name = operation_name.map(str::to_owned);
        // Planning is work for the CPU, so it must not hold up other requests of this thread, nor take
        // all processors when many different operations come at once. A panic in the planner ends as
        // an error of this one request.
        let make = async move {
            let Ok(Ok(permit)) = tokio::time::timeout(patience, planners.acquire_owned()).await
            else {
                return Err(vec![planning_timeout(patience)]);
            };
            let make = move || {
                // Kept until the planning ends, also when nobody waits for it any more.
                let _permit = permit;
                PreparedOperation::new(&planner, &query, name.as_deref(), &decided)
            };
            match tokio::task::spawn_blocking(make).await {
                Ok(made) => made.map(Arc::new),
                Err(error) => {
                    tracing::error!(%error, "planning broke off");
                    let message = "the operation could not be planned";
                    Err(vec![GraphQLError::new(code::INTERNAL, message)])
                }
            }
        };
        let made = cache.try_get_with(key, make).await;
        self.observer.operation_prepared(false, begun.elapsed());
        made
    }

    /// What the variables say of the conditions in an operation.
    async fn decide(
        &self,
        key: &str,
        query: &str,
        operation_name: Option<&str>,
        variables: &Map<String, Value>,
    ) -> Decided {
        if !query.contains("@skip") && !query.contains("@include") {
            return Decided::default();
        }
        let conditions = match self.conditions.get(key).await {
            Some(known) => known,
            None => {
                let planner = Arc::clone(&self.planner);
                let text = query.to_owned();
                let name = operation_name.map(str::to_owned);
                let find = move || planner.conditions(&text, name.as_deref());
                // What breaks off here will do so once more, and be reported then.
                let found = tokio::task::spawn_blocking(find).await;
                let found: Arc<[_]> = found.unwrap_or_default().into();
                let kept = Arc::clone(&found);
                self.conditions.insert(key.to_owned(), kept).await;
                found
            }
        };
        decide(&conditions, variables)
    }
}

/// Name and text in one string. A name has no line break, so none can be taken for another's text.
fn key(query: &str, operation_name: Option<&str>) -> String {
    let name = operation_name.unwrap_or_default();
    let mut key = String::with_capacity(name.len() + query.len() + 2);
    key.push_str(if operation_name.is_some() { "=" } else { "-" });
    key.push_str(name);
    key.push('\n');
    key.push_str(query);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_weighs_what_its_fragments_expand_to() {
        let subgraph = crate::composition::SubgraphSdl {
            name: "only",
            url: "http://only.test",
            sdl: "type Query { a: Query b: Int }",
        };
        let supergraph = crate::composition::compose(&[subgraph]).unwrap();
        let mut options = RouterOptions::default().planner();
        options.limits.aliases = usize::MAX;
        let planner = Planner::new(&supergraph.sdl, options).unwrap();
        let weigh = |query: &str| {
            let decided = Decided::default();
            let prepared = PreparedOperation::new(&planner, query, None, &decided);
            prepared.unwrap().bytes
        };
        let spreads =
            |n: usize| -> String { (0..10).map(|i| format!("a{i}: a {{ ...F{n} }} ")).collect() };
        let bomb = format!(
            "{{ {} }} fragment F0 on Query {{ {} }} fragment F1 on Query {{ {} }} fragment F2 on Query {{ b }}",
            spreads(0),
            spreads(1),
            spreads(2)
        );
        let flat = format!("{{ b #{} \n }}", "x".repeat(bomb.len()));
        assert!(
            weigh(&bomb) > 8 * weigh(&flat),
            "{} and {}",
            weigh(&bomb),
            weigh(&flat)
        );
    }
}
