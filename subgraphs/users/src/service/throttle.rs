//! Keeps passwords from being guessed.

use chrono::{DateTime, TimeDelta, Utc};
use moka::sync::Cache;
use sea_orm::{ConnectionTrait, DbErr};
use stockgraph_kit::{error::ApiError, id::UserId};

use super::Users;
use crate::{
    domain::{
        origin::Network,
        throttle::{IdentifierHash, Limit, Subject, Target, Throttled},
    },
    repo,
};

/// How long a network is known after the account was signed in to from it.
pub(super) const KNOWN_FOR: TimeDelta = TimeDelta::days(90);

/// How many networks of one account are known.
const MOST_KNOWN: u64 = 20;

/// A network that was seen within this time is not written down again: most people sign in from the same one.
const SEEN_LATELY: TimeDelta = TimeDelta::days(1);

/// How many refusals a process remembers.
const REMEMBERED: u64 = 10_000;

/// What is asked before it is known whom it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Asked {
    pub(super) identifier: IdentifierHash,
    pub(super) network: Option<Network>,
}

/// A log-in that may be tried, if the limits allow it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt {
    pub(super) asked: Asked,
    pub(super) target: Target,
    /// When the account was signed in to from this network last, if it is known.
    seen_at: Option<DateTime<Utc>>,
}

/// Too many attempts, and whose.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refused {
    pub(super) throttled: Throttled,
    pub(super) subject: Subject,
}

/// The refusals of this process, so that asking again at once costs next to nothing. Clones share them.
///
/// They only repeat what the database would say: until the wait is over it can say nothing else.
#[derive(Clone)]
pub(super) struct Refusals(Cache<Asked, (DateTime<Utc>, Subject)>);

impl Default for Refusals {
    fn default() -> Self {
        Self(Cache::new(REMEMBERED))
    }
}

impl Refusals {
    fn check(&self, asked: Asked, now: DateTime<Utc>) -> Result<(), Refused> {
        match self.0.get(&asked) {
            Some((until, subject)) if now < until => Err(Refused {
                throttled: Throttled(until - now),
                subject,
            }),
            _ => Ok(()),
        }
    }

    fn add(&self, asked: Asked, refused: Refused, now: DateTime<Utc>) {
        let until = now + refused.throttled.0;
        self.0.insert(asked, (until, refused.subject));
    }

    pub(super) fn forget(&self, asked: Asked) {
        self.0.invalidate(&asked);
    }
}

impl Users {
    /// Turns away an address from which too many log-ins have failed, whatever it asks, by one look at one row.
    ///
    /// Failures alone are counted, by [`count_failure`](Self::count_failure): however many people behind one address sign in at the same
    /// moment, they do.
    pub(super) async fn check_address(
        &self,
        network: Option<Network>,
    ) -> Result<Result<(), Refused>, ApiError> {
        let Some(network) = network else {
            return Ok(Ok(()));
        };
        let subject = Subject::Address(network);
        let limit = self.config.address_throttle.limit();
        let clear_at =
            repo::login_throttle::clear_at(self.database.reader(), &subject.key()).await?;
        Ok(limit
            .count(clear_at, self.clock.now())
            .map(|_| ())
            .map_err(|throttled| Refused { throttled, subject }))
    }

    /// Turns away who was refused a moment ago.
    pub(super) fn check_refusals(&self, asked: Asked) -> Result<(), Refused> {
        self.refusals.check(asked, self.clock.now())
    }

    /// Counts a log-in before it is known to fail, so that attempts at the same moment cannot all slip through.
    pub(super) async fn count_log_in(
        &self,
        asked: Asked,
        target: Target,
    ) -> Result<Result<Attempt, Refused>, ApiError> {
        let now = self.clock.now();
        let pair = Subject::Pair(target, asked.network);
        let mut limits = vec![(pair, self.config.log_in_throttle.limit())];
        let seen_at = match asked.network {
            Some(network) => {
                repo::known_address::seen_at(self.database.reader(), target.lookup_id(), network)
                    .await?
                    .filter(|seen_at| *seen_at + KNOWN_FOR > now)
            }
            None => None,
        };
        let attempt = Attempt {
            asked,
            target,
            seen_at,
        };
        limits.extend(self.limit_of_account(&attempt));
        let counted = self.count(&limits).await?;
        if let Err(refused) = counted {
            self.refusals.add(asked, refused, now);
        }
        Ok(counted.map(|()| attempt))
    }

    /// The limit that a network is under which the account was not signed in to from. Where no network is known, that of the pair is
    /// one of the account already.
    fn limit_of_account(&self, attempt: &Attempt) -> Option<(Subject, Limit)> {
        let stranger = attempt.asked.network.is_some() && attempt.seen_at.is_none();
        let limit = self.config.account_throttle.limit();
        stranger.then_some((Subject::Account(attempt.target), limit))
    }

    /// Counts a log-in that has failed, for its address.
    pub(super) async fn count_failure(&self, attempt: &Attempt) -> Result<(), ApiError> {
        if let Some(network) = attempt.asked.network {
            let limit = self.config.address_throttle.limit();
            // Of many that fail at the same moment, some find the limit reached: more than that need not be counted.
            let _full = self.count(&[(Subject::Address(network), limit)]).await?;
        }
        Ok(())
    }

    /// Forgets what only counts as long as no password was right, and remembers the network. What was counted of the address stays: one
    /// who has an account of their own must not buy attempts on others with it.
    pub(super) async fn count_success(
        &self,
        transaction: &impl ConnectionTrait,
        attempt: &Attempt,
        user: UserId,
    ) -> Result<(), DbErr> {
        let pair = Subject::Pair(attempt.target, attempt.asked.network);
        repo::login_throttle::forget(transaction, &pair.key()).await?;
        if let Some((subject, limit)) = self.limit_of_account(attempt) {
            // This attempt alone is given back; those of others stay. That it is not, where another comes between, costs little.
            let key = subject.key();
            if let Some(old) = repo::login_throttle::clear_at(transaction, &key).await? {
                let new = limit.give_back(old);
                repo::login_throttle::replace(transaction, &key, Some(old), new).await?;
            }
        }
        let lately = attempt
            .seen_at
            .is_some_and(|seen_at| seen_at + SEEN_LATELY > self.clock.now());
        if lately {
            return Ok(());
        }
        self.remember_network(transaction, user, attempt.asked.network)
            .await
    }

    /// Remembers that the user was signed in from here.
    pub(super) async fn remember_network(
        &self,
        transaction: &impl ConnectionTrait,
        user: UserId,
        network: Option<Network>,
    ) -> Result<(), DbErr> {
        let Some(network) = network else {
            return Ok(());
        };
        let now = self.clock.now();
        repo::known_address::remember(transaction, user, network, now, MOST_KNOWN).await
    }

    /// Counts an attempt to give the current password for another.
    pub(super) async fn count_password_change(
        &self,
        user: UserId,
    ) -> Result<Result<(), Refused>, ApiError> {
        let limit = self.config.log_in_throttle.limit();
        self.count(&[(Subject::PasswordChange(user), limit)]).await
    }

    /// Counts one attempt of each of these subjects. None of them is counted where the first look shows that one had too many; and who
    /// loses a race for a place of the one before is not counted of the next, so that a crowd at one address cannot use up what an
    /// account bears from all.
    async fn count(&self, limits: &[(Subject, Limit)]) -> Result<Result<(), Refused>, ApiError> {
        let keys: Vec<String> = limits.iter().map(|(subject, _)| subject.key()).collect();
        let looked_up = keys.iter().map(String::as_str);
        let seen = repo::login_throttle::clear_at_of(self.database.reader(), looked_up).await?;
        let counts = || limits.iter().zip(&keys);
        for ((subject, limit), key) in counts() {
            let next = limit.count(seen.get(key).copied(), self.clock.now());
            if let Err(throttled) = next {
                return Ok(Err(refused(*subject, throttled)));
            }
        }
        for ((subject, limit), key) in counts() {
            let seen = seen.get(key).copied();
            if let Err(throttled) = self.count_one(key, *limit, seen).await? {
                return Ok(Err(refused(*subject, throttled)));
            }
        }
        Ok(Ok(()))
    }

    /// Counts one attempt of the subject with this key, whose failures were forgotten at `seen` when it was looked up.
    async fn count_one(
        &self,
        key: &str,
        limit: Limit,
        mut seen: Option<DateTime<Utc>>,
    ) -> Result<Result<(), Throttled>, ApiError> {
        // Whoever loses the race counts anew; each round has a winner, and only so many can win.
        loop {
            let new = match limit.count(seen, self.clock.now()) {
                Ok(new) => new,
                Err(throttled) => return Ok(Err(throttled)),
            };
            if repo::login_throttle::replace(self.database.writer(), key, seen, new).await? {
                return Ok(Ok(()));
            }
            seen = repo::login_throttle::clear_at(self.database.reader(), key).await?;
        }
    }
}

const fn refused(subject: Subject, throttled: Throttled) -> Refused {
    Refused { throttled, subject }
}
