//! Locking an account, and unlocking it.

use stockgraph_kit::{error::ApiError, id::UserId, user_error::InvalidInput};

use super::{Users, assign_roles::is_last_admin};
use crate::{
    domain::{audit::EventKind, origin::Origin, user::User},
    repo,
};

/// An account to lock or unlock.
#[derive(Clone, Debug)]
pub struct SetUserActive {
    /// Whose account.
    pub user: UserId,
    /// Whether they may sign in.
    pub active: bool,
}

/// Why an account was not locked or unlocked.
#[derive(Debug)]
pub enum SetUserActiveError {
    /// There is no such user.
    NotFound,
    /// The account must not be locked.
    Invalid(InvalidInput),
    /// Nothing that the caller can put right.
    Failed(ApiError),
}

impl Users {
    /// Locks an account and revokes its sessions, or unlocks it.
    ///
    /// # Errors
    ///
    /// [`SetUserActiveError`]; the last administrator stays active.
    pub async fn set_user_active(
        &self,
        input: SetUserActive,
        origin: &Origin,
    ) -> Result<User, SetUserActiveError> {
        let transaction = self.database.begin().await?;
        if !input.active && is_last_admin(&transaction, input.user).await? {
            return Err(SetUserActiveError::Invalid(InvalidInput::new(
                ["active"],
                "The last administrator stays active.",
            )));
        }
        let locked = repo::user::lock(&transaction, input.user).await?;
        let (mut user, _) = locked.ok_or(SetUserActiveError::NotFound)?;
        if user.active == input.active {
            return Ok(user);
        }
        let now = self.clock.now();
        user.active = input.active;
        user.updated_at = now;
        repo::user::set_active(&transaction, user.id, user.active).await?;
        repo::user::touch(&transaction, user.id, now).await?;
        let (kind, revoked) = if user.active {
            (EventKind::AccountUnlocked, Vec::new())
        } else {
            let revoked = repo::session::revoke_all(&transaction, user.id, now).await?;
            (EventKind::AccountLocked, revoked)
        };
        self.commit(transaction, &[self.event(kind, origin).of(user.id)])
            .await?;
        self.refuse_tokens(revoked);
        Ok(user)
    }
}
