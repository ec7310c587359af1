//! Signs access tokens.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, Header};

use super::{Claims, KeyRing, Realm, SERVICE_PREFIX, TYPE};
use crate::{
    caller::Scopes,
    clock::Clock,
    error::ApiError,
    id::{IdSource, SessionId, UserId},
    random::Random,
};

/// Signs tokens of one realm with the key whose time it is.
#[derive(Clone, Debug)]
pub struct Issuer {
    keys: KeyRing,
    realm: Realm,
    clock: Clock,
    ids: IdSource,
}

crate::id_type!(TokenId, "token", "Which access token: its `jti`.");

/// A signed token.
#[derive(Clone)]
pub struct Token {
    /// What goes behind `Bearer `.
    pub text: String,
    /// From when on it is no longer accepted.
    pub expires_at: DateTime<Utc>,
}

impl Issuer {
    /// An issuer with these keys for this realm.
    #[must_use]
    pub fn new(keys: impl Into<KeyRing>, realm: Realm, clock: Clock, random: Random) -> Self {
        let ids = IdSource::new(clock.clone(), random);
        Self {
            keys: keys.into(),
            realm,
            clock,
            ids,
        }
    }

    /// A token of a user who signed in by this session, good for `lifetime`.
    ///
    /// # Errors
    ///
    /// An internal one when there is no key, or it cannot sign.
    pub fn user(
        &self,
        id: UserId,
        session: SessionId,
        scopes: &Scopes,
        lifetime: TimeDelta,
    ) -> Result<Token, ApiError> {
        self.sign(id.to_string(), Some(session), scopes, lifetime)
    }

    /// A token of a part of the system, e.g. `scheduler`, good for `lifetime`.
    ///
    /// # Errors
    ///
    /// An internal one when there is no key, or it cannot sign.
    pub fn service(
        &self,
        name: &str,
        scopes: &Scopes,
        lifetime: TimeDelta,
    ) -> Result<Token, ApiError> {
        self.sign(format!("{SERVICE_PREFIX}{name}"), None, scopes, lifetime)
    }

    fn sign(
        &self,
        sub: String,
        session: Option<SessionId>,
        scopes: &Scopes,
        lifetime: TimeDelta,
    ) -> Result<Token, ApiError> {
        // A JWT tells instants in whole seconds.
        let now = self.clock.now().trunc_subsecs(0);
        let key = self
            .keys
            .signing(now)
            .ok_or_else(|| ApiError::internal(&"this process has no key to sign with"))?;
        let expires_at = now + lifetime;
        let claims = Claims {
            iss: self.realm.issuer.clone(),
            aud: self.realm.audience.clone(),
            sub,
            sid: session.map(|session| session.to_string()),
            iat: now.timestamp(),
            exp: expires_at.timestamp(),
            nbf: None,
            jti: self.ids.next::<TokenId>().to_string(),
            scope: scopes
                .iter()
                .map(|scope| scope.as_str())
                .collect::<Vec<_>>()
                .join(" "),
        };
        let header = Header {
            typ: Some(TYPE.into()),
            kid: Some(key.id.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        let text = jsonwebtoken::encode(&header, &claims, &key.encoding)
            .map_err(|error| ApiError::internal(&error))?;
        Ok(Token { text, expires_at })
    }
}
