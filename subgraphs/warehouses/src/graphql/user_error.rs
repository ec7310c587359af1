//! What callers can put right: the members of the payloads' `errors`.

use async_graphql::{Interface, SimpleObject};
use stockgraph_kit::user_error::{InvalidInput, NotFound, WrongState};

use super::product::Product;
use crate::domain::{
    allocation::Shortage, reservation::Reservation, transfer::Transfer, violation::Violation,
};

/// What the caller can put right.
#[derive(Interface)]
#[graphql(field(
    name = "message",
    ty = "&String",
    desc = "For a person to read, in English."
))]
pub enum UserError {
    /// An argument breaks a rule.
    InvalidInput(InvalidInput),
    /// There is no such object.
    NotFound(NotFound),
    /// The object is in another state.
    WrongState(WrongState),
    /// There is not enough.
    InsufficientStock(InsufficientStock),
    /// The code is taken.
    WarehouseCodeTaken(WarehouseCodeTaken),
}

/// Less of the product is available than was asked for.
#[derive(SimpleObject)]
#[graphql(shareable)]
pub struct InsufficientStock {
    /// For a person to read, in English.
    message: String,
    /// The product that is short.
    product: Option<Product>,
    /// How many units were asked for.
    requested: i32,
    /// How many units there are.
    available: i32,
}

impl From<Shortage> for InsufficientStock {
    fn from(short: Shortage) -> Self {
        Self {
            message: format!(
                "{} units were asked for, {} are available.",
                short.requested, short.available
            ),
            product: Some(Product(short.product)),
            requested: short.requested,
            available: short.available,
        }
    }
}

/// Another warehouse has this code.
#[derive(SimpleObject)]
pub struct WarehouseCodeTaken {
    /// For a person to read, in English.
    message: String,
    /// The code.
    code: String,
}

impl WarehouseCodeTaken {
    /// Another warehouse has this code.
    #[must_use]
    pub fn new(code: String) -> Self {
        Self {
            message: format!("Another warehouse has the code {code}."),
            code,
        }
    }
}

/// The members that tell of broken rules.
pub(super) fn invalid<E: From<InvalidInput>>(violations: Vec<Violation>) -> Vec<E> {
    violations
        .into_iter()
        .map(|violation| InvalidInput::new(violation.field, violation.message).into())
        .collect()
}

/// The members that tell of shortages.
pub(super) fn short<E: From<InsufficientStock>>(shortages: Vec<Shortage>) -> Vec<E> {
    shortages
        .into_iter()
        .map(|short| InsufficientStock::from(short).into())
        .collect()
}

/// The reservation is in a state in which this is not possible.
pub(super) fn reservation_state(reservation: &Reservation) -> WrongState {
    WrongState {
        message: format!("The reservation is {}.", reservation.status),
        state: reservation.status.to_string(),
    }
}

/// The transfer is in a state in which this is not possible.
pub(super) fn transfer_state(transfer: &Transfer, message: String) -> WrongState {
    WrongState {
        message,
        state: transfer.status.to_string(),
    }
}
