//! How many log-ins may fail.
//!
//! A leaky bucket that is one instant (the generic cell rate algorithm): each attempt moves the instant at which all is forgotten
//! one `interval` further, and an attempt that would move it further than `attempts` intervals ahead is refused. So `attempts` may
//! fail at once, and one more per `interval`, without a window at whose edge they would double.

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use stockgraph_kit::id::UserId;

/// Whose attempts are counted together.
///
/// Attempts on an identifier that nobody has are counted like those on an account: whether there is one must not show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An account, by whichever of its identifiers.
    Account(UserId),
    /// An identifier that nobody has.
    UnknownIdentifier(String),
}

impl Subject {
    /// The key that the subject is stored under. An identifier is hashed, so that what people mistype (now and then their password)
    /// does not stand in the database.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Account(id) => format!("account:{id}"),
            Self::UnknownIdentifier(text) => {
                let hash = Sha256::digest(text.as_bytes());
                format!("identifier:{hash:x}")
            }
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
        let key = Subject::UnknownIdentifier("secret".into()).key();
        assert!(key.starts_with("identifier:") && !key.contains("secret"));
    }
}
