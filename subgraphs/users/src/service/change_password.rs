//! Changing one's own password.

use sea_orm::{ConnectionTrait, DbErr};
use serde_json::json;
use stockgraph_kit::{
    error::ApiError,
    id::{SessionId, UserId},
    user_error::InvalidInput,
};

use super::{
    SignedIn, Users,
    create_user::known_of_user,
    password_hasher::{Requirement, Verified},
};
use crate::{
    domain::{
        audit::EventKind,
        origin::Origin,
        password::{Password, PasswordError},
        throttle::{Subject, Throttled},
        user::User,
    },
    repo,
};

/// A password to change.
#[derive(Clone, Debug)]
pub struct ChangePassword {
    /// Whose.
    pub user: UserId,
    /// The one they have.
    pub current: Password,
    /// The one they want.
    pub new: Password,
}

/// Why a password was not changed.
#[derive(Debug)]
pub enum ChangePasswordError {
    /// The current password is another one.
    WrongPassword,
    /// Too many attempts have failed.
    TooManyAttempts(Throttled),
    /// The new password breaks a rule.
    Invalid(InvalidInput),
    /// Nothing that the caller can put right.
    Failed(ApiError),
}

impl Users {
    /// Changes the password, revokes every session of the user and opens a new one for the caller.
    ///
    /// # Errors
    ///
    /// [`ChangePasswordError`].
    pub async fn change_password(
        &self,
        input: ChangePassword,
        origin: &Origin,
    ) -> Result<SignedIn, ChangePasswordError> {
        let changed = self.try_change_password(input.clone(), origin).await;
        if let Err(ChangePasswordError::WrongPassword) = changed {
            let event = self.event(EventKind::PasswordChangeFailed, origin);
            let event = event
                .of(input.user)
                .with(json!({ "reason": "wrong_password" }));
            self.tell(event).await?;
        }
        changed
    }

    async fn try_change_password(
        &self,
        input: ChangePassword,
        origin: &Origin,
    ) -> Result<SignedIn, ChangePasswordError> {
        let reader = self.database.reader();
        let credentials = repo::user::credentials_by_id(reader, input.user)
            .await?
            .filter(|credentials| credentials.active)
            .ok_or_else(no_account)?;
        // A stolen access token must not be a way to try passwords without end.
        if let Err(refused) = self.count_password_change(input.user).await? {
            self.tell_refused(&refused, origin).await?;
            return Err(ChangePasswordError::TooManyAttempts(refused.throttled));
        }
        let stored = Some(credentials.password_hash.clone());
        let verified = self.hasher.verify(input.current.clone(), stored).await?;
        if verified == Verified::No {
            return Err(ChangePasswordError::WrongPassword);
        }
        if input.new == input.current {
            return Err(refused(PasswordError::Same));
        }
        let user = repo::user::by_id(reader, input.user)
            .await?
            .ok_or_else(no_account)?;
        let requirement =
            Requirement::Strength(self.config.passwords.strength, known_of_user(&user));
        let hash = self
            .hasher
            .hash(input.new, requirement)
            .await?
            .map_err(refused)?;

        let transaction = self.database.begin().await?;
        let locked = repo::user::lock(&transaction, input.user).await?;
        let Some((mut user, _)) = locked.filter(|(_, now)| *now == credentials) else {
            // Changed by another call in the meantime: what was given as the current password no longer is.
            transaction.rollback().await?;
            return Err(ChangePasswordError::WrongPassword);
        };
        let revoked = self.save_password(&transaction, &mut user, &hash).await?;
        let signed_in = self.open_session(&transaction, user).await?;
        let event = self.event(EventKind::PasswordChanged, origin);
        let event = event.of(input.user).in_session(signed_in.session);
        self.commit(transaction, &[event]).await?;
        self.refuse_tokens(revoked);
        Ok(signed_in)
    }

    /// Saves a new password of a user whose row is locked, and revokes every session that the old one opened; tells which.
    pub(super) async fn save_password(
        &self,
        transaction: &impl ConnectionTrait,
        user: &mut User,
        hash: &str,
    ) -> Result<Vec<SessionId>, DbErr> {
        user.updated_at = self.clock.now();
        repo::user::set_password_hash(transaction, user.id, hash).await?;
        repo::user::touch(transaction, user.id, user.updated_at).await?;
        let counted = Subject::PasswordChange(user.id);
        repo::login_throttle::forget(transaction, &counted.key()).await?;
        repo::session::revoke_all(transaction, user.id, user.updated_at).await
    }
}

fn refused(error: PasswordError) -> ChangePasswordError {
    ChangePasswordError::Invalid(InvalidInput::new(["newPassword"], error))
}

/// The caller's token outlives their account, or it is locked.
pub(super) fn no_account() -> ApiError {
    ApiError::unauthenticated("This account is no longer active.")
}
