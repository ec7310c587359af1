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
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use async_graphql::dataloader::{DataLoader, HashMapCache, Loader};
use futures_util::{
    future::BoxFuture,
    stream::{FuturesUnordered, StreamExt},
    task::AtomicWaker,
};

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

    /// Runs the request, and its batches whenever it can go no further without them.
    ///
    /// A request that waits is not always one that can go no further: joined futures give way now and then, and ask to be polled again at
    /// once. And while the results of a batch come in one by one, what they make others ask for would come in pieces. So the next batches
    /// begin when the request has nothing more to do and no batch is under way.
    pub async fn drive<F: Future>(&self, request: F) -> F::Output {
        let mut request = pin!(request);
        let mut running = FuturesUnordered::new();
        let bell = Arc::new(Bell::default());
        let waker = Waker::from(Arc::clone(&bell));
        poll_fn(|task| {
            bell.task.register(task.waker());
            bell.rung.store(false, Ordering::SeqCst);
            let poll = request.as_mut().poll(&mut Context::from_waker(&waker));
            if poll.is_ready() || bell.rung.load(Ordering::SeqCst) {
                return poll;
            }
            if running.is_empty() {
                running.extend(mem::take(&mut *self.waiting()));
            }
            while let Poll::Ready(Some(())) = running.poll_next_unpin(task) {}
            if running.is_empty() && !self.waiting().is_empty() {
                task.waker().wake_by_ref();
            }
            poll
        })
        .await
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<BoxFuture<'static, ()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes the task of a request, and keeps in mind that it was asked to.
#[derive(Default)]
struct Bell {
    task: AtomicWaker,
    rung: AtomicBool,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.rung.store(true, Ordering::SeqCst);
        self.task.wake();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use futures_util::future::try_join_all;

    use super::*;

    /// Finds every number, and notes how many it was asked for at once.
    struct Numbers(Arc<Mutex<Vec<usize>>>);

    impl Loader<u32> for Numbers {
        type Value = u32;
        type Error = String;

        async fn load(&self, keys: &[u32]) -> Result<HashMap<u32, u32>, String> {
            self.0.lock().unwrap().push(keys.len());
            tokio::task::yield_now().await;
            Ok(keys.iter().map(|key| (*key, *key)).collect())
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn what_many_resolvers_need_at_the_same_level_is_one_batch() {
        for _ in 0..20 {
            let batches = Batches::default();
            let sizes = Arc::default();
            let loader = batches.loader::<u32, _>(Numbers(Arc::clone(&sizes)));
            let loader = &loader;
            let leaf = |key: u32| async move {
                let first = loader.load_one(key).await?;
                loader.load_one(first.unwrap_or_default() + 10_000).await
            };
            // Lists in a list, each of more than thirty, from which on joined futures give way now and then.
            let lists = (0..31_u32)
                .map(|list| try_join_all((0..31).map(move |item| leaf(list * 31 + item))));
            let found = batches.drive(try_join_all(lists)).await.unwrap();
            assert_eq!(found.concat().len(), 961);
            assert_eq!(*sizes.lock().unwrap(), [961, 961]);
        }
    }
}
