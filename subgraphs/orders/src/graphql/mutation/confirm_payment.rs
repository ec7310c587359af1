//! `confirmPayment`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, Union};
use stockgraph_kit::{
    caller::Caller,
    error::ApiError,
    guard::guarded,
    id::OrderId,
    money::{Money, MoneyInput},
    user_error::{NotFound, WrongState},
};

use super::orders_to_change;
use crate::{
    domain::{
        lifecycle::{Action, OrderStatus},
        order::Order,
        payment::Payment,
    },
    graphql::{
        error::payment_reference,
        order::OrderObject,
        payment::PaymentObject,
        user_error::{IdempotencyKeyReused, WrongAmount, wrong_state},
    },
    service::{ConfirmPayment, ConfirmPaymentError},
};

/// A payment that came in.
#[derive(InputObject)]
pub struct ConfirmPaymentInput {
    /// The order that it is for.
    order_id: ID,
    /// The payment provider's id of it; 1 to 200 characters.
    payment_reference: String,
    /// How much came in.
    amount: MoneyInput,
}

/// The order and its payment, or what is wrong.
#[derive(Default, SimpleObject)]
pub struct ConfirmPaymentPayload {
    /// The order as it is now; null when nothing was recorded.
    order: Option<OrderObject>,
    /// The payment as it was recorded: also one of a wrong amount or one that came too late, which is to be paid back. Null when
    /// nothing was recorded.
    payment: Option<PaymentObject>,
    /// Why the order is not paid by it.
    errors: Vec<ConfirmPaymentFault>,
}

/// Why a payment does not pay its order.
#[derive(Union)]
#[graphql(name = "ConfirmPaymentError")]
pub enum ConfirmPaymentFault {
    NotFound(NotFound),
    WrongState(WrongState),
    WrongAmount(WrongAmount),
    IdempotencyKeyReused(IdempotencyKeyReused),
}

#[derive(Default)]
pub struct ConfirmPaymentMutation;

#[guarded]
#[Object]
impl ConfirmPaymentMutation {
    /// Records a payment and sells the stock held for the order. Idempotent by `paymentReference`.
    ///
    /// A payment that is not the order's total, and one that comes after the order has expired, was cancelled or was paid, is kept and
    /// shows in the order's `refundDue`; an order that waits for its payment goes on waiting. A wrong amount may be corrected: the same
    /// reference with the order's total pays it, as long as nothing was paid back. Nothing is recorded of a payment in another
    /// currency.
    #[requires("payments:confirm")]
    async fn confirm_payment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The payment.")] input: ConfirmPaymentInput,
    ) -> Result<ConfirmPaymentPayload, ApiError> {
        let order = match NotFound::parse_id::<OrderId>(&input.order_id) {
            Ok(order) => order,
            Err(error) => return Ok(ConfirmPaymentPayload::refused(error)),
        };
        let amount = Money::try_from(input.amount)
            .map_err(|error| ApiError::bad_user_input(error.to_string()))?;
        let payment = ConfirmPayment {
            order,
            reference: payment_reference(input.payment_reference)?,
            amount,
            actor: Caller::of(ctx).user_id(),
        };
        match orders_to_change(ctx).confirm_payment(payment).await {
            Ok(confirmed) => Ok(ConfirmPaymentPayload {
                order: Some(confirmed.order.into()),
                payment: Some(PaymentObject(confirmed.payment)),
                errors: Vec::new(),
            }),
            Err(error) => ConfirmPaymentPayload::of_error(error, input.order_id),
        }
    }
}

impl ConfirmPaymentPayload {
    fn refused(error: impl Into<ConfirmPaymentFault>) -> Self {
        Self {
            errors: vec![error.into()],
            ..Self::default()
        }
    }

    fn of_error(error: ConfirmPaymentError, id: ID) -> Result<Self, ApiError> {
        Ok(match error {
            ConfirmPaymentError::NotFound => Self::refused(NotFound::new("order", id.0)),
            ConfirmPaymentError::Kept { order, payment } => Self {
                errors: faults(&order, &payment),
                order: Some((*order).into()),
                payment: Some(PaymentObject(*payment)),
            },
            ConfirmPaymentError::WrongAmount { expected, actual } => {
                Self::refused(WrongAmount::refused(expected, actual))
            }
            ConfirmPaymentError::ReferenceReused => Self::refused(IdempotencyKeyReused::new(
                "The payment reference is that of another payment.",
            )),
            ConfirmPaymentError::Failed(failure) => return Err(failure.into()),
        })
    }
}

/// All that keeps a payment from paying this order.
fn faults(order: &Order, payment: &Payment) -> Vec<ConfirmPaymentFault> {
    let mut faults = Vec::new();
    if order.status != OrderStatus::PendingPayment {
        faults.push(wrong_state(order.status, Action::Pay).into());
    }
    if payment.amount != order.total {
        faults.push(WrongAmount::kept(order.total, payment.amount).into());
    }
    faults
}
