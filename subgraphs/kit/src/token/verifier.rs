//! Verifies access tokens: who calls.

use std::{future::pending, sync::Arc};

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use http::{HeaderMap, header::AUTHORIZATION};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use moka::sync::Cache;

use super::{Claims, KeyRing, PublishedKeys, Realm, Revocations, SERVICE_PREFIX, TYPE};
use crate::{
    caller::{Caller, Scopes},
    clock::Clock,
    error::{ApiError, Code},
    id::{Id, SessionId, UserId},
};

/// Why a token is refused. Callers are told no more than this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The header is not `Bearer` and a token.
    #[error("The Authorization header must be `Bearer` and a token.")]
    NotBearer,
    /// Its time is up.
    #[error("The access token has expired; sign in again or refresh the session.")]
    Expired,
    /// Its session was ended: the user signed out or changed their password, or the account was locked.
    #[error("The session of this access token is over; sign in again.")]
    Revoked,
    /// Whether it is good cannot be told: the keys of those who sign could not be fetched yet.
    #[error("Access tokens cannot be verified just now; try again.")]
    Unverifiable,
    /// Anything else: signature, key, algorithm, issuer, audience, claims.
    #[error("The access token is not valid.")]
    Invalid,
}

impl From<TokenError> for ApiError {
    fn from(error: TokenError) -> Self {
        let code = match error {
            TokenError::Unverifiable => Code::Unavailable,
            TokenError::NotBearer
            | TokenError::Expired
            | TokenError::Revoked
            | TokenError::Invalid => Code::Unauthenticated,
        };
        Self::new(code, error.to_string())
    }
}

/// The keys whose tokens are accepted: those of this process, and those that others publish.
#[derive(Clone, Debug)]
pub struct TrustedKeys {
    /// The process's own.
    pub own: KeyRing,
    /// Those of others, e.g. of `users`, whose tokens this process does not sign.
    pub published: Vec<PublishedKeys>,
}

impl<K: Into<KeyRing>> From<K> for TrustedKeys {
    fn from(own: K) -> Self {
        Self {
            own: own.into(),
            published: Vec::new(),
        }
    }
}

impl TrustedKeys {
    /// The public keys of all tokens that are accepted now.
    #[must_use]
    pub fn jwks(&self, now: DateTime<Utc>) -> JwkSet {
        let mut set = self.own.jwks(now);
        for jwk in self.published.iter().flat_map(PublishedKeys::jwks) {
            let id = &jwk.common.key_id;
            if set.keys.iter().all(|known| known.common.key_id != *id) {
                set.keys.push(jwk);
            }
        }
        set
    }

    fn contains(&self, kid: &str, now: DateTime<Utc>) -> bool {
        self.own.accepted(kid, now, |_| ()).is_some()
            || self.published.iter().any(|keys| keys.contains(kid))
    }

    fn get(&self, kid: &str, now: DateTime<Utc>) -> Option<DecodingKey> {
        let own = self
            .own
            .accepted(kid, now, |key| DecodingKey::from_jwk(key.jwk()).ok());
        own.flatten()
            .or_else(|| self.published.iter().find_map(|keys| keys.get(kid)))
    }

    /// The key with this `kid`; where nobody knows it, those who publish keys are asked again.
    async fn find(&self, kid: &str, now: DateTime<Utc>) -> Result<DecodingKey, TokenError> {
        if let Some(key) = self.get(kid, now) {
            return Ok(key);
        }
        join_all(self.published.iter().map(PublishedKeys::look_again)).await;
        let known = self.published.iter().all(PublishedKeys::are_known);
        self.get(kid, now).ok_or(if known {
            TokenError::Invalid
        } else {
            TokenError::Unverifiable
        })
    }
}

/// Tells from a request's headers who calls. Clones share their cache of verified tokens.
#[derive(Clone)]
pub struct Authenticator {
    keys: TrustedKeys,
    validation: Arc<Validation>,
    clock: Clock,
    verified: Cache<String, Verified>,
    revocations: Revocations,
}

#[derive(Clone)]
struct Verified {
    caller: Arc<Caller>,
    /// The key that signed it.
    kid: Arc<str>,
    /// Of a user's token.
    session: Option<SessionId>,
    /// Seconds since the Unix epoch.
    not_before: i64,
    expires: i64,
}

/// How many verified tokens are remembered: verifying one costs some 50 µs, and a query verifies it in every subgraph.
const REMEMBERED: u64 = 10_000;

/// How far ahead of ours the clock of another machine may be, in seconds: a token is used as soon as it is made.
const CLOCK_SKEW: i64 = 1;

/// The longest token that is looked at, in bytes.
const LONGEST: usize = 4_096;

impl Authenticator {
    /// Accepts tokens of this realm, signed by one of these keys.
    #[must_use]
    pub fn new(keys: impl Into<TrustedKeys>, realm: &Realm, clock: Clock) -> Self {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[&realm.issuer]);
        validation.set_audience(&[&realm.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Time is compared with the injected clock below, to the second and without leeway.
        validation.validate_exp = false;
        Self {
            keys: keys.into(),
            validation: Arc::new(validation),
            clock,
            verified: Cache::new(REMEMBERED),
            revocations: Revocations::default(),
        }
    }

    /// The sessions whose tokens are refused before they expire: for whoever learns of one.
    #[must_use]
    pub const fn revocations(&self) -> &Revocations {
        &self.revocations
    }

    /// Who calls. Without an `Authorization` header it is an anonymous caller.
    ///
    /// # Errors
    ///
    /// [`TokenError`] when there is one that is not good.
    pub async fn caller(&self, headers: &HeaderMap) -> Result<Caller, TokenError> {
        match bearer(headers)? {
            Some(token) => self.verify(token).await,
            None => Ok(Caller::Anonymous),
        }
    }

    /// Who calls, and for how long what this opens may stay open.
    ///
    /// # Errors
    ///
    /// As [`Self::caller`].
    pub async fn admit(&self, headers: &HeaderMap) -> Result<(Caller, Tenure), TokenError> {
        let (caller, verified) = match bearer(headers)? {
            Some(token) => {
                let verified = self.verified(token).await?;
                (Caller::clone(&verified.caller), Some(verified))
            }
            None => (Caller::Anonymous, None),
        };
        let tenure = Tenure {
            expires: verified
                .as_ref()
                .and_then(|verified| DateTime::from_timestamp(verified.expires, 0)),
            session: verified.and_then(|verified| verified.session),
            clock: self.clock.clone(),
            revocations: self.revocations.clone(),
        };
        Ok((caller, tenure))
    }

    /// Whose token this is.
    ///
    /// # Errors
    ///
    /// [`TokenError`] when it is not good.
    pub async fn verify(&self, token: &str) -> Result<Caller, TokenError> {
        let verified = self.verified(token).await?;
        Ok(Caller::clone(&verified.caller))
    }

    async fn verified(&self, token: &str) -> Result<Verified, TokenError> {
        if token.len() > LONGEST {
            return Err(TokenError::Invalid);
        }
        let verified = match self.verified.get(token) {
            Some(verified) => verified,
            None => {
                let verified = self.decode(token).await?;
                self.verified.insert(token.to_owned(), verified.clone());
                verified
            }
        };
        let now = self.clock.now();
        if now.timestamp() >= verified.expires {
            return Err(TokenError::Expired);
        }
        if now.timestamp() + CLOCK_SKEW < verified.not_before
            || !self.keys.contains(&verified.kid, now)
        {
            return Err(TokenError::Invalid);
        }
        if let Some(session) = verified.session
            && self.revocations.contains(session)
        {
            return Err(TokenError::Revoked);
        }
        Ok(verified)
    }

    async fn decode(&self, token: &str) -> Result<Verified, TokenError> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Invalid)?;
        if header.typ.as_deref() != Some(TYPE) || header.alg != Algorithm::EdDSA {
            return Err(TokenError::Invalid);
        }
        let kid = header.kid.ok_or(TokenError::Invalid)?;
        let key = self.keys.find(&kid, self.clock.now()).await?;
        let claims = jsonwebtoken::decode::<Claims>(token, &key, &self.validation)
            .map_err(|_| TokenError::Invalid)?
            .claims;
        let (caller, session) = caller(&claims)?;
        Ok(Verified {
            kid: kid.into(),
            not_before: claims.nbf.map_or(claims.iat, |nbf| nbf.max(claims.iat)),
            expires: claims.exp,
            caller: Arc::new(caller),
            session,
        })
    }
}

/// How long what a token has opened may stay open: for ever without a token.
#[derive(Clone, Debug)]
pub struct Tenure {
    expires: Option<DateTime<Utc>>,
    session: Option<SessionId>,
    clock: Clock,
    revocations: Revocations,
}

impl Tenure {
    /// Waits until the token has expired or its session is over, and says which.
    pub async fn over(self) -> TokenError {
        let expired = async {
            match self.expires {
                Some(expires) => self.clock.until(expires).await,
                None => pending().await,
            }
        };
        let revoked = async {
            match self.session {
                Some(session) => self.revocations.until(session).await,
                None => pending().await,
            }
        };
        tokio::select! {
            () = revoked => TokenError::Revoked,
            () = expired => TokenError::Expired,
        }
    }
}

/// The token of the `Authorization` header; `None` without the header.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, TokenError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(header) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(TokenError::NotBearer);
    }
    let (scheme, token) = header
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .ok_or(TokenError::NotBearer)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(TokenError::NotBearer);
    }
    Ok(Some(token.trim()))
}

/// Who calls, and the session of a user's token, without which there is none.
fn caller(claims: &Claims) -> Result<(Caller, Option<SessionId>), TokenError> {
    // A scope that this version does not know grants nothing here.
    let scopes: Scopes = claims
        .scope
        .split_whitespace()
        .filter_map(|scope| scope.parse().ok())
        .collect();
    if let Some(name) = claims.sub.strip_prefix(SERVICE_PREFIX) {
        let name = name.to_owned();
        return Ok((Caller::Service { name, scopes }, None));
    }
    let id = UserId::parse(&claims.sub).map_err(|_| TokenError::Invalid)?;
    let session = claims.sid.as_deref().ok_or(TokenError::Invalid)?;
    let session = SessionId::parse(session).map_err(|_| TokenError::Invalid)?;
    Ok((Caller::User { id, scopes }, Some(session)))
}

#[cfg(test)]
mod tests;
