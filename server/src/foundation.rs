//! What all parts of a process stand on: the clock, randomness, the keys, who is let in, and what is counted.

use stockgraph_kit::{
    clock::Clock,
    id::IdSource,
    random::Random,
    token::{Authenticator, Issuer, JwkSet, Realm, SigningKey, TrustedKeys},
};

use crate::{
    config::{Config, SubgraphName},
    identity,
    metrics::Metrics,
};

/// Clock, randomness, tokens and counters. Clones share them.
#[derive(Clone)]
pub struct Foundation {
    /// Tells the time to every rule.
    pub clock: Clock,
    /// Makes secrets and ids.
    pub random: Random,
    /// Makes new ids.
    pub ids: IdSource,
    /// Signs tokens.
    pub issuer: Issuer,
    /// Verifies tokens.
    pub authenticator: Authenticator,
    /// The keys that tokens are signed and verified with.
    pub keys: TrustedKeys,
    /// Counts what the process does.
    pub metrics: Metrics,
}

/// What a process is, as far as keys go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Process {
    /// Everything, or a command on its databases.
    Whole,
    /// The router.
    Router,
    /// One subgraph.
    Subgraph(SubgraphName),
}

impl Foundation {
    /// The foundation on these keys.
    #[must_use]
    pub fn new(keys: impl Into<TrustedKeys>, realm: &Realm, clock: Clock, random: Random) -> Self {
        let keys = keys.into();
        Self {
            ids: IdSource::new(clock.clone(), random.clone()),
            issuer: Issuer::new(
                keys.own.clone(),
                realm.clone(),
                clock.clone(),
                random.clone(),
            ),
            authenticator: Authenticator::new(keys.clone(), realm, clock.clone()),
            keys,
            metrics: Metrics::default(),
            clock,
            random,
        }
    }

    /// A foundation for what nobody calls, on a key that nobody keeps.
    ///
    /// # Errors
    ///
    /// No key can be made.
    pub fn without_callers() -> anyhow::Result<Self> {
        let random = Random::system();
        let key = SigningKey::from_pem(&SigningKey::generate_pem(&random)?)?;
        Ok(Self::new(key, &Realm::default(), Clock::system(), random))
    }

    /// The same foundation at another time.
    #[must_use]
    pub fn at(&self, clock: Clock, realm: &Realm) -> Self {
        Self::new(self.keys.clone(), realm, clock, self.random.clone())
    }

    /// The foundation of a running process: the system's clock and randomness, its own keys, of which the first is made where there is
    /// none, and those that it fetches from others. The second part tells whether a key was made.
    ///
    /// # Errors
    ///
    /// A key cannot be read or written, or a URL is none.
    pub fn of_process(config: &Config, process: Process) -> anyhow::Result<(Self, bool)> {
        let (clock, random) = (Clock::system(), Random::system());
        let (own, new) = identity::own_keys(config, process, &random)?;
        let published = identity::published_keys(config, process, &clock)?;
        let keys = TrustedKeys { own, published };
        let foundation = Self::new(keys, &config.auth.realm(), clock, random);
        Ok((foundation, new))
    }

    /// The public keys of all tokens that are accepted here, as others fetch them.
    #[must_use]
    pub fn jwks(&self) -> JwkSet {
        self.keys.jwks(self.clock.now())
    }
}
