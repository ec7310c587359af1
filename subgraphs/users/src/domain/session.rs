//! Sessions: what one log-in opened, and the refresh tokens that keep it open.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

/// A refresh token: 256 random bits. It shows itself nowhere but in [`text`](Self::text).
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken([u8; 32]);

/// What the database keeps of a refresh token: its SHA-256. The token has the full entropy, so that a fast hash without salt is safe.
pub type RefreshTokenHash = [u8; 32];

impl RefreshToken {
    /// The token of these bytes.
    #[must_use]
    pub const fn new(random: [u8; 32]) -> Self {
        Self(random)
    }

    /// Reads a token's text; `None` for what no token looks like.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text.get(..43)?).ok()?;
        let token = Self(bytes.try_into().ok()?);
        (token.text() == text).then_some(token)
    }

    /// The text that its holder keeps: 43 characters of base64url.
    #[must_use]
    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What is stored of it.
    #[must_use]
    pub fn hash(&self) -> RefreshTokenHash {
        Sha256::digest(self.0).into()
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshToken(…)")
    }
}

/// What is known of a refresh token that somebody presents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presented {
    /// When it was used, if it was.
    pub used_at: Option<DateTime<Utc>>,
    /// From when on it is no longer accepted.
    pub expires_at: DateTime<Utc>,
    /// When its session was revoked, if it was.
    pub session_revoked_at: Option<DateTime<Utc>>,
}

/// What becomes of a presented refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is good for one new token.
    Good,
    /// It was used before: somebody holds a copy, so that its session ends, whoever of the two comes first
    /// ([RFC 9700, section 4.14.2](https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2)).
    Reused,
    /// It has expired, or its session is revoked.
    Over,
}

impl Presented {
    /// Decides at this instant.
    #[must_use]
    pub fn verdict(self, now: DateTime<Utc>) -> Verdict {
        if self.session_revoked_at.is_some() {
            Verdict::Over
        } else if self.used_at.is_some() {
            Verdict::Reused
        } else if now >= self.expires_at {
            Verdict::Over
        } else {
            Verdict::Good
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_refresh_token_reads_back_from_its_text_and_nothing_else_does() {
        let token = RefreshToken::new([7; 32]);
        assert_eq!(RefreshToken::parse(&token.text()), Some(token.clone()));
        let long = format!("{}A", token.text());
        for text in ["", "secret", "ü", &"ü".repeat(43), &long, &"!".repeat(43)] {
            assert_eq!(RefreshToken::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_refresh_token_does_not_show_itself() {
        assert_eq!(
            format!("{:?}", RefreshToken::new([7; 32])),
            "RefreshToken(…)"
        );
    }

    #[test]
    fn a_token_is_good_once_until_it_expires_or_its_session_is_revoked() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let fresh = Presented {
            used_at: None,
            expires_at: now + TimeDelta::seconds(1),
            session_revoked_at: None,
        };
        assert_eq!(fresh.verdict(now), Verdict::Good);
        assert_eq!(fresh.verdict(fresh.expires_at), Verdict::Over);
        let used = Presented {
            used_at: Some(now),
            ..fresh
        };
        assert_eq!(used.verdict(now), Verdict::Reused);
        assert_eq!(used.verdict(fresh.expires_at), Verdict::Reused);
        let revoked = Presented {
            session_revoked_at: Some(now),
            ..used
        };
        assert_eq!(revoked.verdict(now), Verdict::Over);
    }
}
