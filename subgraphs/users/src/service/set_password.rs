//! Setting somebody's password without knowing the one they have: for the command line alone.

use stockgraph_kit::{error::ApiError, id::UserId, user_error::InvalidInput};

use super::{Users, create_user::known_of_user, password_hasher::Requirement};
use crate::{
    domain::{audit::EventKind, origin::Origin, password::Password, user::User},
    repo,
};

/// A password to set.
#[derive(Clone, Debug)]
pub struct SetPassword {
    /// Whose.
    pub user: UserId,
    /// The one they have from then on.
    pub password: Password,
}

/// Why a password was not set.
#[derive(Debug)]
pub enum SetPasswordError {
    /// There is no such user.
    NotFound,
    /// The password breaks a rule.
    Invalid(InvalidInput),
    /// Nothing that the caller can put right.
    Failed(ApiError),
}

impl Users {
    /// Sets the password and revokes every session of the user.
    ///
    /// # Errors
    ///
    /// [`SetPasswordError`].
    pub async fn set_password(
        &self,
        input: SetPassword,
        origin: &Origin,
    ) -> Result<User, SetPasswordError> {
        let user = repo::user::by_id(self.database.reader(), input.user)
            .await?
            .ok_or(SetPasswordError::NotFound)?;
        let strength = self.config.passwords.strength;
        let requirement = Requirement::Strength(strength, known_of_user(&user));
        let hash = self
            .hasher
            .hash(input.password, requirement)
            .await?
            .map_err(|error| SetPasswordError::Invalid(InvalidInput::new(["password"], error)))?;
        let transaction = self.database.begin().await?;
        let locked = repo::user::lock(&transaction, input.user).await?;
        let (mut user, _) = locked.ok_or(SetPasswordError::NotFound)?;
        let revoked = self.save_password(&transaction, &mut user, &hash).await?;
        let event = self.event(EventKind::PasswordChanged, origin).of(user.id);
        self.commit(transaction, &[event]).await?;
        self.refuse_tokens(revoked);
        Ok(user)
    }
}
