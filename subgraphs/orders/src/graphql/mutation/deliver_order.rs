//! `deliverOrder`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, Union};
use stockgraph_kit::{
    caller::Caller,
    error::ApiError,
    guard::guarded,
    id::OrderId,
    user_error::{NotFound, WrongState},
};

use super::orders_to_change;
use crate::{
    domain::lifecycle::Action,
    graphql::{order::OrderObject, user_error::wrong_state},
    service::{DeliverOrder, DeliverOrderError},
};

/// The order that has arrived.
#[derive(InputObject)]
pub struct DeliverOrderInput {
    /// Which order.
    id: ID,
}

/// The order, or what is wrong.
#[derive(Default, SimpleObject)]
pub struct DeliverOrderPayload {
    /// The order; null when there are errors.
    order: Option<OrderObject>,
    /// Why it cannot have arrived.
    errors: Vec<DeliverOrderFault>,
}

/// Why an order cannot have arrived.
#[derive(Union)]
#[graphql(name = "DeliverOrderError")]
pub enum DeliverOrderFault {
    NotFound(NotFound),
    WrongState(WrongState),
}

#[derive(Default)]
pub struct DeliverOrderMutation;

#[guarded]
#[Object]
impl DeliverOrderMutation {
    /// Notes that a shipped order has arrived.
    #[requires("orders:write")]
    async fn deliver_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The order.")] input: DeliverOrderInput,
    ) -> Result<DeliverOrderPayload, ApiError> {
        let order = match NotFound::parse_id::<OrderId>(&input.id) {
            Ok(order) => order,
            Err(error) => return Ok(DeliverOrderPayload::refused(error)),
        };
        let actor = Caller::of(ctx).user_id();
        let deliver = DeliverOrder { order, actor };
        match orders_to_change(ctx).deliver_order(deliver).await {
            Ok(order) => Ok(DeliverOrderPayload {
                order: Some(order.into()),
                errors: Vec::new(),
            }),
            Err(DeliverOrderError::NotFound) => Ok(DeliverOrderPayload::refused(NotFound::new(
                "order", input.id.0,
            ))),
            Err(DeliverOrderError::WrongState(status)) => Ok(DeliverOrderPayload::refused(
                wrong_state(status, Action::Deliver),
            )),
            Err(DeliverOrderError::Failed(failure)) => Err(failure.into()),
        }
    }
}

impl DeliverOrderPayload {
    fn refused(error: impl Into<DeliverOrderFault>) -> Self {
        Self {
            order: None,
            errors: vec![error.into()],
        }
    }
}
