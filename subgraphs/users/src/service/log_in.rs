//! Signing in.

use stockgraph_kit::error::ApiError;

use super::{
    SignedIn, Users,
    password_hasher::Verified,
    throttle::{Asked, Attempt, Refused},
};
use crate::{
    domain::{
        identifier::Identifier,
        origin::Origin,
        password::Password,
        throttle::{IdentifierHash, Target, Throttled},
    },
    repo::{self, user::Credentials},
};

/// What somebody says who signs in.
#[derive(Clone, Debug)]
pub struct LogIn {
    /// An e-mail address or a phone number, as they typed it.
    pub identifier: String,
    /// As they typed it.
    pub password: Password,
}

/// Why somebody was not signed in.
#[derive(Debug)]
pub enum LogInError {
    /// Unknown identifier, wrong password, or a locked account.
    InvalidCredentials,
    /// Too many attempts have failed.
    TooManyAttempts(Throttled),
    /// Nothing that the caller can put right.
    Failed(ApiError),
}

impl Users {
    /// Opens a session of whoever has this identifier and password. For an unknown identifier it takes as long and is throttled as
    /// for a known one.
    ///
    /// # Errors
    ///
    /// [`LogInError`].
    pub async fn log_in(&self, input: LogIn, origin: &Origin) -> Result<SignedIn, LogInError> {
        let network = origin.network();
        self.check_address(network).await?.map_err(too_many)?;
        let identifier = Identifier::parse(&input.identifier, self.config.phone_region).ok();
        let hash = identifier.as_ref().map_or_else(
            || IdentifierHash::of(&input.identifier.trim().to_lowercase()),
            |identifier| IdentifierHash::of(identifier.as_str()),
        );
        let asked = Asked {
            identifier: hash,
            network,
        };
        self.check_refusals(asked).map_err(too_many)?;
        let credentials = match &identifier {
            Some(identifier) => {
                repo::user::credentials_of(self.database.reader(), identifier).await?
            }
            None => None,
        };
        let target = credentials
            .as_ref()
            .map_or(Target::Unknown(hash), |known| Target::Account(known.id));
        let attempt = self.count_log_in(asked, target).await?.map_err(too_many)?;
        let signed_in = self
            .check_log_in(&attempt, credentials, input.password)
            .await;
        if let Err(LogInError::InvalidCredentials) = signed_in {
            self.count_failure(&attempt).await?;
        }
        self.tidy_up().await;
        signed_in
    }

    /// Checks the password, and opens the session.
    async fn check_log_in(
        &self,
        attempt: &Attempt,
        credentials: Option<Credentials>,
        password: Password,
    ) -> Result<SignedIn, LogInError> {
        let stored = credentials
            .as_ref()
            .map(|known| known.password_hash.clone());
        let verified = self.hasher.verify(password, stored).await?;
        let (Some(credentials), Verified::Yes { renewed }) = (credentials, verified) else {
            return Err(LogInError::InvalidCredentials);
        };
        let transaction = self.database.begin().await?;
        let locked = repo::user::lock(&transaction, credentials.id).await?;
        let Some((user, _)) = locked.filter(|(_, now)| now.active && *now == credentials) else {
            // Locked, or its password has changed in the meantime.
            transaction.rollback().await?;
            return Err(LogInError::InvalidCredentials);
        };
        if let Some(hash) = renewed {
            repo::user::set_password_hash(&transaction, user.id, &hash).await?;
        }
        self.count_success(&transaction, attempt, user.id).await?;
        repo::session::delete_expired(&transaction, user.id, self.clock.now()).await?;
        let signed_in = self.open_session(&transaction, user).await?;
        transaction.commit().await?;
        self.refusals.forget(attempt.asked);
        Ok(signed_in)
    }
}

fn too_many(refused: Refused) -> LogInError {
    LogInError::TooManyAttempts(refused.throttled)
}
