//! How many log-ins may fail.
//!
//! A leaky bucket that is one instant (the generic cell rate algorithm): each attempt moves the instant at which all is forgotten
//! one `interval` further, and an attempt that would move it further than `attempts` intervals ahead is refused. So `attempts` may
//! fail at once, and one more per `interval`, without a window at whose edge they would double.
//!
//! Three of them watch the log-ins, so that guessing is slow and yet nobody locks an owner out of their account: one for an account
//! and an address, one for an address whatever the account, and one for an account whatever the address, which does not count addresses
//! that the account has been signed in to from.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use stockgraph_kit::id::{Id, UserId};
use uuid::Uuid;

use super::origin::Network;

/// What a typed identifier is kept as. It is hashed, so that what people mistype (now and then their password) does not stand in the
/// database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IdentifierHash([u8; 32]);

impl IdentifierHash {
    /// The hash of an identifier in the form in which it is compared.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }
}

impl fmt::Display for IdentifierHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Whom somebody wants to sign in as.
///
/// Attempts on an identifier that nobody has are counted like those on an account: whether there is one must not show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// An account, by whichever of its identifiers.
    Account(UserId),
    /// An identifier that nobody has.
    Unknown(IdentifierHash),
}

impl Target {
    /// The account, if there is one.
    #[must_use]
    pub const fn account(self) -> Option<UserId> {
        match self {
            Self::Account(id) => Some(id),
            Self::Unknown(_) => None,
        }
    }

    /// The id to look something up by. That of nobody finds nothing, and takes as long.
    #[must_use]
    pub fn lookup_id(self) -> UserId {
        match self {
            Self::Account(id) => id,
            Self::Unknown(IdentifierHash(hash)) => {
                let mut bytes = [0; 16];
                bytes.copy_from_slice(&hash[..16]);
                UserId::from_uuid(Uuid::from_bytes(bytes))
            }
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(id) => write!(f, "{id}"),
            Self::Unknown(hash) => write!(f, "identifier:{hash}"),
        }
    }
}

/// Whose attempts are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// An account from one address; from wherever nobody can tell, where the address is not known.
    Pair(Target, Option<Network>),
    /// An address, whatever the account.
    Address(Network),
    /// An account from all addresses together that it was not signed in to from.
    Account(Target),
    /// A user who gives the current password to have another. Theirs alone, so that log-ins of others do not keep them from it.
    PasswordChange(UserId),
}

impl Subject {
    /// The key that the subject is stored under.
    ///
    /// Addresses stand in it as they are: of four thousand million addresses, a hash is undone in seconds. The row is gone when the
    /// attempts are forgotten.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Pair(target, Some(network)) => format!("log-in:{target}@{network}"),
            Self::Pair(target, None) => format!("log-in:{target}"),
            Self::Address(network) => format!("address:{network}"),
            Self::Account(target) => format!("account:{target}"),
            Self::PasswordChange(user) => format!("password-change:{user}"),
        }
    }

    /// Which limit it is, for the audit trail.
    #[must_use]
    pub const fn limit_name(&self) -> &'static str {
        match self {
            Self::Pair(..) => "account_and_address",
            Self::Address(_) => "address",
            Self::Account(_) => "account",
            Self::PasswordChange(_) => "password_change",
        }
    }
}

/// How many attempts may fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How many at once.
    pub attempts: u32,
    /// How long until one more may.
    pub interval: TimeDelta,
}

/// An attempt that must wait this long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttled(pub TimeDelta);

impl Throttled {
    /// How long to wait, in whole seconds, rounded up.
    #[must_use]
    pub fn retry_after_seconds(self) -> i32 {
        let seconds = self.0.num_seconds() + i64::from(self.0.subsec_nanos() > 0);
        i32::try_from(seconds.max(1)).unwrap_or(i32::MAX)
    }
}

impl Limit {
    /// What `clear_at` is when one attempt less has been counted.
    #[must_use]
    pub fn give_back(self, clear_at: DateTime<Utc>) -> DateTime<Utc> {
        clear_at - self.interval
    }

    /// Counts one attempt. `clear_at` is when the earlier ones are forgotten; the answer is when this one is, too.
    ///
    /// # Errors
    ///
    /// [`Throttled`] when there were too many; then this one does not count.
    pub fn count(
        self,
        clear_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<DateTime<Utc>, Throttled> {
        let next = clear_at.map_or(now, |clear_at| clear_at.max(now)) + self.interval;
        let attempts = i32::try_from(self.attempts.max(1)).unwrap_or(i32::MAX);
        let latest = now + self.interval * attempts;
        if next <= latest {
            Ok(next)
        } else {
            Err(Throttled(next - latest))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit {
        attempts: 3,
        interval: TimeDelta::seconds(60),
    };

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    #[test]
    fn so_many_attempts_pass_at_once_and_then_one_per_interval() {
        let mut clear_at = None;
        for _ in 0..3 {
            clear_at = Some(LIMIT.count(clear_at, noon()).unwrap());
        }
        let wait = |seconds| LIMIT.count(clear_at, noon() + TimeDelta::seconds(seconds));
        assert_eq!(wait(0), Err(Throttled(TimeDelta::seconds(60))));
        assert_eq!(wait(59), Err(Throttled(TimeDelta::seconds(1))));
        assert!(wait(60).is_ok());
    }

    #[test]
    fn in_the_end_all_is_forgotten() {
        let mut clear_at = None;
        for _ in 0..3 {
            clear_at = Some(LIMIT.count(clear_at, noon()).unwrap());
        }
        let later = noon() + TimeDelta::minutes(3);
        assert_eq!(clear_at, Some(later));
        for _ in 0..3 {
            clear_at = Some(LIMIT.count(clear_at, later).unwrap());
        }
        assert!(LIMIT.count(clear_at, later).is_err());
    }

    #[test]
    fn the_wait_is_told_in_whole_seconds_that_are_enough() {
        let seconds = |micros| Throttled(TimeDelta::microseconds(micros)).retry_after_seconds();
        assert_eq!(seconds(1), 1);
        assert_eq!(seconds(1_000_000), 1);
        assert_eq!(seconds(1_000_001), 2);
    }

    #[test]
    fn what_people_typed_does_not_stand_in_the_key() {
        let target = Target::Unknown(IdentifierHash::of("secret"));
        let key = Subject::Pair(target, None).key();
        assert!(key.starts_with("log-in:identifier:") && !key.contains("secret"));
        assert_eq!(key.len(), "log-in:identifier:".len() + 64);
    }

    #[test]
    fn an_identifier_that_nobody_has_is_looked_up_by_an_id_of_its_own() {
        let id = |text| Target::Unknown(IdentifierHash::of(text)).lookup_id();
        assert_eq!(id("a"), id("a"));
        assert_ne!(id("a"), id("b"));
    }
}
