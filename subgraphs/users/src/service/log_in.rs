//! Signing in.

use stockgraph_kit::error::ApiError;

use super::{SignedIn, Users, password_hasher::Verified};
use crate::{
    domain::{
        identifier::Identifier,
        password::Password,
        throttle::{Subject, Throttled},
    },
    repo,
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
    pub async fn log_in(&self, input: LogIn) -> Result<SignedIn, LogInError> {
        let identifier = Identifier::parse(&input.identifier, self.config.phone_region).ok();
        let credentials = match &identifier {
            Some(identifier) => {
                repo::user::credentials_of(self.database.reader(), identifier).await?
            }
            None => None,
        };
        let subject = match (&credentials, identifier) {
            (Some(credentials), _) => Subject::Account(credentials.id),
            (None, Some(identifier)) => Subject::UnknownIdentifier(identifier.as_str().to_owned()),
            (None, None) => Subject::UnknownIdentifier(input.identifier.trim().to_lowercase()),
        };
        // Counted before it is known to fail, so that attempts at the same moment cannot all slip through.
        self.count_attempt(&subject)
            .await?
            .map_err(LogInError::TooManyAttempts)?;
        let stored = credentials
            .as_ref()
            .map(|known| known.password_hash.clone());
        let verified = self.hasher.verify(input.password, stored).await?;
        let (Some(credentials), Verified::Yes { renewed }) = (credentials, verified) else {
            return Err(LogInError::InvalidCredentials);
        };

        let transaction = self.database.begin().await?;
        let locked = repo::user::lock(&transaction, credentials.id).await?;
        let Some((user, _)) = locked.filter(|(_, now)| now.active && *now == credentials) else {
            // Locked, or its password has changed in the meantime.
            return Err(LogInError::InvalidCredentials);
        };
        if let Some(hash) = renewed {
            repo::user::set_password_hash(&transaction, user.id, &hash).await?;
        }
        repo::login_throttle::forget(&transaction, &subject.key()).await?;
        repo::session::delete_expired(&transaction, user.id, self.clock.now()).await?;
        let signed_in = self.open_session(&transaction, user).await?;
        transaction.commit().await?;
        self.purge_throttles().await;
        Ok(signed_in)
    }

    /// Counts an attempt of this subject that may fail.
    pub(super) async fn count_attempt(
        &self,
        subject: &Subject,
    ) -> Result<Result<(), Throttled>, ApiError> {
        let limit = self.config.log_in_throttle.limit();
        let key = subject.key();
        // Whoever loses the race counts anew; each round has a winner, and only so many can win.
        loop {
            let old = repo::login_throttle::clear_at(self.database.reader(), &key).await?;
            let new = match limit.count(old, self.clock.now()) {
                Ok(new) => new,
                Err(throttled) => return Ok(Err(throttled)),
            };
            if repo::login_throttle::replace(self.database.writer(), &key, old, new).await? {
                return Ok(Ok(()));
            }
        }
    }

    /// Clears away what says nothing any more. In a statement of its own, for it locks rows of others; that it fails costs nothing, for the
    /// next log-in does it again.
    async fn purge_throttles(&self) {
        let purged = repo::login_throttle::purge(self.database.writer(), self.clock.now()).await;
        if let Err(cause) = purged {
            tracing::warn!(%cause, "old log-in throttles are not cleared away");
        }
    }
}
