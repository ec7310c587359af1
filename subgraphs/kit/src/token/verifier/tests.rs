use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use jsonwebtoken::{EncodingKey, Header, jwk::JwkSet};
use serde_json::{Value, json};

use super::*;
use crate::{
    caller::Scope,
    id::IdSource,
    random::Random,
    token::{DatedKey, FetchKeys, Issuer, SigningKey},
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

#[tokio::test]
async fn an_old_keys_tokens_are_accepted_until_they_are_over_and_new_ones_at_once() {
    let clock = clock();
    let old = DatedKey {
        key: key(1),
        signs_from: DateTime::UNIX_EPOCH,
    };
    let ring = KeyRing::new(vec![old.clone()], TimeDelta::minutes(15));
    let setup = setup_with(ring.clone(), ring.clone().into(), clock.clone());
    let before = setup.token(&setup.issuer);
    assert!(setup.caller_with(&before).await.is_ok());

    let rotation = clock.now() + TimeDelta::minutes(1);
    let new = DatedKey {
        key: key(2),
        signs_from: rotation,
    };
    ring.replace(vec![old, new.clone()]);
    clock.advance(TimeDelta::minutes(1));
    let after = setup.token(&setup.issuer);
    let kid = |token: &str| jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
    assert_eq!(kid(&after), key(2).id());
    assert!(setup.caller_with(&before).await.is_ok());
    assert!(setup.caller_with(&after).await.is_ok());

    // A stolen key is taken away, and its tokens with it, verified before or not.
    ring.replace(vec![new]);
    assert_eq!(setup.caller_with(&before).await, Err(TokenError::Invalid));
    assert!(setup.caller_with(&after).await.is_ok());
}

/// Keys that another process publishes, how often they were fetched, and what the process answers.
struct Publisher {
    answer: Arc<Mutex<Result<JwkSet, String>>>,
    fetches: Arc<AtomicUsize>,
    keys: PublishedKeys,
}

impl Publisher {
    fn new(clock: &Clock) -> Self {
        let answer = Arc::new(Mutex::new(Err("it is down".to_owned())));
        let fetches = Arc::new(AtomicUsize::new(0));
        let (answers, counter) = (Arc::clone(&answer), Arc::clone(&fetches));
        let fetch: FetchKeys = Arc::new(move || {
            counter.fetch_add(1, Ordering::Relaxed);
            let answer = answers
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone();
            Box::pin(async move { answer })
        });
        Self {
            answer,
            fetches,
            keys: PublishedKeys::new("elsewhere", fetch, clock.clone()),
        }
    }

    fn publish(&self, keys: &[SigningKey]) {
        let keys = keys.iter().map(|key| key.jwk().clone()).collect();
        *self.answer.lock().unwrap() = Ok(JwkSet { keys });
    }

    fn setup(&self, clock: &Clock) -> Setup {
        let trusted = TrustedKeys {
            own: KeyRing::empty(),
            published: vec![self.keys.clone()],
        };
        setup_with(key(1), trusted, clock.clone())
    }

    fn fetches(&self) -> usize {
        self.fetches.load(Ordering::Relaxed)
    }
}

#[tokio::test]
async fn an_unknown_key_is_looked_up_where_it_is_published_and_then_remembered() {
    let clock = clock();
    let publisher = Publisher::new(&clock);
    publisher.publish(&[key(1)]);
    let setup = publisher.setup(&clock);
    for _ in 0..3 {
        let token = setup.token(&setup.issuer);
        assert!(setup.caller_with(&token).await.is_ok());
    }
    assert_eq!(publisher.fetches(), 1);

    clock.advance(TimeDelta::minutes(1));
    publisher.publish(&[key(1), key(2)]);
    let rotated = signed(
        &with(header(), "kid", key(2).id().into()),
        &setup.claims(),
        &pem(2),
    );
    assert!(setup.caller_with(&rotated).await.is_ok());
    assert_eq!(publisher.fetches(), 2);
}

#[tokio::test]
async fn a_thousand_made_up_keys_are_one_question() {
    let clock = clock();
    let publisher = Publisher::new(&clock);
    publisher.publish(&[key(1)]);
    let setup = publisher.setup(&clock);
    let attempts = (0..1_000).map(|number| {
        let header = with(header(), "kid", format!("kid-{number}").into());
        signed(&header, &setup.claims(), &pem(2))
    });
    for token in attempts.collect::<Vec<_>>() {
        assert_eq!(setup.caller_with(&token).await, Err(TokenError::Invalid));
    }
    assert_eq!(publisher.fetches(), 1);
}

#[tokio::test]
async fn a_key_that_is_no_longer_published_is_no_longer_accepted() {
    let clock = clock();
    let publisher = Publisher::new(&clock);
    publisher.publish(&[key(1)]);
    let setup = publisher.setup(&clock);
    let token = setup.token(&setup.issuer);
    assert!(setup.caller_with(&token).await.is_ok());
    publisher.publish(&[key(2)]);
    publisher.keys.refresh().await;
    assert_eq!(setup.caller_with(&token).await, Err(TokenError::Invalid));
}

#[tokio::test]
async fn without_the_keys_nobody_is_called_a_liar_and_with_old_ones_all_goes_on() {
    let clock = clock();
    let publisher = Publisher::new(&clock);
    let setup = publisher.setup(&clock);
    let token = setup.token(&setup.issuer);
    assert_eq!(
        setup.caller_with(&token).await,
        Err(TokenError::Unverifiable)
    );
    publisher.publish(&[key(1)]);
    clock.advance(TimeDelta::seconds(1));
    assert!(setup.caller_with(&token).await.is_ok());
    *publisher.answer.lock().unwrap() = Err("it is down again".into());
    publisher.keys.refresh().await;
    assert!(setup.caller_with(&token).await.is_ok());
}
