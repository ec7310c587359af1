//! Subscriptions: one subgraph tells the events, and each event is executed to its end like the answer
//! of a query's first fetch.

use serde_json::Value;
use std::sync::PoisonError;

use super::{Execution, Outcome};
use crate::planning::OperationKind;
use crate::planning::plan::{FetchNode, PlanNode};
use crate::transport::{Events, SubgraphError, SubgraphRequest, SubgraphResponse};

/// The two parts of a subscription's plan.
#[derive(Clone, Copy)]
pub(crate) struct SubscriptionPlan<'p> {
    /// Where the events come from.
    primary: &'p FetchNode,
    /// What is fetched for each of them.
    rest: &'p [PlanNode],
}

impl<'p> SubscriptionPlan<'p> {
    /// Takes the plan apart; `None` if it is not a subscription's.
    pub fn of(plan: &'p PlanNode) -> Option<Self> {
        let (node, rest) = match plan {
            PlanNode::Sequence(sequence) => sequence.nodes.split_first()?,
            only => (only, [].as_slice()),
        };
        match node {
            PlanNode::Subscription(subscription) => Some(SubscriptionPlan {
                primary: &subscription.primary,
                rest,
            }),
            _ => None,
        }
    }

    /// The subgraph that tells the events.
    pub fn service(&self) -> &'p str {
        &self.primary.service_name
    }
}

impl Execution<'_> {
    /// Asks the subgraph for its events.
    pub fn subscribe(&self, plan: SubscriptionPlan<'_>) -> Result<Events, SubgraphError> {
        let Some(subgraph) = self.subgraphs.get(plan.service()) else {
            return Err(SubgraphError::Misconfigured("it is not known".to_owned()));
        };
        let operation = &plan.primary.operation;
        let headers = self.context.outgoing.to(plan.service());
        let request = SubgraphRequest::with_hash(&operation.document_str, operation.hash, headers)
            .variables(self.pick(plan.primary.variable_usages.as_ref()))
            .kind(OperationKind::Subscription);
        Ok(subgraph.subscribe(request))
    }

    /// Executes one event: what the subgraph told, and then what others have to say of it.
    pub async fn event(
        self,
        plan: SubscriptionPlan<'_>,
        told: Result<SubgraphResponse, SubgraphError>,
    ) -> Outcome {
        let fields = self.fields(
            &plan.primary.operation,
            plan.primary.output_rewrites.as_ref(),
        );
        let has_data = matches!(&told, Ok(told) if matches!(told.data, Value::Object(_)));
        self.state()
            .merge_root(plan.service(), &[], told, &fields, self.projection);
        if has_data {
            for node in plan.rest {
                self.node(node).await;
            }
        }
        let state = self.state.into_inner();
        let state = state.unwrap_or_else(PoisonError::into_inner);
        state.finish(self.projection)
    }
}
