//! `Role`.

use async_graphql::Enum;

use crate::domain;

/// What somebody is in the shop, and so what they may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::role::Role")]
pub(super) enum Role {
    /// Buys: sees the catalogue and their own orders.
    Customer,
    /// Runs the shop: catalogue, warehouses, orders, payments.
    Staff,
    /// Everything, accounts included.
    Admin,
}
