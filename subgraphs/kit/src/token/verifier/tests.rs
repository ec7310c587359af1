mod keys;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};

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

fn pem(seed: u64) -> String {
    SigningKey::generate_pem(&Random::seeded(seed)).unwrap()
}

fn key(seed: u64) -> SigningKey {
    SigningKey::from_pem(&pem(seed)).unwrap()
}

fn clock() -> Clock {
    Clock::manual(DateTime::from_timestamp(1_800_000_000, 0).unwrap())
}

fn setup() -> Setup {
    setup_with(key(1), key(1).into(), clock())
}

fn setup_with(signs: impl Into<KeyRing>, trusted: TrustedKeys, clock: Clock) -> Setup {
    let random = Random::seeded(1);
    let ids = IdSource::new(clock.clone(), random.clone());
    Setup {
        issuer: Issuer::new(signs, Realm::default(), clock.clone(), random),
        authenticator: Authenticator::new(trusted, &Realm::default(), clock.clone()),
        user: ids.next(),
        session: ids.next(),
        clock,
    }
}

impl Setup {
    async fn caller_with(&self, token: &str) -> Result<Caller, TokenError> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        self.authenticator.caller(&headers).await
    }

    fn token(&self, issuer: &Issuer) -> String {
        let scopes = Scopes::from([Scope::StockRead]);
        let lifetime = TimeDelta::minutes(15);
        let token = issuer.user(self.user, self.session, &scopes, lifetime);
        token.unwrap().text
    }

    /// The claims of a token that is good.
    fn claims(&self) -> Value {
        let now = self.clock.now().timestamp();
        json!({
            "iss": "stockgraph", "aud": "stockgraph", "sub": self.user.to_string(),
            "sid": self.session.to_string(), "iat": now, "exp": now + 900, "jti": "token_1",
            "scope": "stock:read",
        })
    }

    async fn caller_with_signed(
        &self,
        header: &Value,
        claims: &Value,
    ) -> Result<Caller, TokenError> {
        self.caller_with(&signed(header, claims, &pem(1))).await
    }
}

/// The header of a token that is good.
fn header() -> Value {
    json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": key(1).id() })
}

/// A token with any header at all, signed with Ed25519.
fn signed(header: &Value, claims: &Value, pem: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let key = EncodingKey::from_ed_pem(pem.as_bytes()).unwrap();
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::EdDSA);
    format!("{message}.{}", signature.unwrap())
}

fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

fn without(mut object: Value, name: &str) -> Value {
    object.as_object_mut().unwrap().shift_remove(name).unwrap();
    object
}

#[tokio::test]
async fn a_token_tells_who_calls_until_the_second_it_expires() {
    let setup = setup();
    let token = setup.token(&setup.issuer);
    let user = Caller::User {
        id: setup.user,
        scopes: Scopes::from([Scope::StockRead]),
    };
    assert_eq!(setup.caller_with(&token).await, Ok(user.clone()));
    setup.clock.advance(TimeDelta::seconds(15 * 60 - 1));
    assert_eq!(setup.caller_with(&token).await, Ok(user));
    setup.clock.advance(TimeDelta::seconds(1));
    assert_eq!(setup.caller_with(&token).await, Err(TokenError::Expired));
}

#[tokio::test]
async fn a_token_that_expired_a_second_ago_is_refused_where_it_was_never_seen() {
    let setup = setup();
    let token = setup.token(&setup.issuer);
    setup.clock.advance(TimeDelta::seconds(15 * 60 + 1));
    assert_eq!(setup.caller_with(&token).await, Err(TokenError::Expired));
}

#[tokio::test]
async fn a_token_is_refused_from_the_moment_its_session_is_over() {
    let setup = setup();
    let token = setup.token(&setup.issuer);
    assert!(setup.caller_with(&token).await.is_ok());
    let over_at = setup.clock.now() + TimeDelta::minutes(15);
    let revocations = setup.authenticator.revocations();
    revocations.add([(setup.session, over_at)], setup.clock.now());
    assert_eq!(setup.caller_with(&token).await, Err(TokenError::Revoked));
}

#[tokio::test]
async fn a_service_is_told_from_a_user() {
    let setup = setup();
    let scopes = Scopes::from([Scope::OrdersExpire]);
    let lifetime = TimeDelta::minutes(1);
    let token = setup
        .issuer
        .service("scheduler", &scopes, lifetime)
        .unwrap();
    let service = Caller::Service {
        name: "scheduler".into(),
        scopes,
    };
    assert_eq!(setup.caller_with(&token.text).await, Ok(service));
}

#[tokio::test]
async fn without_a_header_the_caller_is_anonymous_and_another_scheme_is_refused() {
    let setup = setup();
    let mut headers = HeaderMap::new();
    let caller = setup.authenticator.caller(&headers).await;
    assert_eq!(caller, Ok(Caller::Anonymous));
    headers.insert(AUTHORIZATION, "Basic dXNlcjpwYXNz".parse().unwrap());
    let caller = setup.authenticator.caller(&headers).await;
    assert_eq!(caller, Err(TokenError::NotBearer));
}

#[tokio::test]
async fn two_tokens_at_once_are_none() {
    let setup = setup();
    let token = format!("Bearer {}", setup.token(&setup.issuer));
    let mut headers = HeaderMap::new();
    headers.append(AUTHORIZATION, token.parse().unwrap());
    headers.append(AUTHORIZATION, token.parse().unwrap());
    let caller = setup.authenticator.caller(&headers).await;
    assert_eq!(caller, Err(TokenError::NotBearer));
}

#[tokio::test]
async fn a_token_by_hand_is_as_good_as_the_issuers() {
    let setup = setup();
    let caller = setup.caller_with_signed(&header(), &setup.claims()).await;
    assert_eq!(caller, setup.caller_with(&setup.token(&setup.issuer)).await);
}

#[tokio::test]
async fn tokens_of_another_key_are_refused_under_its_own_kid_and_under_ours() {
    let setup = setup();
    let claims = setup.claims();
    let foreign = with(header(), "kid", key(2).id().into());
    for token in [
        signed(&foreign, &claims, &pem(2)),
        signed(&header(), &claims, &pem(2)),
        signed(&foreign, &claims, &pem(1)),
        signed(&without(header(), "kid"), &claims, &pem(1)),
    ] {
        assert_eq!(setup.caller_with(&token).await, Err(TokenError::Invalid));
    }
}

#[tokio::test]
async fn a_kid_is_a_name_and_nothing_that_is_looked_up_elsewhere() {
    let setup = setup();
    for kid in [
        "../../../../dev/null",
        "' OR 1=1 --",
        "https://evil.example/key",
        "",
        "\u{0}",
    ] {
        let header = with(header(), "kid", kid.into());
        let caller = setup.caller_with_signed(&header, &setup.claims()).await;
        assert_eq!(caller, Err(TokenError::Invalid), "{kid}");
    }
}

#[tokio::test]
async fn a_key_that_a_token_brings_along_counts_for_nothing() {
    let setup = setup();
    let jwk = serde_json::to_value(key(2).jwk()).unwrap();
    for (name, value) in [
        ("jwk", jwk),
        ("jku", "https://evil.example/jwks.json".into()),
        ("x5u", "https://evil.example/cert.pem".into()),
    ] {
        let token = signed(&with(header(), name, value), &setup.claims(), &pem(2));
        assert_eq!(
            setup.caller_with(&token).await,
            Err(TokenError::Invalid),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_token_without_a_signature_is_refused_whatever_it_calls_its_algorithm() {
    let setup = setup();
    for algorithm in ["none", "None", "NONE", "nOnE", ""] {
        let header = with(header(), "alg", algorithm.into());
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let unsigned = format!("{}.{}.", part(&header), part(&setup.claims()));
        assert_eq!(setup.caller_with(&unsigned).await, Err(TokenError::Invalid));
        let caller = setup.caller_with_signed(&header, &setup.claims()).await;
        assert_eq!(caller, Err(TokenError::Invalid), "{algorithm}");
    }
}

#[tokio::test]
async fn the_public_key_is_no_secret_to_sign_with() {
    let setup = setup();
    let jwk = serde_json::to_value(key(1).jwk()).unwrap();
    let x = jwk["x"].as_str().unwrap();
    let secrets = [
        URL_SAFE_NO_PAD.decode(x).unwrap(),
        x.as_bytes().to_vec(),
        jwk.to_string().into_bytes(),
        serde_json::to_vec(&KeyRing::from(key(1)).jwks(setup.clock.now())).unwrap(),
    ];
    for secret in secrets {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let header = Header {
                typ: Some("at+jwt".into()),
                kid: Some(key(1).id().into()),
                ..Header::new(algorithm)
            };
            let key = EncodingKey::from_secret(&secret);
            let token = jsonwebtoken::encode(&header, &setup.claims(), &key).unwrap();
            assert_eq!(setup.caller_with(&token).await, Err(TokenError::Invalid));
        }
    }
}

#[tokio::test]
async fn only_the_expected_algorithm_is_accepted() {
    let setup = setup();
    for algorithm in ["ES256", "RS256", "PS256", "HS256", "Ed448", "eddsa"] {
        let header = with(header(), "alg", algorithm.into());
        let caller = setup.caller_with_signed(&header, &setup.claims()).await;
        assert_eq!(caller, Err(TokenError::Invalid), "{algorithm}");
    }
}

#[tokio::test]
async fn only_access_tokens_are_access_tokens() {
    let setup = setup();
    for header in [
        with(header(), "typ", "JWT".into()),
        with(header(), "typ", "refresh+jwt".into()),
        without(header(), "typ"),
    ] {
        let caller = setup.caller_with_signed(&header, &setup.claims()).await;
        assert_eq!(caller, Err(TokenError::Invalid), "{header}");
    }
}

#[tokio::test]
async fn a_token_of_another_realm_is_refused() {
    let setup = setup();
    for (name, value) in [
        ("aud", json!("elsewhere")),
        ("aud", json!("")),
        ("aud", json!(["elsewhere"])),
        ("iss", json!("elsewhere")),
        ("iss", json!("stockgraph.evil.example")),
    ] {
        let claims = with(setup.claims(), name, value);
        let caller = setup.caller_with_signed(&header(), &claims).await;
        assert_eq!(caller, Err(TokenError::Invalid), "{claims}");
    }
}

#[tokio::test]
async fn no_claim_may_be_missing_or_of_another_kind() {
    let setup = setup();
    for name in ["iss", "aud", "sub", "sid", "iat", "exp", "jti", "scope"] {
        let missing = without(setup.claims(), name);
        let other = with(setup.claims(), name, json!({ "a": 1 }));
        for claims in [missing, other] {
            let caller = setup.caller_with_signed(&header(), &claims).await;
            assert_eq!(caller, Err(TokenError::Invalid), "{claims}");
        }
    }
    for sub in ["", "admin", "service", "order_01h455vb4pex5vsknk084sn02q"] {
        let claims = with(setup.claims(), "sub", sub.into());
        let caller = setup.caller_with_signed(&header(), &claims).await;
        assert_eq!(caller, Err(TokenError::Invalid), "{sub}");
    }
}

#[tokio::test]
async fn changed_truncated_and_foolish_tokens_are_refused() {
    let setup = setup();
    let token = setup.token(&setup.issuer);
    for length in 0..token.len() {
        let caller = setup.caller_with(&token[..length]).await;
        assert!(matches!(caller, Err(TokenError::Invalid)), "{length}");
    }
    let claims = with(setup.claims(), "scope", "users:write".into());
    let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
    let parts: Vec<&str> = token.split('.').collect();
    let raised = format!("{}.{claims}.{}", parts[0], parts[2]);
    for bad in [
        &raised,
        "a.b.c",
        "...",
        &format!("{token}.x"),
        &"x".repeat(10_000),
    ] {
        assert_eq!(
            setup.caller_with(bad).await,
            Err(TokenError::Invalid),
            "{bad}"
        );
    }
}

#[tokio::test]
async fn a_token_from_the_future_is_refused() {
    let setup = setup();
    let issued_in = |seconds| {
        let ahead = Clock::manual(setup.clock.now() + TimeDelta::seconds(seconds));
        let issuer = Issuer::new(key(1), Realm::default(), ahead, Random::seeded(3));
        setup.token(&issuer)
    };
    for seconds in [2, 3_600] {
        let caller = setup.caller_with(&issued_in(seconds)).await;
        assert_eq!(caller, Err(TokenError::Invalid), "{seconds}");
    }
    assert!(
        setup.caller_with(&issued_in(1)).await.is_ok(),
        "clocks differ a little"
    );
    let now = setup.clock.now().timestamp();
    let claims = with(setup.claims(), "nbf", (now + 2).into());
    let caller = setup.caller_with_signed(&header(), &claims).await;
    assert_eq!(caller, Err(TokenError::Invalid));
}
