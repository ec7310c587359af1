//! Keys that change: rotated, taken away, and published by others.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use jsonwebtoken::jwk::JwkSet;

use super::*;
use crate::token::{DatedKey, FetchKeys};

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
