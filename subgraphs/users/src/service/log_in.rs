//! Signing in.

use serde_json::json;
use stockgraph_kit::error::ApiError;

use super::{
    SignedIn, Users,
    audit::about,
    password_hasher::Verified,
    throttle::{Asked, Attempt, Refused},
};
use crate::{
    domain::{
        audit::EventKind,
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
        match self.admit(&input.identifier, origin).await? {
            Ok((attempt, credentials)) => {
                let signed_in = self
                    .check_log_in(&attempt, credentials, input.password, origin)
                    .await?;
                if let Err(failure) = &signed_in {
                    self.count_failure(&attempt).await?;
                    let event = self.event(EventKind::LogInFailed, origin);
                    let event = about(event, attempt.target, ("reason", failure.as_str()));
                    self.tell(event).await?;
                }
                self.tidy_up().await;
                signed_in.map_err(|_| LogInError::InvalidCredentials)
            }
            Err(refused) => {
                self.tell_refused(&refused, origin).await?;
                Err(LogInError::TooManyAttempts(refused.throttled))
            }
        }
    }

    /// Finds out whom it is about, and whether the limits let it be tried: the cheapest first.
    async fn admit(
        &self,
        typed: &str,
        origin: &Origin,
    ) -> Result<Result<(Attempt, Option<Credentials>), Refused>, ApiError> {
        let network = origin.network();
        if let Err(refused) = self.check_address(network).await? {
            return Ok(Err(refused));
        }
        let identifier = Identifier::parse(typed, self.config.phone_region).ok();
        let hash = identifier.as_ref().map_or_else(
            || IdentifierHash::of(&typed.trim().to_lowercase()),
            |identifier| IdentifierHash::of(identifier.as_str()),
        );
        let asked = Asked {
            identifier: hash,
            network,
        };
        if let Err(refused) = self.check_refusals(asked) {
            return Ok(Err(refused));
        }
        let credentials = match &identifier {
            Some(identifier) => {
                repo::user::credentials_of(self.database.reader(), identifier).await?
            }
            None => None,
        };
        let target = credentials
            .as_ref()
            .map_or(Target::Unknown(hash), |known| Target::Account(known.id));
        let counted = self.count_log_in(asked, target).await?;
        Ok(counted.map(|attempt| (attempt, credentials)))
    }

    /// Checks the password, and opens the session.
    async fn check_log_in(
        &self,
        attempt: &Attempt,
        credentials: Option<Credentials>,
        password: Password,
        origin: &Origin,
    ) -> Result<Result<SignedIn, Failure>, ApiError> {
        let stored = credentials
            .as_ref()
            .map(|known| known.password_hash.clone());
        let verified = self.hasher.verify(password, stored).await?;
        let Some(credentials) = credentials else {
            return Ok(Err(Failure::UnknownIdentifier));
        };
        let Verified::Yes { renewed } = verified else {
            return Ok(Err(Failure::WrongPassword));
        };
        let transaction = self.database.begin().await?;
        let locked = repo::user::lock(&transaction, credentials.id).await?;
        let (user, now) = match locked {
            Some((user, now)) if now.active && now == credentials => (user, now),
            locked => {
                transaction.rollback().await?;
                // Where it is not locked, its password has changed in the meantime.
                let is_locked = locked.is_some_and(|(_, now)| !now.active);
                return Ok(Err(if is_locked {
                    Failure::AccountLocked
                } else {
                    Failure::WrongPassword
                }));
            }
        };
        let mut events = Vec::new();
        if let Some(hash) = renewed {
            repo::user::set_password_hash(&transaction, now.id, &hash).await?;
            let event = self.event(EventKind::PasswordHashRenewed, origin);
            let parameters = json!({ "parameters": parameters(&hash) });
            events.push(event.by_owner(now.id).with(parameters));
        }
        self.count_success(&transaction, attempt, now.id).await?;
        repo::session::delete_expired(&transaction, now.id, self.clock.now()).await?;
        let signed_in = self.open_session(&transaction, user).await?;
        let event = self.event(EventKind::LoggedIn, origin);
        events.push(event.by_owner(now.id).in_session(signed_in.session));
        self.commit(transaction, &events).await?;
        self.refusals.forget(attempt.asked);
        Ok(Ok(signed_in))
    }
}

/// Why a password that was checked opens no session: for the audit trail alone.
enum Failure {
    UnknownIdentifier,
    WrongPassword,
    AccountLocked,
}

impl Failure {
    const fn as_str(&self) -> &'static str {
        match self {
            Self::UnknownIdentifier => "unknown_identifier",
            Self::WrongPassword => "wrong_password",
            Self::AccountLocked => "account_locked",
        }
    }
}

/// The costs in a hash's text, `$argon2id$v=19$m=19456,t=2,p=1$…`.
fn parameters(hash: &str) -> &str {
    hash.split('$').nth(3).unwrap_or_default()
}
