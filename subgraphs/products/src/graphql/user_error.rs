//! What callers can put right: the members of the payloads' `errors`.

use async_graphql::{Interface, SimpleObject};
use stockgraph_kit::user_error::{InvalidInput, NotFound};

use crate::domain::BrokenRule;

/// What the caller can put right.
#[derive(Clone, Debug, Interface)]
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
    /// The SKU is taken.
    SkuTaken(SkuTaken),
}

/// Another product has this SKU.
#[derive(Clone, Debug, SimpleObject)]
pub struct SkuTaken {
    /// For a person to read, in English.
    message: String,
    /// The SKU.
    sku: String,
}

impl SkuTaken {
    /// Another product has this SKU.
    #[must_use]
    pub fn new(sku: String) -> Self {
        Self {
            message: format!("Another product has the SKU {sku}."),
            sku,
        }
    }
}

/// What the caller is told of a broken rule.
pub(super) fn invalid(rule: BrokenRule) -> InvalidInput {
    InvalidInput {
        message: rule.message,
        field: rule.path,
    }
}

/// The members of a payload's `errors` that tell of broken rules.
pub(super) fn all_invalid<E: From<InvalidInput>>(
    rules: impl IntoIterator<Item = BrokenRule>,
) -> Vec<E> {
    rules.into_iter().map(|rule| invalid(rule).into()).collect()
}
