//! The settings of identity.

use std::num::NonZeroU32;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::password_hasher;
use crate::domain::{identifier::Region, password::Strength, throttle::Limit};

/// Who may sign in, how, and for how long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IdentityConfig {
    /// The country whose phone numbers are understood without a country code, by its two letters. Default: `ID`, Indonesia.
    #[serde(with = "region")]
    pub phone_region: Region,
    /// Passwords.
    pub passwords: PasswordConfig,
    /// Sessions.
    pub sessions: SessionConfig,
    /// Failed log-ins of one account from one address. Default: 10 at once, one more in 60 seconds.
    pub log_in_throttle: ThrottleConfig,
    /// Failed log-ins from one address, whatever the account. Default: 100 at once, one more in 10 seconds.
    pub address_throttle: ThrottleConfig,
    /// Failed log-ins of one account from all addresses together that it was not signed in to from in the last 90 days. Default: 100 at
    /// once, one more in 60 seconds.
    pub account_throttle: ThrottleConfig,
    /// The audit trail.
    pub audit: AuditConfig,
}

impl Default for IdentityConfig {
    fn default() -> Self {
        let throttle = |attempts, interval_seconds| ThrottleConfig {
            attempts,
            interval_seconds,
        };
        Self {
            phone_region: Region::default(),
            passwords: PasswordConfig::default(),
            sessions: SessionConfig::default(),
            log_in_throttle: throttle(10, 60),
            address_throttle: throttle(100, 10),
            account_throttle: throttle(100, 60),
            audit: AuditConfig::default(),
        }
    }
}

/// How passwords are judged and hashed (argon2id). The defaults of the costs are
/// [OWASP's](https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html); a hash of other costs is renewed when its
/// owner signs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordConfig {
    /// How hard to guess a new password must be: `fair`, `good` or `strong`. Default: `good`.
    pub strength: Strength,
    /// Memory of one hash, in KiB. Default: 19456.
    pub memory_kib: u32,
    /// Passes over the memory. Default: 2.
    pub iterations: u32,
    /// Lanes of the memory. Default: 1.
    pub parallelism: u32,
    /// How many passwords are hashed at the same time. Default: half of the processors, at least one, so that a flood of log-ins leaves
    /// the rest of the server the others.
    pub hashers: NonZeroU32,
    /// How many requests may wait for that; one more is answered `OVERLOADED`. Default: 256.
    pub waiting: u32,
}

impl Default for PasswordConfig {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let hashers = u32::try_from(processors / 2).ok().and_then(NonZeroU32::new);
        Self {
            strength: Strength::default(),
            memory_kib: 19_456,
            iterations: 2,
            parallelism: 1,
            hashers: hashers.unwrap_or(NonZeroU32::MIN),
            waiting: 256,
        }
    }
}

/// How long sessions last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SessionConfig {
    /// How long an access token is good, in seconds: as long as a change of rights may take to show. Default: 900 (15 minutes).
    pub access_token_seconds: u32,
    /// How long a session lasts without being refreshed, in seconds. Default: 2592000 (30 days).
    pub refresh_token_seconds: u32,
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self {
            access_token_seconds: 15 * 60,
            refresh_token_seconds: 30 * 24 * 60 * 60,
        }
    }
}

impl SessionConfig {
    pub(super) fn access_token_lifetime(&self) -> TimeDelta {
        TimeDelta::seconds(self.access_token_seconds.into())
    }

    pub(super) fn refresh_token_lifetime(&self) -> TimeDelta {
        TimeDelta::seconds(self.refresh_token_seconds.into())
    }
}

/// How many log-ins may fail. Each throttle has defaults of its own, so that there is none here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThrottleConfig {
    /// How many may fail in a row.
    pub attempts: u32,
    /// How long until one more may, in seconds.
    pub interval_seconds: u32,
}

/// The audit trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuditConfig {
    /// How long an entry is kept, in days. Default: 400, a year and a month to look at it.
    pub retention_days: u32,
}

impl Default for AuditConfig {
    fn default() -> Self {
        Self {
            retention_days: 400,
        }
    }
}

impl AuditConfig {
    pub(super) fn retention(&self) -> TimeDelta {
        TimeDelta::days(self.retention_days.into())
    }
}

impl ThrottleConfig {
    pub(super) fn limit(&self) -> Limit {
        Limit {
            attempts: self.attempts,
            interval: TimeDelta::seconds(self.interval_seconds.into()),
        }
    }
}

/// A setting that cannot be.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The costs of hashing are out of argon2's range.
    #[error("the costs of password hashing (memory_kib, iterations, parallelism) cannot be: {0}")]
    Costs(argon2::Error),
    /// The trial hash that is made at the start failed.
    #[error("passwords cannot be hashed: {0}")]
    Hashing(password_hasher::HashError),
    /// A number that must not be zero.
    #[error("`{0}` must not be 0")]
    Zero(&'static str),
}

impl IdentityConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        for (name, value) in [
            (
                "sessions.access_token_seconds",
                self.sessions.access_token_seconds,
            ),
            (
                "sessions.refresh_token_seconds",
                self.sessions.refresh_token_seconds,
            ),
            ("log_in_throttle.attempts", self.log_in_throttle.attempts),
            (
                "log_in_throttle.interval_seconds",
                self.log_in_throttle.interval_seconds,
            ),
            ("address_throttle.attempts", self.address_throttle.attempts),
            (
                "address_throttle.interval_seconds",
                self.address_throttle.interval_seconds,
            ),
            ("account_throttle.attempts", self.account_throttle.attempts),
            (
                "account_throttle.interval_seconds",
                self.account_throttle.interval_seconds,
            ),
            ("audit.retention_days", self.audit.retention_days),
        ] {
            if value == 0 {
                return Err(ConfigError::Zero(name));
            }
        }
        Ok(())
    }
}

/// A region as its two letters.
mod region {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::domain::identifier::Region;

    pub(super) fn serialize<S: Serializer>(
        region: &Region,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(region)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Region, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_are_not_given_have_their_defaults() {
        let config: IdentityConfig =
            serde_json::from_str(r#"{"phone_region": "sg", "passwords": {"strength": "strong"}}"#)
                .unwrap();
        assert_eq!(config.phone_region, "SG".parse().unwrap());
        assert_eq!(config.passwords.strength, Strength::Strong);
        assert_eq!(config.passwords.memory_kib, 19_456);
        assert_eq!(config.sessions, SessionConfig::default());
        config.check().unwrap();
    }

    #[test]
    fn wrong_settings_are_refused() {
        for text in [
            r#"{"phone_region": "Indonesia"}"#,
            r#"{"passwords": {"hashers": 0}}"#,
            r#"{"passwords": {"memory_mib": 19}}"#,
            r#"{"sessions": {"access_token_seconds": -1}}"#,
        ] {
            assert!(
                serde_json::from_str::<IdentityConfig>(text).is_err(),
                "{text}"
            );
        }
        for throttle in ["log_in_throttle", "address_throttle", "account_throttle"] {
            let text = format!(r#"{{"{throttle}": {{"attempts": 0, "interval_seconds": 1}}}}"#);
            let config: IdentityConfig = serde_json::from_str(&text).unwrap();
            let Err(ConfigError::Zero(setting)) = config.check() else {
                panic!("{text} passes");
            };
            assert_eq!(setting, format!("{throttle}.attempts"));
        }
    }
}
