//! Replacing the roles of a user.

use sea_orm::ConnectionTrait;
use stockgraph_kit::{error::ApiError, id::UserId, user_error::InvalidInput};

use super::Users;
use crate::{
    domain::{
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
    pub async fn assign_roles(&self, input: AssignRoles) -> Result<User, AssignRolesError> {
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
        user.roles = input.roles;
        user.updated_at = self.clock.now();
        repo::role::delete(&transaction, user.id).await?;
        repo::role::insert(&transaction, user.id, &user.roles).await?;
        repo::user::touch(&transaction, user.id, user.updated_at).await?;
        transaction.commit().await?;
        tracing::info!(user = %user.id, roles = ?user.roles, "roles assigned");
        Ok(user)
    }
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
