//! The audit trail: what happened to accounts, for those who must find out later.

use std::{fmt, net::IpAddr, str::FromStr};

use chrono::{DateTime, Utc};
use serde_json::Value;
use stockgraph_kit::id::{SessionId, UserId};

use super::origin::Actor;

stockgraph_kit::id_type!(SecurityEventId, "event", "Which entry of the audit trail.");

/// Something that happened to an account, or to an identifier that nobody has.
///
/// It never holds a password, a token, or an identifier that somebody typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityEvent {
    /// Which entry.
    pub id: SecurityEventId,
    /// When.
    pub occurred_at: DateTime<Utc>,
    /// What.
    pub kind: EventKind,
    /// To whose account; `None` where there is none, or it is about an address.
    pub user: Option<UserId>,
    /// Who did it.
    pub actor: Actor,
    /// The session that it opened or ended.
    pub session: Option<SessionId>,
    /// Whence the request came.
    pub address: Option<IpAddr>,
    /// What else there is to say: an object.
    pub detail: Option<Value>,
}

impl SecurityEvent {
    /// The same of this user's account.
    #[must_use]
    pub fn of(self, user: UserId) -> Self {
        Self {
            user: Some(user),
            ..self
        }
    }

    /// The same, done by the owner of the account, if nobody else has said to have done it.
    #[must_use]
    pub fn by_owner(self, user: UserId) -> Self {
        let actor = match self.actor {
            Actor::Anonymous => Actor::User(user),
            actor => actor,
        };
        Self { actor, ..self }.of(user)
    }

    /// The same of this session.
    #[must_use]
    pub fn in_session(self, session: SessionId) -> Self {
        Self {
            session: Some(session),
            ..self
        }
    }

    /// The same with this object beside it.
    #[must_use]
    pub fn with(self, detail: Value) -> Self {
        Self {
            detail: Some(detail),
            ..self
        }
    }
}

/// Declares [`EventKind`] with the text of each kind.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $kind:ident = $text:literal,)+) => {
        /// What can happen.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum EventKind {
            $($(#[doc = $doc])+ $kind,)+
        }

        impl EventKind {
            /// Every kind there is.
            pub const ALL: &[Self] = &[$(Self::$kind),+];

            /// The kind's text in the database, the log and on the command line.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $text,)+
                }
            }
        }
    };
}

kinds! {
    /// Somebody opened an account and was signed in.
    Registered = "registered",
    /// A part of the system opened an account.
    UserCreated = "user_created",
    /// Somebody signed in.
    LoggedIn = "logged_in",
    /// Somebody did not: `reason` is `wrong_password`, `unknown_identifier` or `account_locked`.
    LogInFailed = "log_in_failed",
    /// Somebody was turned away for too many failures, by the `limit` of that name; told once a minute.
    LogInThrottled = "log_in_throttled",
    /// A refresh token was used again; its session was revoked.
    RefreshTokenReused = "refresh_token_reused",
    /// A session was ended by its holder.
    LoggedOut = "logged_out",
    /// A password was changed by its owner, or set on the command line, and the sessions were revoked.
    PasswordChanged = "password_changed",
    /// A password was not changed: `reason` is `wrong_password` or, told once a minute, `too_many_attempts`.
    PasswordChangeFailed = "password_change_failed",
    /// A password was hashed anew at a log-in, for the costs of hashing are others than they were.
    PasswordHashRenewed = "password_hash_renewed",
    /// Some `fields` of a profile were changed.
    ProfileChanged = "profile_changed",
    /// Roles were replaced: `before`, `after`.
    RolesChanged = "roles_changed",
    /// An account was locked, and its sessions were revoked.
    AccountLocked = "account_locked",
    /// An account was unlocked.
    AccountUnlocked = "account_unlocked",
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no kind of event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a kind of event")]
pub struct UnknownKind(String);

impl FromStr for EventKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_back_from_its_text() {
        for kind in EventKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
        }
        assert!("forgotten".parse::<EventKind>().is_err());
    }
}
