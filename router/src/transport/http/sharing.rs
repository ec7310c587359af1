//! Identical queries of the same caller that are under way at the same moment are sent once.
//!
//! A query never joins one that was sent before a mutation ended: whoever has changed something reads what they wrote.

use bytes::Bytes;
use http::HeaderMap;
use rustc_hash::FxHashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

use crate::transport::{SubgraphError, SubgraphResponse};

/// Headers that tell requests apart, but not what they ask.
const OF_ONE_REQUEST: [&str; 3] = ["traceparent", "tracestate", "x-request-id"];

/// What makes two calls the same.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    generation: u64,
    headers: Vec<u8>,
    body: Bytes,
}

impl Key {
    /// The key of a call of this [generation](crate::transport::SubgraphRequest::generation) with these headers, which say who asks, and this body.
    pub fn new(generation: u64, headers: &HeaderMap, body: Bytes) -> Self {
        let mut text = Vec::with_capacity(256);
        for (name, value) in headers {
            if !OF_ONE_REQUEST.contains(&name.as_str()) {
                text.extend_from_slice(name.as_str().as_bytes());
                text.push(b':');
                text.extend_from_slice(value.as_bytes());
                text.push(b'\n');
            }
        }
        Key {
            generation,
            headers: text,
            body,
        }
    }
}

type Answer = Result<SubgraphResponse, SubgraphError>;
type Awaited = watch::Receiver<Option<Arc<Answer>>>;

/// The calls of one subgraph that are under way.
#[derive(Default)]
pub(super) struct Sharing {
    flights: Mutex<FxHashMap<Key, Awaited>>,
}

impl Sharing {
    /// The answer of `call`, or of the same call that somebody else has begun. The second part tells which.
    pub async fn call<F: Future<Output = Answer>>(
        &self,
        key: Key,
        call: impl FnOnce() -> F,
    ) -> (Answer, bool) {
        loop {
            let awaited = self.flights().get(&key).cloned();
            let Some(mut awaited) = awaited else {
                break;
            };
            // An error tells that its caller went away before the answer came.
            if let Ok(answer) = awaited.wait_for(Option::is_some).await
                && let Some(answer) = answer.as_deref()
            {
                return (answer.clone(), true);
            }
        }
        let (tell, awaited) = watch::channel(None);
        self.flights().insert(key.clone(), awaited.clone());
        let flight = Flight {
            sharing: self,
            key,
            awaited,
        };
        let answer = call().await;
        drop(flight);
        if tell.receiver_count() > 0 {
            tell.send_replace(Some(Arc::new(answer.clone())));
        }
        (answer, false)
    }

    fn flights(&self) -> MutexGuard<'_, FxHashMap<Key, Awaited>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call under way; dropped, it is so no more, whether or not it came to its end.
struct Flight<'s> {
    sharing: &'s Sharing,
    key: Key,
    awaited: Awaited,
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        let mut flights = self.sharing.flights();
        // Two callers who found an abandoned flight may both have begun a new one.
        if flights
            .get(&self.key)
            .is_some_and(|it| it.same_channel(&self.awaited))
        {
            flights.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use http::HeaderValue;
    use serde_json::json;
    use std::pin::pin;
    use tokio::sync::oneshot;

    fn key(generation: u64, caller: &'static str) -> Key {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_static(caller));
        Key::new(generation, &headers, Bytes::from_static(b"{}"))
    }

    fn answer(number: i64) -> Answer {
        Ok(SubgraphResponse {
            data: json!({ "number": number }),
            ..SubgraphResponse::default()
        })
    }

    async fn waits(told: oneshot::Receiver<i64>) -> Answer {
        answer(told.await.unwrap())
    }

    #[tokio::test]
    async fn the_same_call_of_the_same_caller_is_made_once() {
        let sharing = Sharing::default();
        let (tell, told) = oneshot::channel();
        let mut first = pin!(sharing.call(key(0, "ada"), || waits(told)));
        assert!(first.as_mut().now_or_never().is_none());
        let mut second = pin!(sharing.call(key(0, "ada"), || async { answer(2) }));
        assert!(second.as_mut().now_or_never().is_none());
        let of_another = sharing.call(key(0, "bob"), || async { answer(3) }).await;
        assert_eq!(of_another.0.unwrap(), answer(3).unwrap());
        tell.send(1).unwrap();
        let (first, second) = (first.await, second.await);
        assert_eq!(first.0.unwrap(), answer(1).unwrap());
        assert!(!first.1);
        assert_eq!(second.0.unwrap(), answer(1).unwrap());
        assert!(second.1);
        let later = sharing.call(key(0, "ada"), || async { answer(4) }).await;
        assert_eq!(
            later.0.unwrap(),
            answer(4).unwrap(),
            "an answer is not kept"
        );
    }

    #[tokio::test]
    async fn a_call_that_its_caller_gave_up_is_made_by_who_waited() {
        let sharing = Sharing::default();
        let (_tell, told) = oneshot::channel();
        let mut first = Box::pin(sharing.call(key(0, "ada"), || waits(told)));
        assert!(first.as_mut().now_or_never().is_none());
        let mut second = pin!(sharing.call(key(0, "ada"), || async { answer(2) }));
        assert!(second.as_mut().now_or_never().is_none());
        drop(first);
        let (answered, shared) = second.await;
        assert_eq!(answered.unwrap(), answer(2).unwrap());
        assert!(!shared);
    }

    #[tokio::test]
    async fn what_was_asked_before_a_mutation_is_not_shared_after_it() {
        let sharing = Sharing::default();
        let (_tell, told) = oneshot::channel();
        let mut before = Box::pin(sharing.call(key(0, "ada"), || waits(told)));
        assert!(before.as_mut().now_or_never().is_none());
        let (after, shared) = sharing.call(key(1, "ada"), || async { answer(2) }).await;
        assert_eq!(after.unwrap(), answer(2).unwrap());
        assert!(!shared);
    }
}
