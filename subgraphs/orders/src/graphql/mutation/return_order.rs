//! `returnOrder`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, Union};
use stockgraph_kit::{
    caller::Caller,
    error::ApiError,
    guard::guarded,
    id::{Id, OrderId, WarehouseId},
    user_error::{InvalidInput, NotFound, WrongState},
};

use super::orders_to_change;
use crate::{
    domain::{OrderLineId, ReturnId, lifecycle::Action, returns::ReturnLine},
    graphql::{
        error::free_text,
        order::OrderObject,
        user_error::{invalid, wrong_state},
    },
    service::{ReturnOrder, ReturnOrderError},
};

/// Goods that come back.
#[derive(InputObject)]
pub struct ReturnOrderInput {
    /// Chosen by the caller, e.g. a UUID: the same return again is not a second one.
    id: ID,
    /// The order that they come back from.
    order_id: ID,
    /// What comes back; 1 to 100 lines.
    lines: Vec<ReturnLineInput>,
    /// The warehouse that they go to; without it each goes back to where it came from.
    warehouse_id: Option<ID>,
    /// Why, for the order's timeline; at most 500 characters.
    reason: Option<String>,
}

/// So many units of a line of the order.
#[derive(InputObject)]
pub struct ReturnLineInput {
    /// Which line of the order.
    order_line_id: ID,
    /// How many units; at least 1.
    quantity: i32,
}

/// The order, or what is wrong.
#[derive(Default, SimpleObject)]
pub struct ReturnOrderPayload {
    /// The order; null when there are errors.
    order: Option<OrderObject>,
    /// Why the goods are not taken back.
    errors: Vec<ReturnOrderFault>,
}

/// Why goods are not taken back.
#[derive(Union)]
#[graphql(name = "ReturnOrderError")]
pub enum ReturnOrderFault {
    NotFound(NotFound),
    WrongState(WrongState),
    InvalidInput(InvalidInput),
}

#[derive(Default)]
pub struct ReturnOrderMutation;

#[guarded]
#[Object]
impl ReturnOrderMutation {
    /// Takes goods back from a delivered order, restocks them and marks their price for refund. Idempotent by `id`.
    #[requires("orders:write")]
    async fn return_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What comes back.")] input: ReturnOrderInput,
    ) -> Result<ReturnOrderPayload, ApiError> {
        let id = input.order_id.clone();
        let goods = match input.checked(Caller::of(ctx))? {
            Ok(goods) => goods,
            Err(errors) => return Ok(ReturnOrderPayload::refused(errors)),
        };
        match orders_to_change(ctx).return_order(goods).await {
            Ok(order) => Ok(ReturnOrderPayload {
                order: Some(order.into()),
                errors: Vec::new(),
            }),
            Err(error) => ReturnOrderPayload::of_error(error, id),
        }
    }
}

impl ReturnOrderPayload {
    fn refused(errors: Vec<ReturnOrderFault>) -> Self {
        Self {
            order: None,
            errors,
        }
    }

    fn of_error(error: ReturnOrderError, id: ID) -> Result<Self, ApiError> {
        Ok(Self::refused(match error {
            ReturnOrderError::NotFound => vec![NotFound::new("order", id.0).into()],
            ReturnOrderError::WarehouseNotFound(warehouse) => {
                vec![NotFound::new("warehouse", warehouse).into()]
            }
            ReturnOrderError::WrongState(status) => {
                vec![wrong_state(status, Action::Return).into()]
            }
            ReturnOrderError::Invalid(rules) => {
                rules.into_iter().map(|rule| invalid(rule).into()).collect()
            }
            ReturnOrderError::Failed(failure) => return Err(failure.into()),
        }))
    }
}

impl ReturnOrderInput {
    fn checked(
        self,
        caller: &Caller,
    ) -> Result<Result<ReturnOrder, Vec<ReturnOrderFault>>, ApiError> {
        let reason = free_text("reason", self.reason)?;
        let mut errors: Vec<ReturnOrderFault> = Vec::new();
        let id = ReturnId::parse_chosen(&self.id)
            .map_err(|error| errors.push(InvalidInput::new(["id"], error).into()));
        let order = NotFound::parse_id::<OrderId>(&self.order_id)
            .map_err(|error| errors.push(error.into()));
        let warehouse = self
            .warehouse_id
            .map(|id| NotFound::parse_id::<WarehouseId>(&id))
            .transpose()
            .map_err(|error| errors.push(error.into()));
        let mut lines = Vec::with_capacity(self.lines.len());
        for (index, line) in self.lines.iter().enumerate() {
            let path = ["lines", &index.to_string(), "orderLineId"];
            match InvalidInput::parse_id::<OrderLineId, _>(path, &line.order_line_id) {
                Ok(id) => lines.push(ReturnLine {
                    line: id,
                    quantity: i64::from(line.quantity),
                }),
                Err(error) => errors.push(error.into()),
            }
        }
        Ok(match (id, order, warehouse) {
            (Ok(id), Ok(order), Ok(warehouse)) if errors.is_empty() => Ok(ReturnOrder {
                id,
                order,
                lines,
                warehouse,
                reason,
                actor: caller.user_id(),
            }),
            _ => Err(errors),
        })
    }
}
