//! Verifies access tokens: who calls.

use std::{collections::HashMap, sync::Arc};

use http::{HeaderMap, header::AUTHORIZATION};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use moka::sync::Cache;

use super::{Claims, Realm, Revocations, SERVICE_PREFIX, TYPE};
use crate::{
    caller::{Caller, Scopes},
    clock::Clock,
    error::ApiError,
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
    /// Anything else: signature, key, algorithm, issuer, audience, claims.
    #[error("The access token is not valid.")]
    Invalid,
}

impl From<TokenError> for ApiError {
    fn from(error: TokenError) -> Self {
        Self::unauthenticated(error.to_string())
    }
}

/// Tells from a request's headers who calls. Clones share their cache of verified tokens.
#[derive(Clone)]
pub struct Authenticator {
    keys: Arc<HashMap<String, DecodingKey>>,
    validation: Arc<Validation>,
    clock: Clock,
    verified: Cache<String, Verified>,
    revocations: Revocations,
}

#[derive(Clone)]
struct Verified {
    caller: Arc<Caller>,
    /// Of a user's token.
    session: Option<SessionId>,
    /// Seconds since the Unix epoch.
    not_before: i64,
    expires: i64,
}

/// How many verified tokens are remembered: verifying one costs some 50 µs, and a query verifies it in every subgraph.
const REMEMBERED: u64 = 10_000;

/// The longest token that is looked at, in bytes.
const LONGEST: usize = 4_096;

impl Authenticator {
    /// Accepts tokens of this realm, signed by one of these keys.
    #[must_use]
    pub fn new(keys: &JwkSet, realm: &Realm, clock: Clock) -> Self {
        let keys = keys
            .keys
            .iter()
            .filter_map(|jwk| Some((jwk.common.key_id.clone()?, DecodingKey::from_jwk(jwk).ok()?)))
            .collect();
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[&realm.issuer]);
        validation.set_audience(&[&realm.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Time is compared with the injected clock below, to the second and without leeway.
        validation.validate_exp = false;
        Self {
            keys: Arc::new(keys),
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
    pub fn caller(&self, headers: &HeaderMap) -> Result<Caller, TokenError> {
        let Some(header) = headers.get(AUTHORIZATION) else {
            return Ok(Caller::Anonymous);
        };
        let (scheme, token) = header
            .to_str()
            .ok()
            .and_then(|text| text.split_once(' '))
            .ok_or(TokenError::NotBearer)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(TokenError::NotBearer);
        }
        self.verify(token.trim())
    }

    fn verify(&self, token: &str) -> Result<Caller, TokenError> {
        if token.len() > LONGEST {
            return Err(TokenError::Invalid);
        }
        let verified = match self.verified.get(token) {
            Some(verified) => verified,
            None => {
                let verified = self.decode(token)?;
                self.verified.insert(token.to_owned(), verified.clone());
                verified
            }
        };
        let now = self.clock.now().timestamp();
        if now >= verified.expires {
            return Err(TokenError::Expired);
        }
        if now < verified.not_before {
            return Err(TokenError::Invalid);
        }
        if let Some(session) = verified.session
            && self.revocations.contains(session)
        {
            return Err(TokenError::Revoked);
        }
        Ok(Caller::clone(&verified.caller))
    }

    fn decode(&self, token: &str) -> Result<Verified, TokenError> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Invalid)?;
        if header.typ.as_deref() != Some(TYPE) {
            return Err(TokenError::Invalid);
        }
        let key = header
            .kid
            .and_then(|id| self.keys.get(&id))
            .ok_or(TokenError::Invalid)?;
        let claims = jsonwebtoken::decode::<Claims>(token, key, &self.validation)
            .map_err(|_| TokenError::Invalid)?
            .claims;
        let (caller, session) = caller(&claims)?;
        Ok(Verified {
            not_before: claims.iat,
            expires: claims.exp,
            caller: Arc::new(caller),
            session,
        })
    }
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
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;
    use crate::{
        caller::Scope,
        id::IdSource,
        random::Random,
        token::{Issuer, SigningKey},
    };

    struct Setup {
        clock: Clock,
        issuer: Issuer,
        authenticator: Authenticator,
        user: UserId,
        session: SessionId,
    }

    fn key(seed: u64) -> SigningKey {
        SigningKey::from_pem(&SigningKey::generate_pem(&Random::seeded(seed)).unwrap()).unwrap()
    }

    fn setup() -> Setup {
        let clock = Clock::manual(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let random = Random::seeded(1);
        let ids = IdSource::new(clock.clone(), random.clone());
        Setup {
            issuer: Issuer::new(key(1), Realm::default(), clock.clone(), random),
            authenticator: Authenticator::new(&key(1).jwks(), &Realm::default(), clock.clone()),
            user: ids.next(),
            session: ids.next(),
            clock,
        }
    }

    impl Setup {
        fn caller_with(&self, token: &str) -> Result<Caller, TokenError> {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
            self.authenticator.caller(&headers)
        }

        fn token(&self, issuer: &Issuer) -> String {
            let scopes = Scopes::from([Scope::StockRead]);
            issuer
                .user(self.user, self.session, &scopes, TimeDelta::minutes(15))
                .unwrap()
                .text
        }
    }

    #[test]
    fn a_token_tells_who_calls_until_the_second_it_expires() {
        let setup = setup();
        let token = setup.token(&setup.issuer);
        let user = Caller::User {
            id: setup.user,
            scopes: Scopes::from([Scope::StockRead]),
        };
        assert_eq!(setup.caller_with(&token), Ok(user.clone()));
        setup.clock.advance(TimeDelta::seconds(15 * 60 - 1));
        assert_eq!(setup.caller_with(&token), Ok(user));
        setup.clock.advance(TimeDelta::seconds(1));
        assert_eq!(setup.caller_with(&token), Err(TokenError::Expired));
    }

    #[test]
    fn a_token_is_refused_from_the_moment_its_session_is_over() {
        let setup = setup();
        let token = setup.token(&setup.issuer);
        assert!(setup.caller_with(&token).is_ok());
        let over_at = setup.clock.now() + TimeDelta::minutes(15);
        let revocations = setup.authenticator.revocations();
        revocations.add([(setup.session, over_at)], setup.clock.now());
        assert_eq!(setup.caller_with(&token), Err(TokenError::Revoked));
    }

    #[test]
    fn a_service_is_told_from_a_user() {
        let setup = setup();
        let scopes = Scopes::from([Scope::OrdersExpire]);
        let token = setup
            .issuer
            .service("scheduler", &scopes, TimeDelta::minutes(1))
            .unwrap();
        assert_eq!(
            setup.caller_with(&token.text),
            Ok(Caller::Service {
                name: "scheduler".into(),
                scopes
            })
        );
    }

    #[test]
    fn without_a_header_the_caller_is_anonymous_and_another_scheme_is_refused() {
        let setup = setup();
        let mut headers = HeaderMap::new();
        assert_eq!(setup.authenticator.caller(&headers), Ok(Caller::Anonymous));
        headers.insert(AUTHORIZATION, "Basic dXNlcjpwYXNz".parse().unwrap());
        assert_eq!(
            setup.authenticator.caller(&headers),
            Err(TokenError::NotBearer)
        );
    }

    #[test]
    fn tokens_of_another_key_or_realm_are_refused() {
        let setup = setup();
        let issuer = |key, realm| Issuer::new(key, realm, setup.clock.clone(), Random::seeded(2));
        let foreign_key = issuer(key(2), Realm::default());
        let foreign_realm = issuer(
            key(1),
            Realm {
                audience: "elsewhere".into(),
                ..Realm::default()
            },
        );
        for issuer in [foreign_key, foreign_realm] {
            assert_eq!(
                setup.caller_with(&setup.token(&issuer)),
                Err(TokenError::Invalid)
            );
        }
    }

    #[test]
    fn changed_truncated_and_foolish_tokens_are_refused() {
        let setup = setup();
        let token = setup.token(&setup.issuer);
        let mut changed = token.clone();
        changed.replace_range(token.len() - 2.., "AA");
        for bad in [
            &changed,
            &token[..token.len() - 5],
            "",
            "a.b.c",
            &"x".repeat(10_000),
        ] {
            assert_eq!(setup.caller_with(bad), Err(TokenError::Invalid), "{bad}");
        }
    }

    #[test]
    fn a_token_from_the_future_is_refused() {
        let setup = setup();
        let ahead = Clock::manual(setup.clock.now() + TimeDelta::seconds(2));
        let issuer = Issuer::new(key(1), Realm::default(), ahead, Random::seeded(3));
        assert_eq!(
            setup.caller_with(&setup.token(&issuer)),
            Err(TokenError::Invalid)
        );
    }

    #[test]
    fn a_key_is_made_once_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys/signing.pem");
        let (made, new) = SigningKey::load_or_create(&path, &Random::seeded(1)).unwrap();
        assert!(new);
        let (found, new) = SigningKey::load_or_create(&path, &Random::seeded(2)).unwrap();
        assert!(!new);
        assert_eq!(made.jwks(), found.jwks());
    }
}
