//! The way of a subscription: prepared once, and executed once for every event.

use futures_util::StreamExt;
use futures_util::future::ready;
use futures_util::stream::{self, BoxStream};
use http::HeaderMap;
use serde_json::{Map, Value};
use std::sync::Arc;

use super::run::write;
use super::{GraphQLRequest, GraphQLResponse, PreparedOperation, Router};
use crate::error::{GraphQLError, code};
use crate::execution::{Execution, SubscriptionPlan};
use crate::headers::Outgoing;
use crate::planning::OperationKind;
use crate::transport::{Events, SubgraphError, SubgraphResponse};

/// Answers that come one after the other. The next is made when it is asked for, so nothing gathers
/// here for those who do not ask.
pub type Responses = BoxStream<'static, GraphQLResponse>;

/// A subscription under way.
struct Following {
    router: Arc<Router>,
    operation: Arc<PreparedOperation>,
    variables: Map<String, Value>,
    outgoing: Outgoing,
}

impl Router {
    /// Answers a request of any kind: a subscription once for every event, until its subgraph
    /// completes it, fails, or the stream is dropped; a query or a mutation once. Must be called
    /// within a tokio runtime.
    pub async fn subscribe(
        self: &Arc<Self>,
        request: GraphQLRequest,
        headers: &HeaderMap,
    ) -> Responses {
        match self.prepare(&request).await {
            Ok(operation) => self.follow(operation, request.variables, headers),
            Err(errors) => once(GraphQLResponse::rejected(&errors)),
        }
    }

    /// The same for an operation that is prepared.
    pub fn follow(
        self: &Arc<Self>,
        operation: Arc<PreparedOperation>,
        variables: Map<String, Value>,
        headers: &HeaderMap,
    ) -> Responses {
        let router = Arc::clone(self);
        if operation.kind != OperationKind::Subscription {
            let headers = headers.clone();
            let run = async move { router.run(&operation, variables, &headers).await };
            return stream::once(run).boxed();
        }
        let variables = match self.checked_variables(&operation, variables) {
            Ok(variables) => variables,
            Err(errors) => return once(GraphQLResponse::rejected(&errors)),
        };
        let following = Following {
            outgoing: self.options.headers.outgoing(headers),
            router,
            operation,
            variables,
        };
        let Some(plan) = following.plan() else {
            tracing::error!("the plan of a subscription begins with something else");
            let message = "the subscription could not be planned";
            let error = GraphQLError::new(code::INTERNAL, message);
            return once(GraphQLResponse::rejected(&[error]));
        };
        let events = following.execution().subscribe(plan);
        let events = events.unwrap_or_else(|error| stream::iter([Err(error)]).boxed());
        stream::unfold((Some(events), following), next).boxed()
    }
}

fn once(response: GraphQLResponse) -> Responses {
    stream::once(ready(response)).boxed()
}

/// The answer to the next event; after an error there is none.
async fn next(
    (events, following): (Option<Events>, Following),
) -> Option<(GraphQLResponse, (Option<Events>, Following))> {
    let mut events = events?;
    let told = events.next().await?;
    let events = told.is_ok().then_some(events);
    let response = following.answer(told).await?;
    Some((response, (events, following)))
}

impl Following {
    fn plan(&self) -> Option<SubscriptionPlan<'_>> {
        SubscriptionPlan::of(self.operation.plan.as_ref()?)
    }

    fn execution(&self) -> Execution<'_> {
        Execution::new(
            self.router.preparation.planner().schema(),
            &self.router.subgraphs,
            &self.operation.projection,
            &self.variables,
            self.router.context(&self.outgoing),
        )
    }

    async fn answer(
        &self,
        told: Result<SubgraphResponse, SubgraphError>,
    ) -> Option<GraphQLResponse> {
        let plan = self.plan()?;
        if let Err(error) = &told {
            tracing::warn!(subgraph = plan.service(), %error, "a subscription has ended");
        }
        let mut outcome = self.execution().event(plan, told).await;
        let (operation, variables) = (&self.operation, &self.variables);
        let body = write(operation, &mut outcome, variables, None);
        Some(GraphQLResponse::executed(body))
    }
}
