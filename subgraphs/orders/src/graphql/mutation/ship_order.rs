//! `shipOrder`.

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
    domain::lifecycle::{Action, OrderStatus},
    graphql::{error::free_text, order::OrderObject, user_error::wrong_state},
    service::{ShipOrder, ShipOrderError},
};

/// The order that is handed to a carrier.
#[derive(InputObject)]
pub struct ShipOrderInput {
    /// Which order.
    id: ID,
    /// Who carries it; at most 500 characters.
    carrier: Option<String>,
    /// The carrier's number of it; at most 500 characters.
    tracking_number: Option<String>,
}

/// The order, or what is wrong.
#[derive(Default, SimpleObject)]
pub struct ShipOrderPayload {
    /// The order; null when there are errors.
    order: Option<OrderObject>,
    /// Why it is not shipped.
    errors: Vec<ShipOrderFault>,
}

/// Why an order is not shipped.
#[derive(Union)]
#[graphql(name = "ShipOrderError")]
pub enum ShipOrderFault {
    NotFound(NotFound),
    WrongState(WrongState),
}

#[derive(Default)]
pub struct ShipOrderMutation;

#[guarded]
#[Object]
impl ShipOrderMutation {
    /// Hands a paid order to a carrier.
    #[requires("orders:write")]
    async fn ship_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The order and its carrier.")] input: ShipOrderInput,
    ) -> Result<ShipOrderPayload, ApiError> {
        let order = match NotFound::parse_id::<OrderId>(&input.id) {
            Ok(order) => order,
            Err(error) => return Ok(ShipOrderPayload::refused(error)),
        };
        let ship = ShipOrder {
            order,
            carrier: free_text("carrier", input.carrier)?,
            tracking_number: free_text("trackingNumber", input.tracking_number)?,
            actor: Caller::of(ctx).user_id(),
        };
        match orders_to_change(ctx).ship_order(ship).await {
            Ok(order) => Ok(ShipOrderPayload {
                order: Some(order.into()),
                errors: Vec::new(),
            }),
            Err(ShipOrderError::NotFound) => Ok(ShipOrderPayload::refused(NotFound::new(
                "order", input.id.0,
            ))),
            Err(ShipOrderError::WrongState(status)) => Ok(ShipOrderPayload::refused(wrong_state(
                status,
                Action::Ship,
            ))),
            Err(ShipOrderError::SaleOpen) => Ok(ShipOrderPayload::refused(WrongState {
                message: "The order is paid, but the warehouses have not yet confirmed its stock; try again later."
                    .to_owned(),
                state: OrderStatus::Paid.as_str().to_owned(),
            })),
            Err(ShipOrderError::Failed(failure)) => Err(failure.into()),
        }
    }
}

impl ShipOrderPayload {
    fn refused(error: impl Into<ShipOrderFault>) -> Self {
        Self {
            order: None,
            errors: vec![error.into()],
        }
    }
}
