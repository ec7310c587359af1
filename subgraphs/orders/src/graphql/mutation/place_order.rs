//! `placeOrder`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, Union};
use stockgraph_kit::{
    caller::Caller,
    error::ApiError,
    id::{ProductId, UserId},
    money::{Money, MoneyInput},
    user_error::InvalidInput,
};

use super::orders_to_change;
use crate::{
    domain::line::CartLine,
    graphql::{
        order::OrderObject,
        user_error::{
            IdempotencyKeyReused, InsufficientStock, PriceChanged, ProductUnavailable, invalid,
        },
    },
    service::{Orders, PlaceOrder, PlaceOrderError, PlaceOrderProblem},
};

/// What is ordered.
#[derive(InputObject)]
pub struct PlaceOrderInput {
    /// 1 to 100 lines; a product may stand in one line only.
    lines: Vec<OrderLineInput>,
    /// Chosen by the client, e.g. a UUID per checkout attempt; 1 to 200 characters.
    idempotency_key: String,
}

/// So many of a product.
#[derive(InputObject)]
pub struct OrderLineInput {
    /// Which product.
    product_id: ID,
    /// 1 to 10,000.
    quantity: i32,
    /// When given, checkout fails if the catalogue's price is another by now.
    expected_unit_price: Option<MoneyInput>,
}

/// The order, or what is wrong.
#[derive(Default, SimpleObject)]
pub struct PlaceOrderPayload {
    /// The order; null when there are errors.
    order: Option<OrderObject>,
    /// Why there is no order: everything that is known to be wrong.
    errors: Vec<PlaceOrderFault>,
}

/// Why there is no order.
#[derive(Union)]
#[graphql(name = "PlaceOrderError")]
pub enum PlaceOrderFault {
    InvalidInput(InvalidInput),
    ProductUnavailable(ProductUnavailable),
    InsufficientStock(InsufficientStock),
    PriceChanged(PriceChanged),
    IdempotencyKeyReused(IdempotencyKeyReused),
}

#[derive(Default)]
pub struct PlaceOrderMutation;

#[Object]
impl PlaceOrderMutation {
    /// Checks out: prices each line from the catalogue, holds the stock for every line or for none, and opens an order that must be
    /// paid before `paymentDueAt`. Idempotent by `idempotencyKey`, per customer: the same call again returns the same order and
    /// holds nothing twice.
    async fn place_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is ordered.")] input: PlaceOrderInput,
    ) -> Result<PlaceOrderPayload, ApiError> {
        let customer = Caller::of(ctx).require_user()?;
        let orders = orders_to_change(ctx);
        let input = match input.checked(orders, customer) {
            Ok(input) => input,
            Err(errors) => return Ok(PlaceOrderPayload::refused(errors)),
        };
        match orders.place_order(input).await {
            Ok(order) => Ok(PlaceOrderPayload {
                order: Some(order.into()),
                errors: Vec::new(),
            }),
            Err(PlaceOrderError::Refused(problems)) => Ok(PlaceOrderPayload {
                order: None,
                errors: problems.into_iter().map(PlaceOrderFault::from).collect(),
            }),
            Err(PlaceOrderError::Failed(failure)) => Err(failure.into()),
        }
    }
}

impl PlaceOrderPayload {
    fn refused(errors: Vec<InvalidInput>) -> Self {
        Self {
            order: None,
            errors: errors.into_iter().map(PlaceOrderFault::from).collect(),
        }
    }
}

impl PlaceOrderInput {
    fn checked(self, orders: &Orders, customer: UserId) -> Result<PlaceOrder, Vec<InvalidInput>> {
        let mut errors = Vec::new();
        let mut lines = Vec::with_capacity(self.lines.len());
        for (index, line) in self.lines.into_iter().enumerate() {
            match line.checked(&index.to_string()) {
                Ok(line) => lines.push(line),
                Err(error) => errors.push(error),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(PlaceOrder {
            id: orders.ids().next(),
            customer,
            lines,
            idempotency_key: self.idempotency_key,
            payment_timeout: None,
        })
    }
}

impl OrderLineInput {
    fn checked(self, index: &str) -> Result<CartLine, InvalidInput> {
        let product = InvalidInput::parse_id::<ProductId, _>(
            ["lines", index, "productId"],
            &self.product_id,
        )?;
        let expected_unit_price = self
            .expected_unit_price
            .map(Money::try_from)
            .transpose()
            .map_err(|error| InvalidInput::new(["lines", index, "expectedUnitPrice"], error))?;
        Ok(CartLine {
            product,
            quantity: i64::from(self.quantity),
            expected_unit_price,
        })
    }
}

impl From<PlaceOrderProblem> for PlaceOrderFault {
    fn from(problem: PlaceOrderProblem) -> Self {
        match problem {
            PlaceOrderProblem::Invalid(rule) => Self::InvalidInput(invalid(rule)),
            PlaceOrderProblem::Unavailable(product) => ProductUnavailable::new(product).into(),
            PlaceOrderProblem::PriceChanged {
                product,
                expected,
                actual,
            } => PriceChanged::new(product, expected, actual).into(),
            PlaceOrderProblem::Short(shortage) => InsufficientStock::from(shortage).into(),
            PlaceOrderProblem::KeyReused => IdempotencyKeyReused::new(
                "The idempotency key was used before with other input; choose a new one.",
            )
            .into(),
            PlaceOrderProblem::KeyUsedUp => IdempotencyKeyReused::new(
                "Too many attempts with this idempotency key were cut off; choose a new one.",
            )
            .into(),
        }
    }
}
