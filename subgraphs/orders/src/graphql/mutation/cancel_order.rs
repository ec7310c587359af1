//! `cancelOrder`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, Union};
use stockgraph_kit::{
    caller::{Caller, Scope},
    error::ApiError,
    id::OrderId,
    user_error::{NotFound, WrongState},
};

use super::orders_to_change;
use crate::{
    domain::lifecycle::Action,
    graphql::{error::free_text, order::OrderObject, user_error::wrong_state},
    service::{CancelOrder, CancelOrderError, Canceller},
};

/// The order that is given up.
#[derive(InputObject)]
pub struct CancelOrderInput {
    /// Which order.
    id: ID,
    /// Why, for the order's timeline; at most 500 characters.
    reason: Option<String>,
}

/// The order, or what is wrong.
#[derive(Default, SimpleObject)]
pub struct CancelOrderPayload {
    /// The order; null when there are errors.
    order: Option<OrderObject>,
    /// Why it is not given up.
    errors: Vec<CancelOrderFault>,
}

/// Why an order is not given up.
#[derive(Union)]
#[graphql(name = "CancelOrderError")]
pub enum CancelOrderFault {
    NotFound(NotFound),
    WrongState(WrongState),
}

#[derive(Default)]
pub struct CancelOrderMutation;

#[Object]
impl CancelOrderMutation {
    /// Gives up an order that has not been shipped and gives its stock back. A paid order is marked for refund.
    ///
    /// Customers give up their own orders; any order takes the scope `orders:write`.
    async fn cancel_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The order.")] input: CancelOrderInput,
    ) -> Result<CancelOrderPayload, ApiError> {
        let caller = Caller::of(ctx);
        let by = if caller.may(Scope::OrdersWrite) {
            Canceller::Staff(caller.user_id())
        } else {
            Canceller::Customer(caller.require_user()?)
        };
        let order = match NotFound::parse_id::<OrderId>(&input.id) {
            Ok(order) => order,
            Err(error) => return Ok(CancelOrderPayload::refused(error)),
        };
        let cancel = CancelOrder {
            order,
            reason: free_text("reason", input.reason)?,
            by,
        };
        match orders_to_change(ctx).cancel_order(cancel).await {
            Ok(order) => Ok(CancelOrderPayload {
                order: Some(order.into()),
                errors: Vec::new(),
            }),
            Err(CancelOrderError::NotFound) => Ok(CancelOrderPayload::refused(NotFound::new(
                "order", input.id.0,
            ))),
            Err(CancelOrderError::WrongState(status)) => Ok(CancelOrderPayload::refused(
                wrong_state(status, Action::Cancel),
            )),
            Err(CancelOrderError::Failed(failure)) => Err(failure.into()),
        }
    }
}

impl CancelOrderPayload {
    fn refused(error: impl Into<CancelOrderFault>) -> Self {
        Self {
            order: None,
            errors: vec![error.into()],
        }
    }
}
