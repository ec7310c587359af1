//! Secrets in the configuration.

use std::fmt;

use serde::{Deserialize, Deserializer, de};

/// A text that is shown nowhere: not in logs, nor in errors, nor where the configuration is written out.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

impl Secret {
    /// The secret of this text.
    #[must_use]
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// What to sign with.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Serde's own errors quote what they did not expect.
const NO_TEXT: &str = "a secret is a text: put it in quotes";

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer).map_err(|_| de::Error::custom(NO_TEXT))?;
        Ok(Self::new(text))
    }
}

/// Reads one text, or a list while one secret takes another's place.
pub(super) fn one_or_more<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<Secret>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMore {
        One(Secret),
        More(Vec<Secret>),
    }
    OneOrMore::deserialize(deserializer)
        .map(|secrets| match secrets {
            OneOrMore::One(secret) => vec![secret],
            OneOrMore::More(secrets) => secrets,
        })
        .map_err(|_| de::Error::custom(NO_TEXT))
}

/// Makes sure that each of these secrets has this length at least.
pub(super) fn check_length(key: &str, secrets: &[Secret], shortest: usize) -> anyhow::Result<()> {
    anyhow::ensure!(
        secrets
            .iter()
            .all(|secret| secret.0.chars().count() >= shortest),
        "{key}: each must have at least {shortest} characters"
    );
    Ok(())
}
