//! `User`.

use async_graphql::{InputObject, Object};
use stockgraph_kit::{id::UserId, instant::Instant};

use super::role::Role;
use crate::{domain, service};

/// A person with an account.
#[derive(Clone)]
pub struct User(domain::user::User);

impl From<domain::user::User> for User {
    fn from(user: domain::user::User) -> Self {
        Self(user)
    }
}

/// A person with an account.
#[Object]
impl User {
    /// Which user.
    async fn id(&self) -> UserId {
        self.0.id
    }

    /// In lower case.
    async fn email(&self) -> &str {
        &self.0.email
    }

    /// In E.164, e.g. `+6281234567890`.
    async fn phone_number(&self) -> Option<&str> {
        self.0.phone_number.as_deref()
    }

    /// What others call them, if they said.
    async fn display_name(&self) -> Option<&str> {
        self.0.display_name.as_deref()
    }

    /// What they are in the shop; at least one role.
    async fn roles(&self) -> Vec<Role> {
        self.0.roles.iter().copied().map(Role::from).collect()
    }

    /// Whether they may sign in.
    async fn active(&self) -> bool {
        self.0.active
    }

    /// When the account was opened.
    async fn created_at(&self) -> Instant {
        self.0.created_at.into()
    }

    /// When the account was changed last.
    async fn updated_at(&self) -> Instant {
        self.0.updated_at.into()
    }
}

/// Which users a list shows: those that meet every given condition.
#[derive(Default, InputObject)]
pub(super) struct UserFilter {
    /// Matches a part of the e-mail address, phone number or display name.
    search: Option<String>,
    /// A role that they have.
    role: Option<Role>,
    /// Whether they may sign in.
    active: Option<bool>,
}

impl From<UserFilter> for service::UserFilter {
    fn from(filter: UserFilter) -> Self {
        Self {
            search: filter.search,
            role: filter.role.map(Into::into),
            active: filter.active,
        }
    }
}
