//! Roles, and the one table that says which scopes each has.

use std::{collections::BTreeSet, str::FromStr};

use stockgraph_kit::caller::{Scope, Scopes};

/// What somebody is in the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Buys: sees the catalogue and their own orders.
    Customer,
    /// Runs the shop: catalogue, warehouses, orders, payments.
    Staff,
    /// Everything, accounts included.
    Admin,
}

impl Role {
    /// Every role there is.
    pub const ALL: [Self; 3] = [Self::Customer, Self::Staff, Self::Admin];

    /// The role's name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "CUSTOMER",
            Self::Staff => "STAFF",
            Self::Admin => "ADMIN",
        }
    }

    /// What the role may do. One's own profile, reservations and orders need no scope.
    ///
    /// No role has `stock:reserve`, `stock:expire` or `orders:expire`: those are for parts of the system alone.
    #[must_use]
    pub const fn scopes(self) -> &'static [Scope] {
        match self {
            Self::Customer => &[],
            Self::Staff => &[
                Scope::UsersRead,
                Scope::CatalogueWrite,
                Scope::StockRead,
                Scope::StockWrite,
                Scope::OrdersRead,
                Scope::OrdersWrite,
                Scope::PaymentsConfirm,
            ],
            Self::Admin => &[
                Scope::UsersRead,
                Scope::UsersWrite,
                Scope::CatalogueWrite,
                Scope::StockRead,
                Scope::StockWrite,
                Scope::OrdersRead,
                Scope::OrdersWrite,
                Scope::PaymentsConfirm,
            ],
        }
    }
}

/// The text names no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a role")]
pub struct UnknownRole(String);

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

/// The roles of a user, in the order of [`Role::ALL`].
pub type Roles = BTreeSet<Role>;

/// What all these roles together may do.
#[must_use]
pub fn scopes(roles: &Roles) -> Scopes {
    roles
        .iter()
        .flat_map(|role| role.scopes())
        .copied()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_reads_back_from_its_text() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        assert!("KING".parse::<Role>().is_err());
    }

    #[test]
    fn a_customer_needs_no_scope_and_an_admin_has_all_that_are_for_people() {
        assert_eq!(scopes(&Roles::from([Role::Customer])), Scopes::new());
        let for_the_system = Scopes::from([
            Scope::StockReserve,
            Scope::StockExpire,
            Scope::OrdersExpire,
            Scope::FederationRead,
        ]);
        let for_people = Scope::ALL
            .into_iter()
            .filter(|scope| !for_the_system.contains(scope))
            .collect::<Scopes>();
        assert_eq!(scopes(&Roles::from([Role::Admin])), for_people);
    }

    #[test]
    fn staff_has_all_that_an_admin_has_but_changing_accounts() {
        let mut admin = scopes(&Roles::from([Role::Admin]));
        admin.remove(&Scope::UsersWrite);
        assert_eq!(scopes(&Roles::from([Role::Customer, Role::Staff])), admin);
    }
}
