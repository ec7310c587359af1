//! Public keys that another process publishes as a JWK set.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use jsonwebtoken::{
    DecodingKey,
    jwk::{Jwk, JwkSet},
};
use tokio::sync::Mutex;

use crate::clock::Clock;

/// Fetches a JWK set, or tells why it cannot.
pub type FetchKeys = Arc<dyn Fn() -> BoxFuture<'static, Result<JwkSet, String>> + Send + Sync>;

/// How soon after a fetch a key that nobody knows is looked for again: tokens with made-up keys must not become requests to another.
const PAUSE: TimeDelta = TimeDelta::seconds(5);

/// The same after a fetch that failed.
const PAUSE_AFTER_FAILURE: TimeDelta = TimeDelta::seconds(1);

/// The public keys of another process, as it published them last. Clones share them.
#[derive(Clone)]
pub struct PublishedKeys(Arc<Inner>);

struct Inner {
    /// Where they are, for logs.
    source: String,
    fetch: FetchKeys,
    clock: Clock,
    /// `None` until the first fetch that succeeds.
    keys: RwLock<Option<HashMap<String, (Jwk, DecodingKey)>>>,
    /// Before this instant no unknown key is worth a fetch. The lock is held while one is under way.
    next_fetch: Mutex<DateTime<Utc>>,
}

impl fmt::Debug for PublishedKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PublishedKeys")
            .field(&self.0.source)
            .finish()
    }
}

impl PublishedKeys {
    /// The keys that `fetch` gets from `source`, none before they are asked for.
    #[must_use]
    pub fn new(source: impl Into<String>, fetch: FetchKeys, clock: Clock) -> Self {
        Self(Arc::new(Inner {
            source: source.into(),
            fetch,
            clock,
            keys: RwLock::default(),
            next_fetch: Mutex::new(DateTime::UNIX_EPOCH),
        }))
    }

    /// Fetches the keys anew; what is no longer published is no longer known. A failure leaves them as they are, and is logged.
    pub async fn refresh(&self) {
        let mut next_fetch = self.0.next_fetch.lock().await;
        self.fetch(&mut next_fetch).await;
    }

    /// Fetches the keys because one is not among them, unless they have just been fetched.
    pub(super) async fn look_again(&self) {
        let mut next_fetch = self.0.next_fetch.lock().await;
        if self.0.clock.now() >= *next_fetch {
            self.fetch(&mut next_fetch).await;
        }
    }

    async fn fetch(&self, next_fetch: &mut DateTime<Utc>) {
        let fetched = (self.0.fetch)().await;
        let now = self.0.clock.now();
        match fetched {
            Ok(set) => {
                *next_fetch = now + PAUSE;
                let keys = set.keys.iter().filter_map(|jwk| {
                    let key = DecodingKey::from_jwk(jwk).ok()?;
                    Some((jwk.common.key_id.clone()?, (jwk.clone(), key)))
                });
                let keys = Some(keys.collect());
                *self.0.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
            }
            Err(cause) => {
                *next_fetch = now + PAUSE_AFTER_FAILURE;
                tracing::warn!(
                    source = self.0.source,
                    cause,
                    "public keys cannot be fetched"
                );
            }
        }
    }

    /// What verifies the tokens of the key with this `kid`.
    pub(super) fn get(&self, kid: &str) -> Option<DecodingKey> {
        let keys = self.0.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.as_ref()?.get(kid).map(|(_, key)| key.clone())
    }

    /// Whether there is a key with this `kid`.
    pub(super) fn contains(&self, kid: &str) -> bool {
        let keys = self.0.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.as_ref().is_some_and(|keys| keys.contains_key(kid))
    }

    /// The keys as they were published.
    pub(super) fn jwks(&self) -> Vec<Jwk> {
        let keys = self.0.keys.read().unwrap_or_else(PoisonError::into_inner);
        let keys = keys.iter().flatten().map(|(_, (jwk, _))| jwk.clone());
        keys.collect()
    }

    /// Whether the keys have been fetched at least once.
    pub(super) fn are_known(&self) -> bool {
        let keys = self.0.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.is_some()
    }
}
