//! What all parts of a process stand on: the clock, randomness, the key, who is let in, and what is counted.

use std::path::Path;

use anyhow::Context;
use stockgraph_kit::{
    clock::Clock,
    id::IdSource,
    random::Random,
    token::{Authenticator, Issuer, JwkSet, Realm, SigningKey},
};

use crate::{config::Config, metrics::Metrics};

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
    /// The public keys, as others fetch them.
    pub jwks: JwkSet,
    /// Counts what the process does.
    pub metrics: Metrics,
    /// What the tokens are signed with: all processes of one graph share it.
    pub key: SigningKey,
}

impl Foundation {
    /// The foundation on this key.
    #[must_use]
    pub fn new(key: SigningKey, realm: &Realm, clock: Clock, random: Random) -> Self {
        let jwks = key.jwks();
        Self {
            ids: IdSource::new(clock.clone(), random.clone()),
            issuer: Issuer::new(key.clone(), realm.clone(), clock.clone(), random.clone()),
            authenticator: Authenticator::new(&jwks, realm, clock.clone()),
            jwks,
            metrics: Metrics::default(),
            clock,
            random,
            key,
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
        Self::new(self.key.clone(), realm, clock, self.random.clone())
    }

    /// The foundation of a running process: the system's clock and randomness, and the key in the configured file, which is made
    /// where there is none. The second part tells whether it was.
    ///
    /// # Errors
    ///
    /// The key cannot be read or written.
    pub fn of_process(config: &Config) -> anyhow::Result<(Self, bool)> {
        let random = Random::system();
        let file = config.auth.signing_key_file(&config.data_dir);
        let (key, new) = load_key(&file, &random)?;
        let foundation = Self::new(key, &config.auth.realm(), Clock::system(), random);
        Ok((foundation, new))
    }
}

fn load_key(file: &Path, random: &Random) -> anyhow::Result<(SigningKey, bool)> {
    SigningKey::load_or_create(file, random)
        .with_context(|| format!("the signing key in {}", file.display()))
}
