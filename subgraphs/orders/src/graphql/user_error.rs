//! What callers can put right: the members of the payloads' `errors`.

use async_graphql::{Interface, SimpleObject};
use stockgraph_kit::{
    id::ProductId,
    money::{Money, MoneyObject},
    user_error::{InvalidInput, NotFound, WrongState},
};

use super::reference::ProductReference;
use crate::{
    domain::{
        lifecycle::{Action, OrderStatus},
        line::Invalid,
    },
    service::ports::Shortage,
};

/// What the caller can put right.
#[derive(Clone, Debug, Interface)]
#[graphql(field(
    name = "message",
    ty = "&String",
    desc = "For a person to read, in English."
))]
pub enum UserError {
    InvalidInput(InvalidInput),
    NotFound(NotFound),
    WrongState(WrongState),
    ProductUnavailable(ProductUnavailable),
    PriceChanged(PriceChanged),
    InsufficientStock(InsufficientStock),
    WrongAmount(WrongAmount),
    IdempotencyKeyReused(IdempotencyKeyReused),
}

/// Not on sale, or no such product.
#[derive(Clone, Debug, SimpleObject)]
pub struct ProductUnavailable {
    /// For a person to read, in English.
    message: String,
    /// Which product.
    product: Option<ProductReference>,
}

impl ProductUnavailable {
    pub(super) fn new(product: ProductId) -> Self {
        Self {
            message: "This product is not on sale.".to_owned(),
            product: Some(product.into()),
        }
    }
}

/// The catalogue's price is not the one that was expected.
#[derive(Clone, Debug, SimpleObject)]
pub struct PriceChanged {
    /// For a person to read, in English.
    message: String,
    /// Whose price it is.
    product: Option<ProductReference>,
    /// The price that was expected.
    expected: MoneyObject,
    /// The price that it is.
    actual: MoneyObject,
}

impl PriceChanged {
    pub(super) fn new(product: ProductId, expected: Money, actual: Money) -> Self {
        Self {
            message: format!("The price is {actual} now."),
            product: Some(product.into()),
            expected: expected.into(),
            actual: actual.into(),
        }
    }
}

/// Less of the product is available than was asked for.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(shareable)]
pub struct InsufficientStock {
    /// For a person to read, in English.
    message: String,
    /// Of which product.
    product: Option<ProductReference>,
    /// How many units were asked for.
    requested: i32,
    /// How many there are.
    available: i32,
}

impl From<Shortage> for InsufficientStock {
    fn from(shortage: Shortage) -> Self {
        Self {
            message: match shortage.available {
                0 => "This product is sold out.".to_owned(),
                available => format!("Only {available} of this product are available."),
            },
            product: Some(shortage.product.into()),
            requested: i32::try_from(shortage.requested).unwrap_or(i32::MAX),
            available: i32::try_from(shortage.available).unwrap_or(i32::MAX),
        }
    }
}

/// The amount is not the order's total.
#[derive(Clone, Debug, SimpleObject)]
pub struct WrongAmount {
    /// For a person to read, in English.
    message: String,
    /// The order's total.
    expected: MoneyObject,
    /// What was paid.
    actual: MoneyObject,
}

impl WrongAmount {
    /// It was recorded all the same.
    pub(super) fn kept(expected: Money, actual: Money) -> Self {
        let message = format!(
            "The order costs {expected}; the payment of {actual} does not pay it and is to be paid back."
        );
        Self::new(message, expected, actual)
    }

    /// It was not recorded.
    pub(super) fn refused(expected: Money, actual: Money) -> Self {
        let message = format!(
            "The order costs {expected}; a payment of {actual} cannot be taken for it, and was not recorded."
        );
        Self::new(message, expected, actual)
    }

    fn new(message: String, expected: Money, actual: Money) -> Self {
        Self {
            message,
            expected: expected.into(),
            actual: actual.into(),
        }
    }
}

/// The idempotency key or payment reference was used before with other input.
#[derive(Clone, Debug, SimpleObject)]
pub struct IdempotencyKeyReused {
    /// For a person to read, in English.
    message: String,
}

impl IdempotencyKeyReused {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }
}

/// What the caller is told of a broken rule.
pub(super) fn invalid(rule: Invalid) -> InvalidInput {
    InvalidInput {
        message: rule.message,
        field: rule.path,
    }
}

/// What the caller is told of an action that is not possible in this state.
pub(super) fn wrong_state(status: OrderStatus, action: Action) -> WrongState {
    WrongState {
        message: format!(
            "The order is {} and cannot be {}.",
            status.described(),
            action.described()
        ),
        state: status.as_str().to_owned(),
    }
}
