//! `confirmRefund`.

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
    domain::payment::PaymentStatus,
    graphql::{error::payment_reference, order::OrderObject},
    service::{ConfirmRefund, ConfirmRefundError},
};

/// The payment whose money went back.
#[derive(InputObject)]
pub struct ConfirmRefundInput {
    /// The order that was paid.
    order_id: ID,
    /// The payment provider's id of the payment.
    payment_reference: String,
}

/// The order, or what is wrong.
#[derive(Default, SimpleObject)]
pub struct ConfirmRefundPayload {
    /// The order; null when there are errors.
    order: Option<OrderObject>,
    /// Why nothing is recorded.
    errors: Vec<ConfirmRefundFault>,
}

/// Why no refund is recorded.
#[derive(Union)]
#[graphql(name = "ConfirmRefundError")]
pub enum ConfirmRefundFault {
    NotFound(NotFound),
    WrongState(WrongState),
}

#[derive(Default)]
pub struct ConfirmRefundMutation;

#[guarded]
#[Object]
impl ConfirmRefundMutation {
    /// Records that the money marked for refund has gone back: all that is owed of the payment. The same call again changes nothing.
    #[requires("payments:confirm")]
    async fn confirm_refund(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The payment.")] input: ConfirmRefundInput,
    ) -> Result<ConfirmRefundPayload, ApiError> {
        let order = match NotFound::parse_id::<OrderId>(&input.order_id) {
            Ok(order) => order,
            Err(error) => return Ok(ConfirmRefundPayload::refused(error)),
        };
        let reference = payment_reference(input.payment_reference)?;
        let refund = ConfirmRefund {
            order,
            reference: reference.clone(),
            actor: Caller::of(ctx).user_id(),
        };
        match orders_to_change(ctx).confirm_refund(refund).await {
            Ok(order) => Ok(ConfirmRefundPayload {
                order: Some(order.into()),
                errors: Vec::new(),
            }),
            Err(ConfirmRefundError::OrderNotFound) => Ok(ConfirmRefundPayload::refused(
                NotFound::new("order", input.order_id.0),
            )),
            Err(ConfirmRefundError::PaymentNotFound) => Ok(ConfirmRefundPayload::refused(
                NotFound::new("payment", reference),
            )),
            Err(ConfirmRefundError::NothingDue(status)) => {
                Ok(ConfirmRefundPayload::refused(nothing_due(status)))
            }
            Err(ConfirmRefundError::Failed(failure)) => Err(failure.into()),
        }
    }
}

impl ConfirmRefundPayload {
    fn refused(error: impl Into<ConfirmRefundFault>) -> Self {
        Self {
            order: None,
            errors: vec![error.into()],
        }
    }
}

fn nothing_due(status: PaymentStatus) -> WrongState {
    let state = match status {
        PaymentStatus::Captured => "CAPTURED",
        PaymentStatus::RefundDue => "REFUND_DUE",
        PaymentStatus::Refunded => "REFUNDED",
    };
    WrongState {
        message: "Nothing of this payment is owed back.".to_owned(),
        state: state.to_owned(),
    }
}
