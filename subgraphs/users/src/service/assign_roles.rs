//! Replacing the roles of a user.

use sea_orm::ConnectionTrait;
use serde_json::json;
use stockgraph_kit::{error::ApiError, id::UserId, user_error::InvalidInput};

use super::Users;
use crate::{
    domain::{
        audit::EventKind,
        origin::Origin,
        role::{Role, Roles},
        user::User,
    },
    repo,
};

/// Roles to give.
#[derive(Clone, Debug)]
pub struct AssignRoles {
    /// To whom.
    pub user: UserId,
    /// All roles that they have from then on.
    pub roles: Roles,
}

/// Why roles were not assigned.
#[derive(Debug)]
pub enum AssignRolesError {
    /// There is no such user.
    NotFound,
    /// The roles break a rule.
    Invalid(InvalidInput),
    /// Nothing that the caller can put right.
    Failed(ApiError),
}

impl Users {
    /// Replaces the roles of a user. Their access tokens show it when the next one is made.
    ///
    /// # Errors
    ///
    /// [`AssignRolesError`]; the last administrator stays one.
    pub async fn assign_roles(
        &self,
        input: AssignRoles,
        origin: &Origin,
    ) -> Result<User, AssignRolesError> {
        let invalid = |message| AssignRolesError::Invalid(InvalidInput::new(["roles"], message));
        if input.roles.is_empty() {
            return Err(invalid("A user has at least one role."));
        }
        let transaction = self.database.begin().await?;
        let last =
            !input.roles.contains(&Role::Admin) && is_last_admin(&transaction, input.user).await?;
        if last {
            return Err(invalid("The last administrator stays one."));
        }
        let locked = repo::user::lock(&transaction, input.user).await?;
        let (mut user, _) = locked.ok_or(AssignRolesError::NotFound)?;
        if user.roles == input.roles {
            return Ok(user);
        }
        let before = std::mem::replace(&mut user.roles, input.roles);
        user.updated_at = self.clock.now();
        repo::role::delete(&transaction, user.id).await?;
        repo::role::insert(&transaction, user.id, &user.roles).await?;
        repo::user::touch(&transaction, user.id, user.updated_at).await?;
        let event = self
            .event(EventKind::RolesChanged, origin)
            .of(user.id)
            .with(json!({ "before": names(&before), "after": names(&user.roles) }));
        self.commit(transaction, &[event]).await?;
        Ok(user)
    }
}

/// The roles for the audit trail.
pub(super) fn names(roles: &Roles) -> Vec<&'static str> {
    roles.iter().map(|role| role.as_str()).collect()
}

/// Whether nobody but this user is an administrator who may sign in. It stays true until the transaction ends: administrators are
/// locked before users, here and wherever one may go.
pub(super) async fn is_last_admin(
    transaction: &impl ConnectionTrait,
    user: UserId,
) -> Result<bool, ApiError> {
    let admins = repo::role::lock_holders(transaction, Role::Admin).await?;
    let active = repo::user::active_of(transaction, admins).await?;
    Ok(active == [user])
}
