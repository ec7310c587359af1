//! When the data loaders of a request load: once every resolver that can go on has said what it needs.
//!
//! The library's loader waits for a fixed time (1 ms unless told otherwise) before it loads. Any fixed time is wrong: it is paid at
//! every level of a query, and a busy machine still splits a batch in two. Here a batch is held back until the request itself
//! cannot go on without it, which is both the earliest moment at which the batch is complete and the same in every run.

use std::{
    future::{Future, poll_fn},
    hash::Hash,
    mem,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_graphql::dataloader::{DataLoader, HashMapCache, Loader};
use futures_util::future::BoxFuture;

/// The batches of one request that wait for its resolvers to pause.
#[derive(Clone, Default)]
pub struct Batches(Arc<Mutex<Vec<BoxFuture<'static, ()>>>>);

impl Batches {
    /// A data loader of this request. What it has loaded once it does not load again.
    pub fn loader<K, L>(&self, loader: L) -> DataLoader<L, HashMapCache>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        L: Loader<K>,
    {
        let batches = self.clone();
        let hold_back = move |batch| batches.waiting().push(batch);
        DataLoader::with_cache(loader, hold_back, HashMapCache::default()).delay(Duration::ZERO)
    }

    /// Runs the request, and its batches whenever it waits for them.
    pub async fn drive<F: Future>(&self, request: F) -> F::Output {
        let mut request = pin!(request);
        poll_fn(|task| {
            let poll = request.as_mut().poll(task);
            for batch in mem::take(&mut *self.waiting()) {
                tokio::spawn(batch);
            }
            poll
        })
        .await
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<BoxFuture<'static, ()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
