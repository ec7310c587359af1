//! The parts of a query plan, under names of our own. Whoever executes plans imports them from
//! here, so that another planner would change this module and no other.

pub use hive_router_query_planner::ast::operation::SubgraphFetchOperation as FetchOperation;
pub use hive_router_query_planner::ast::selection_item::SelectionItem;
pub use hive_router_query_planner::planner::plan_nodes::{
    BatchFetchNode, EntityBatchAlias, FetchNode, FetchNodePathSegment as RewriteSegment,
    FetchRewrite as Rewrite, FlattenNode, FlattenNodePathSegment as FlattenSegment, PlanNode,
};
pub use hive_router_query_planner::state::supergraph_state::OperationKind as PlannedKind;

use super::OperationKind;

/// What a fetch of a plan does. Fetches of entities are queries.
pub fn operation_kind(kind: Option<&PlannedKind>) -> OperationKind {
    match kind {
        Some(PlannedKind::Mutation) => OperationKind::Mutation,
        Some(PlannedKind::Subscription) => OperationKind::Subscription,
        Some(PlannedKind::Query) | None => OperationKind::Query,
    }
}
