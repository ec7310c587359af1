//! Operations that are ready to run, kept for when they come again.

use graphql_tools::static_graphql::query::{Document, Field};
use moka::future::Cache;
use std::sync::Arc;

use crate::error::{GraphQLError, Refusal, code};
use crate::execution::{Projection, VariableSpec};
use crate::planning::plan::{FetchOperation, PlanNode};
use crate::planning::{OperationKind, Planner};

/// An operation that was parsed, validated and planned. It may be run any number of times.
pub struct PreparedOperation {
    pub(super) kind: OperationKind,
    pub(super) plan: Option<PlanNode>,
    pub(super) projection: Projection,
    pub(super) variables: Vec<VariableSpec>,
    pub(super) introspection: Option<IntrospectionPart>,
    /// About how many bytes it takes.
    bytes: usize,
}

/// `__schema` and `__type` at the operation's root, with the document that holds its fragments.
pub(super) struct IntrospectionPart {
    pub fields: Vec<Field>,
    pub document: Document,
}

impl PreparedOperation {
    /// What the operation does.
    pub fn kind(&self) -> OperationKind {
        self.kind
    }

    /// The query plan as text, for people; `None` if no subgraph is asked.
    pub fn plan_text(&self) -> Option<String> {
        self.plan.as_ref().map(ToString::to_string)
    }

    fn new(planner: &Planner, text: &str, name: Option<&str>) -> Result<Self, Refusal> {
        let planned = planner.plan(text, name)?;
        let schema = planner.schema();
        let projection = Projection::new(
            schema,
            &planned.document,
            &planned.selections,
            &planned.root_type,
        );
        let introspection = (!planned.introspection.is_empty()).then_some(IntrospectionPart {
            fields: planned.introspection,
            document: planned.document,
        });
        let bytes = BYTES_AT_LEAST
            .saturating_add(text.len().saturating_mul(BYTES_PER_BYTE))
            .saturating_add(projection.bytes())
            .saturating_add(planned.plan.as_ref().map_or(0, plan_bytes));
        Ok(PreparedOperation {
            bytes,
            kind: planned.kind,
            plan: planned.plan,
            projection,
            variables: planned.variables.iter().map(VariableSpec::read).collect(),
            introspection,
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
        PlanNode::Condition(condition) => {
            let branches = [&condition.if_clause, &condition.else_clause];
            let branches = branches.into_iter().flatten();
            branches.map(|branch| plan_bytes(branch)).sum()
        }
        PlanNode::Subscription(subscription) => fetched(&subscription.primary.operation),
        PlanNode::Defer(_) => 0,
    }
}

/// Prepares operations, each text only once, whoever asks for it at the same time.
pub(super) struct Preparation {
    planner: Arc<Planner>,
    cache: Cache<String, Arc<PreparedOperation>, rustc_hash::FxBuildHasher>,
}

impl Preparation {
    pub fn new(planner: Arc<Planner>, cache_bytes: u64) -> Self {
        let weigh = |_: &String, operation: &Arc<PreparedOperation>| {
            u32::try_from(operation.bytes).unwrap_or(u32::MAX)
        };
        let cache = Cache::builder()
            .max_capacity(cache_bytes)
            .weigher(weigh)
            .build_with_hasher(rustc_hash::FxBuildHasher);
        Preparation { planner, cache }
    }

    pub fn planner(&self) -> &Planner {
        &self.planner
    }

    /// Texts and names of operations that are kept, at most so many.
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

    /// The operation, from the cache or made anew. Failures are not kept.
    pub async fn prepare(
        &self,
        query: &str,
        operation_name: Option<&str>,
    ) -> Result<Arc<PreparedOperation>, Arc<Refusal>> {
        let key = key(query, operation_name);
        if let Some(known) = self.cache.get(&key).await {
            return Ok(known);
        }
        let planner = Arc::clone(&self.planner);
        let query = query.to_owned();
        let name = operation_name.map(str::to_owned);
        // Planning is work for the CPU, so it must not hold up other requests of this thread. A
        // panic in the planner ends as an error of this one request.
        let make = async move {
            let make = move || PreparedOperation::new(&planner, &query, name.as_deref());
            match tokio::task::spawn_blocking(make).await {
                Ok(made) => made.map(Arc::new),
                Err(error) => {
                    tracing::error!(%error, "planning broke off");
                    let message = "the operation could not be planned";
                    Err(vec![GraphQLError::new(code::INTERNAL, message)])
                }
            }
        };
        self.cache.try_get_with(key, make).await
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
    use crate::planning::OperationLimits;
    use std::time::Duration;

    #[test]
    fn an_operation_weighs_what_its_fragments_expand_to() {
        let subgraph = crate::composition::SubgraphSdl {
            name: "only",
            url: "http://only.test",
            sdl: "type Query { a: Query b: Int }",
        };
        let supergraph = crate::composition::compose(&[subgraph]).unwrap();
        let limits = OperationLimits::default();
        let planner = Planner::new(&supergraph.sdl, limits, Duration::from_secs(5)).unwrap();
        let weigh = |query: &str| PreparedOperation::new(&planner, query, None).unwrap().bytes;
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
