//! Which passwords are good enough.

use std::{fmt, ops::RangeInclusive};

use zxcvbn::feedback::Feedback;

/// How long a password may be, in characters.
pub const LENGTH: RangeInclusive<usize> = 8..=128;

/// A password as somebody typed it. It shows itself nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Takes what was typed, good or not.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The bytes that are hashed.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Makes sure that the length is within [`LENGTH`].
    ///
    /// # Errors
    ///
    /// [`PasswordError::Length`].
    pub fn check_length(&self) -> Result<(), PasswordError> {
        // A text of more bytes than the longest password can have need not be counted.
        let counted = self.0.len() <= LENGTH.end() * 4;
        if counted && LENGTH.contains(&self.0.chars().count()) {
            Ok(())
        } else {
            Err(PasswordError::Length)
        }
    }

    /// Makes sure that it takes an attacker long to guess. `known` is what an attacker knows of the person, e.g. the e-mail address.
    ///
    /// This costs up to some milliseconds: not for an async thread.
    ///
    /// # Errors
    ///
    /// [`PasswordError`].
    pub fn check_strength(&self, least: Strength, known: &[&str]) -> Result<(), PasswordError> {
        self.check_length()?;
        let entropy = zxcvbn::zxcvbn(&self.0, known);
        if entropy.guesses() > least.guesses() {
            Ok(())
        } else {
            Err(PasswordError::Weak(advice(entropy.feedback())))
        }
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// What an attacker who knows these texts about somebody tries first: each as a whole, and its words.
pub fn known<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut known = Vec::new();
    for text in texts.into_iter().map(str::trim) {
        let words = text.split(|character: char| !character.is_alphanumeric());
        known.extend(
            std::iter::once(text)
                .chain(words)
                .filter(|part| !part.is_empty())
                .map(str::to_owned),
        );
    }
    known
}

/// How hard to guess a password must be: the scores of [zxcvbn](https://www.usenix.org/conference/usenixsecurity16/technical-sessions/presentation/wheeler).
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// More than 10^6 guesses: withstands an attack that is throttled.
    Fair,
    /// More than 10^8 guesses: withstands an attack that is not throttled.
    #[default]
    Good,
    /// More than 10^10 guesses: withstands an attack on stolen hashes.
    Strong,
}

impl Strength {
    /// How many guesses are too few. It is not asked for zxcvbn's score, which begins a little above: eight random characters, the
    /// shortest that a password may be, make just more than 10^8.
    const fn guesses(self) -> u64 {
        match self {
            Self::Fair => 1_000_000,
            Self::Good => 100_000_000,
            Self::Strong => 10_000_000_000,
        }
    }
}

/// Why a password is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too short or too long.
    #[error("A password has {} to {} characters.", LENGTH.start(), LENGTH.end())]
    Length,
    /// Too easy to guess.
    #[error("This password is too easy to guess. {0}")]
    Weak(String),
    /// The new password is the old one.
    #[error("The new password must differ from the current one.")]
    Same,
}

fn advice(feedback: Option<&Feedback>) -> String {
    let sentences = feedback.map(|feedback| {
        let warning = feedback.warning().map(|warning| warning.to_string());
        let suggestions = feedback.suggestions().iter().map(ToString::to_string);
        warning.into_iter().chain(suggestions).collect::<Vec<_>>()
    });
    match sentences {
        Some(sentences) if !sentences.is_empty() => sentences.join(" "),
        _ => "Use a few words that do not belong together.".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<(), PasswordError> {
        Password::new(text.into()).check_strength(Strength::default(), &["ayu@example.com", "ayu"])
    }

    #[test]
    fn what_is_known_is_known_in_parts() {
        assert_eq!(
            known([" Ayu Lestari ", "ayu@example.com"]),
            [
                "Ayu Lestari",
                "Ayu",
                "Lestari",
                "ayu@example.com",
                "ayu",
                "example",
                "com"
            ]
        );
    }

    #[test]
    fn eight_random_characters_are_enough() {
        for text in ["kX9#vLm2", "q7Rz!bTw", "4hNcY_8d"] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn guessable_passwords_are_refused_with_advice() {
        for text in [
            "password123",
            "qwertyuiop",
            "aaaaaaaaaaaa",
            "20261123",
            "ayu@example.com",
        ] {
            let Err(PasswordError::Weak(advice)) = check(text) else {
                panic!("{text} passes");
            };
            assert!(!advice.is_empty());
        }
    }

    #[test]
    fn passwords_that_are_hard_to_guess_pass() {
        for text in [
            "correct horse battery staple",
            "kX9#vLm2!qRt",
            "tujuh gajah di atas awan",
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn the_length_is_counted_in_characters() {
        let length = |text: &str| Password::new(text.into()).check_length();
        assert_eq!(length("1234567"), Err(PasswordError::Length));
        assert_eq!(length("12345678"), Ok(()));
        assert_eq!(length(&"ß".repeat(128)), Ok(()));
        assert_eq!(length(&"ß".repeat(129)), Err(PasswordError::Length));
        assert_eq!(length(&"x".repeat(10_000_000)), Err(PasswordError::Length));
    }

    #[test]
    fn a_password_does_not_show_itself() {
        assert_eq!(
            format!("{:?}", Password::new("secret".into())),
            "Password(…)"
        );
    }
}
