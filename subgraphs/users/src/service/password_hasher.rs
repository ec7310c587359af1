//! Hashes and verifies passwords off the async threads, a bounded number at once.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher as _, PasswordVerifier as _, Version,
    password_hash,
};
use stockgraph_kit::{
    error::{ApiError, Code},
    random::Random,
};
use tokio::sync::Semaphore;

use super::config::{ConfigError, PasswordConfig};
use crate::domain::password::{Password, PasswordError, Strength};

/// Argon2's own error.
pub type HashError = password_hash::Error;

/// What a new password must be before it is hashed.
pub(super) enum Requirement {
    /// Of good length alone.
    Length,
    /// Hard to guess, too, for one who knows these texts.
    Strength(Strength, Vec<String>),
}

/// What came of comparing a password with a hash.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verified {
    /// It is another password, or there is no hash.
    No,
    /// It is the password.
    Yes {
        /// A new hash of it, when the stored one is of other costs than those of today.
        renewed: Option<String>,
    },
}

/// Hashes passwords with argon2id. Clones share the bounds.
#[derive(Clone)]
pub(super) struct PasswordHasher {
    argon2: Argon2<'static>,
    random: Random,
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// The hash that the password of somebody unknown is compared with, so that it takes as long as that of somebody known.
    decoy: Arc<str>,
    /// How many passwords were compared with a hash.
    #[cfg(test)]
    pub(super) compared: Arc<std::sync::atomic::AtomicUsize>,
}

impl PasswordHasher {
    pub(super) fn new(config: &PasswordConfig, random: Random) -> Result<Self, ConfigError> {
        let params = Params::new(
            config.memory_kib,
            config.iterations,
            config.parallelism,
            None,
        )
        .map_err(ConfigError::Costs)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let decoy =
            hash(&argon2, &random.bytes::<32>(), &random.bytes()).map_err(ConfigError::Hashing)?;
        let hashers = usize::try_from(config.hashers.get()).unwrap_or(usize::MAX);
        let waiting = usize::try_from(config.waiting).unwrap_or(usize::MAX);
        Ok(Self {
            argon2,
            random,
            running: Arc::new(Semaphore::new(hashers)),
            waiting: Arc::new(Semaphore::new(hashers.saturating_add(waiting))),
            decoy: decoy.into(),
            #[cfg(test)]
            compared: Arc::default(),
        })
    }

    /// Checks a new password and hashes it.
    pub(super) async fn hash(
        &self,
        password: Password,
        requirement: Requirement,
    ) -> Result<Result<String, PasswordError>, ApiError> {
        let salt = self.random.bytes();
        self.run(move |argon2| {
            match requirement {
                Requirement::Length => password.check_length(),
                Requirement::Strength(least, known) => {
                    let known = known.iter().map(String::as_str).collect::<Vec<_>>();
                    password.check_strength(least, &known)
                }
            }
            .map(|()| hash(argon2, password.as_bytes(), &salt))
        })
        .await?
        .map(|hash| hash.map_err(|error| ApiError::internal(&error)))
        .map_or_else(|error| Ok(Err(error)), |hash| hash.map(Ok))
    }

    /// Compares a password with the stored hash; with a decoy where there is none.
    pub(super) async fn verify(
        &self,
        password: Password,
        stored: Option<String>,
    ) -> Result<Verified, ApiError> {
        // Nobody has such a password, whoever it is for.
        if password.check_length().is_err() {
            return Ok(Verified::No);
        }
        let decoy = Arc::clone(&self.decoy);
        let salt = self.random.bytes();
        #[cfg(test)]
        let compared = Arc::clone(&self.compared);
        self.run(move |argon2| {
            let known = stored.is_some();
            let stored = PasswordHash::new(stored.as_deref().unwrap_or(&decoy))?;
            let outcome = argon2.verify_password(password.as_bytes(), &stored);
            #[cfg(test)]
            compared.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            match outcome {
                Ok(()) if known => {
                    let renewed = (!up_to_date(argon2, &stored))
                        .then(|| hash(argon2, password.as_bytes(), &salt))
                        .transpose()?;
                    Ok(Verified::Yes { renewed })
                }
                Ok(()) | Err(password_hash::Error::PasswordInvalid) => Ok(Verified::No),
                Err(error) => Err(error),
            }
        })
        .await?
        .map_err(|error: HashError| ApiError::internal(&error))
    }

    /// Runs `work` on a thread where it may take its time.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'_>) -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let Ok(_place) = self.waiting.try_acquire() else {
            return Err(ApiError::new(
                Code::Overloaded,
                "Too many sign in at once; try again.",
            ));
        };
        let permit = Arc::clone(&self.running)
            .acquire_owned()
            .await
            .map_err(|error| ApiError::internal(&error))?;
        let argon2 = self.argon2.clone();
        tokio::task::spawn_blocking(move || {
            let result = work(&argon2);
            // Held by the work, which goes on when its request is given up.
            drop(permit);
            result
        })
        .await
        .map_err(|error| ApiError::internal(&error))
    }
}

fn hash(argon2: &Argon2<'_>, password: &[u8], salt: &[u8; 16]) -> Result<String, HashError> {
    Ok(argon2.hash_password_with_salt(password, salt)?.to_string())
}

fn up_to_date(argon2: &Argon2<'_>, stored: &PasswordHash) -> bool {
    let costs = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
    stored.algorithm == Algorithm::Argon2id.ident()
        && Params::try_from(stored).is_ok_and(|params| costs(&params) == costs(argon2.params()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(iterations: u32) -> PasswordConfig {
        PasswordConfig {
            memory_kib: 8,
            iterations,
            ..PasswordConfig::default()
        }
    }

    fn hasher(iterations: u32) -> PasswordHasher {
        PasswordHasher::new(&config(iterations), Random::seeded(1)).unwrap()
    }

    fn password(text: &str) -> Password {
        Password::new(text.into())
    }

    async fn hash_of(hasher: &PasswordHasher, text: &str) -> String {
        hasher
            .hash(password(text), Requirement::Length)
            .await
            .unwrap()
            .unwrap()
    }

    #[tokio::test]
    async fn a_password_is_told_from_another_and_two_hashes_of_it_differ() {
        let hasher = hasher(1);
        let hash = hash_of(&hasher, "password123").await;
        assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
        assert_ne!(hash, hash_of(&hasher, "password123").await);
        let verified = hasher
            .verify(password("password123"), Some(hash.clone()))
            .await
            .unwrap();
        assert_eq!(verified, Verified::Yes { renewed: None });
        let verified = hasher
            .verify(password("password124"), Some(hash))
            .await
            .unwrap();
        assert_eq!(verified, Verified::No);
    }

    #[tokio::test]
    async fn a_hash_of_other_costs_is_renewed() {
        let old = hash_of(&hasher(1), "password123").await;
        let hasher = hasher(2);
        let verified = hasher
            .verify(password("password123"), Some(old))
            .await
            .unwrap();
        let Verified::Yes { renewed: Some(new) } = verified else {
            panic!("{verified:?}");
        };
        let verified = hasher
            .verify(password("password123"), Some(new))
            .await
            .unwrap();
        assert_eq!(verified, Verified::Yes { renewed: None });
    }

    #[tokio::test]
    async fn nobody_has_no_password() {
        let verified = hasher(1)
            .verify(password("password123"), None)
            .await
            .unwrap();
        assert_eq!(verified, Verified::No);
    }

    #[tokio::test]
    async fn who_finds_the_queue_full_is_turned_away() {
        let mut config = config(1);
        config.hashers = std::num::NonZeroU32::MIN;
        config.waiting = 1;
        let hasher = PasswordHasher::new(&config, Random::seeded(1)).unwrap();
        let _running = hasher.waiting.try_acquire().unwrap();
        hash_of(&hasher, "password123").await;
        let _waiting = hasher.waiting.try_acquire().unwrap();
        let error = hasher
            .verify(password("password123"), None)
            .await
            .unwrap_err();
        assert_eq!(error.code(), Code::Overloaded);
    }

    #[test]
    fn costs_that_cannot_be_are_told() {
        let config = PasswordConfig {
            memory_kib: 1,
            ..config(1)
        };
        let hasher = PasswordHasher::new(&config, Random::seeded(1));
        assert!(matches!(hasher, Err(ConfigError::Costs(_))));
    }
}
