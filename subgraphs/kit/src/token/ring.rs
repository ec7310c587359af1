//! The keys of one graph over time: one signs, those before it are still accepted for a while, those after it are known in advance.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::JwkSet;

use super::SigningKey;

/// A key and the instant from which it signs.
#[derive(Clone, Debug)]
pub struct DatedKey {
    /// The key.
    pub key: SigningKey,
    /// From when on it signs; it is published, and accepted, before.
    pub signs_from: DateTime<Utc>,
}

/// The keys that this process signs with, and verifies with. Clones share them.
///
/// The key that signs is the youngest whose time has come. It is accepted for as long after its successor's time as the longest token
/// lives. All of this follows from the keys and the clock, so that processes with the same keys agree without talking.
#[derive(Clone)]
pub struct KeyRing {
    keys: Arc<RwLock<Vec<DatedKey>>>,
    longest_token: TimeDelta,
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing").finish_non_exhaustive()
    }
}

impl From<SigningKey> for KeyRing {
    /// A ring of one key that always signs.
    fn from(key: SigningKey) -> Self {
        let signs_from = DateTime::UNIX_EPOCH;
        Self::new(vec![DatedKey { key, signs_from }], TimeDelta::zero())
    }
}

impl KeyRing {
    /// A ring of these keys. `longest_token` is how long the longest-lived token is good.
    #[must_use]
    pub fn new(keys: Vec<DatedKey>, longest_token: TimeDelta) -> Self {
        let ring = Self {
            keys: Arc::default(),
            longest_token,
        };
        ring.replace(keys);
        ring
    }

    /// A ring that signs nothing and accepts nothing of its own: for who verifies what others sign.
    #[must_use]
    pub fn empty() -> Self {
        Self::new(Vec::new(), TimeDelta::zero())
    }

    /// Puts other keys in the place of these.
    pub fn replace(&self, mut keys: Vec<DatedKey>) {
        keys.sort_by_key(|dated| dated.signs_from);
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }

    /// The key that signs now; before the time of the first it is the first.
    #[must_use]
    pub fn signing(&self, now: DateTime<Utc>) -> Option<SigningKey> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let current = keys.iter().rfind(|dated| dated.signs_from <= now);
        current.or(keys.first()).map(|dated| dated.key.clone())
    }

    /// Every key with how it stands, oldest first.
    #[must_use]
    pub fn states(&self, now: DateTime<Utc>) -> Vec<(DatedKey, KeyState)> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let states =
            (0..keys.len()).map(|index| (keys[index].clone(), self.state(&keys, index, now)));
        states.collect()
    }

    fn state(&self, keys: &[DatedKey], index: usize, now: DateTime<Utc>) -> KeyState {
        match keys.get(index + 1) {
            Some(next) if next.signs_from <= now => match next.signs_from + self.longest_token {
                until if until <= now => KeyState::Over,
                until => KeyState::Accepted(until),
            },
            _ if index == 0 || keys[index].signs_from <= now => KeyState::Signs,
            _ => KeyState::Upcoming,
        }
    }

    /// The public halves of all keys that are accepted, those that are yet to sign included.
    #[must_use]
    pub fn jwks(&self, now: DateTime<Utc>) -> JwkSet {
        let accepted = self.states(now).into_iter();
        let accepted = accepted.filter(|(_, state)| *state != KeyState::Over);
        JwkSet {
            keys: accepted.map(|(dated, _)| dated.key.jwk().clone()).collect(),
        }
    }

    /// Reads something off the key with this `kid`, where it is accepted.
    pub(super) fn accepted<T>(
        &self,
        kid: &str,
        now: DateTime<Utc>,
        read: impl FnOnce(&SigningKey) -> T,
    ) -> Option<T> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let index = keys.iter().position(|dated| dated.key.id() == kid)?;
        let over = self.state(&keys, index, now) == KeyState::Over;
        (!over).then(|| read(&keys[index].key))
    }
}

/// How a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// It is published, and will sign.
    Upcoming,
    /// It signs.
    Signs,
    /// It no longer signs; its tokens are accepted until this instant.
    Accepted(DateTime<Utc>),
    /// All its tokens have expired.
    Over,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    fn key(seed: u64) -> SigningKey {
        SigningKey::from_pem(&SigningKey::generate_pem(&Random::seeded(seed)).unwrap()).unwrap()
    }

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(365) + TimeDelta::minutes(minutes)
    }

    fn ring() -> KeyRing {
        let dated = |seed, signs_from| DatedKey {
            key: key(seed),
            signs_from,
        };
        let keys = vec![dated(2, at(10)), dated(1, DateTime::UNIX_EPOCH)];
        KeyRing::new(keys, TimeDelta::minutes(15))
    }

    fn published(now: DateTime<Utc>) -> Vec<String> {
        let keys = ring().jwks(now).keys.into_iter();
        keys.filter_map(|jwk| jwk.common.key_id).collect()
    }

    #[test]
    fn a_key_signs_from_its_time_and_the_one_before_is_accepted_until_its_tokens_are_over() {
        let (old, new) = (key(1).id, key(2).id);
        let signing = |now| ring().signing(now).unwrap().id;
        assert_eq!(signing(at(0)), old);
        assert_eq!(published(at(0)), [old.clone(), new.clone()]);
        assert_eq!(signing(at(10)), new);
        assert_eq!(published(at(24)), [old.clone(), new.clone()]);
        assert_eq!(published(at(25)), [new]);
        assert!(ring().accepted(&old, at(24), |_| ()).is_some());
        assert!(ring().accepted(&old, at(25), |_| ()).is_none());
    }

    #[test]
    fn the_state_of_every_key_is_told() {
        let states = |now| ring().states(now).into_iter().map(|(_, state)| state);
        let told = |now| states(now).collect::<Vec<_>>();
        assert_eq!(told(at(0)), [KeyState::Signs, KeyState::Upcoming]);
        assert_eq!(told(at(10)), [KeyState::Accepted(at(25)), KeyState::Signs]);
        assert_eq!(told(at(25)), [KeyState::Over, KeyState::Signs]);
    }

    #[test]
    fn a_first_key_signs_at_once_and_no_key_signs_nothing() {
        let keys = vec![DatedKey {
            key: key(1),
            signs_from: at(10),
        }];
        let early = KeyRing::new(keys, TimeDelta::zero());
        assert!(early.signing(at(0)).is_some());
        assert_eq!(early.states(at(0))[0].1, KeyState::Signs);
        assert!(KeyRing::empty().signing(at(0)).is_none());
        assert!(KeyRing::empty().jwks(at(0)).keys.is_empty());
    }
}
