//! Roles, and what they may do.

use std::{collections::BTreeSet, str::FromStr};

use stockgraph_kit::{
    caller::Scopes,
    rights::{self, Holder},
};

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

    /// What the role may do, as the [table of rights](stockgraph_kit::rights) says.
    #[must_use]
    pub fn scopes(self) -> Scopes {
        rights::scopes_of(match self {
            Self::Customer => Holder::Customer,
            Self::Staff => Holder::Staff,
            Self::Admin => Holder::Admin,
        })
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
    roles.iter().flat_map(|role| role.scopes()).collect()
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
    fn several_roles_may_do_what_each_may() {
        let staff = Role::Staff.scopes();
        assert_eq!(scopes(&Roles::from([Role::Customer, Role::Staff])), staff);
        assert_eq!(
            scopes(&Roles::from([Role::Staff, Role::Admin])),
            Role::Admin.scopes()
        );
    }
}
