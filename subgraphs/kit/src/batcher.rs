//! A data loader for writes: requests that wait at the same moment are settled together.
//!
//! Nobody waits for a batch to fill. A request that comes while nothing is under way is settled at once; whatever comes meanwhile is the
//! next batch. So a batch is as large as the load makes it, and one request more costs memory, not a transaction.

use std::{
    collections::VecDeque,
    fmt,
    future::Future,
    mem,
    panic::AssertUnwindSafe,
    pin::pin,
    slice,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::FutureExt;
use tokio::{
    sync::{Notify, oneshot},
    task::yield_now,
};

/// What settles requests together.
pub trait Settle: Send + Sync + 'static {
    /// A request.
    type Ask: Send + Sync + 'static;
    /// What became of a request.
    type Answer: Send + 'static;
    /// Why a batch fails as a whole; nothing is settled then.
    type Error: fmt::Display + Clone + Send + 'static;

    /// Settles these requests: an answer for each, in their order.
    fn settle(
        &self,
        asks: &[Self::Ask],
    ) -> impl Future<Output = Result<Vec<Self::Answer>, Self::Error>> + Send;

    /// Whether this failure would befall each request alone as well, so that it helps nobody to try them one by one.
    fn befalls_all(error: &Self::Error) -> bool;
}

/// How much is taken on at once.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// The most requests that wait, beside those that are being settled.
    pub waiting: usize,
    /// The most requests in one batch; at least 1.
    pub together: usize,
}

/// Why a request has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered<E> {
    /// As many wait already as may. This one was not taken on.
    #[error("too many requests wait already")]
    Overloaded,
    /// No more requests are taken on.
    #[error("no more requests are taken on")]
    Closed,
    /// What was to settle the request broke down. It may or may not have been settled.
    #[error("what was to settle the request broke down")]
    Lost,
    /// It failed.
    #[error(transparent)]
    Failed(E),
}

/// Collects requests and has them settled together. Clones are the same.
///
/// The requests are settled by a task that begins with the first of them and ends when none waits, so a batcher can be made outside of a
/// runtime and leaves nothing behind. A caller that goes away harms no other: its request is withdrawn if it still waits, and settled
/// like the rest if it has begun.
pub struct Batcher<S: Settle>(Arc<Inner<S>>);

struct Inner<S: Settle> {
    settler: S,
    bounds: Bounds,
    desk: Mutex<Desk<S>>,
    idle: Notify,
}

struct Desk<S: Settle> {
    waiting: VecDeque<Waiting<S>>,
    is_open: bool,
    is_busy: bool,
}

struct Waiting<S: Settle> {
    ask: S::Ask,
    caller: Caller<S>,
}

type Told<S> = Result<<S as Settle>::Answer, Unanswered<<S as Settle>::Error>>;
type Caller<S> = oneshot::Sender<Told<S>>;
type Batch<S> = (Vec<<S as Settle>::Ask>, Vec<Caller<S>>);

impl<S: Settle> Clone for Batcher<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: Settle> fmt::Debug for Batcher<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batcher")
            .field("bounds", &self.0.bounds)
            .finish_non_exhaustive()
    }
}

impl<S: Settle> Batcher<S> {
    /// Has requests settled by `settler`.
    #[must_use]
    pub fn new(settler: S, bounds: Bounds) -> Self {
        Self(Arc::new(Inner {
            settler,
            bounds,
            desk: Mutex::new(Desk {
                waiting: VecDeque::new(),
                is_open: true,
                is_busy: false,
            }),
            idle: Notify::new(),
        }))
    }

    /// What settles the requests, for who has a batch of their own.
    #[must_use]
    pub fn settler(&self) -> &S {
        &self.0.settler
    }

    /// Has a request settled, together with those that wait at the same moment.
    ///
    /// # Errors
    ///
    /// [`Unanswered`].
    pub async fn ask(&self, ask: S::Ask) -> Told<S> {
        let (caller, answer) = oneshot::channel();
        if self.0.enqueue(Waiting { ask, caller })? {
            // Outside of the lock, for a runtime that shuts down drops the task here and now.
            tokio::spawn(Shift::of(Arc::clone(&self.0)).work());
        }
        answer.await.unwrap_or(Err(Unanswered::Lost))
    }

    /// Takes on no more requests, and waits until those that were taken on are settled.
    pub async fn close(&self) {
        self.0.desk().is_open = false;
        loop {
            let mut idle = pin!(self.0.idle.notified());
            idle.as_mut().enable();
            if !self.0.desk().is_busy {
                return;
            }
            idle.await;
        }
    }
}

impl<S: Settle> Inner<S> {
    fn desk(&self) -> MutexGuard<'_, Desk<S>> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a request wait. Whether somebody has to be called to work.
    fn enqueue(&self, request: Waiting<S>) -> Result<bool, Unanswered<S::Error>> {
        let mut desk = self.desk();
        if !desk.is_open {
            return Err(Unanswered::Closed);
        }
        if desk.waiting.len() >= self.bounds.waiting {
            // Those whose callers went away make room.
            desk.waiting.retain(|waiting| !waiting.caller.is_closed());
            if desk.waiting.len() >= self.bounds.waiting {
                return Err(Unanswered::Overloaded);
            }
        }
        desk.waiting.push_back(request);
        Ok(!mem::replace(&mut desk.is_busy, true))
    }

    /// Lets those in who have just been told and ask again at once, or the next batch is half of what it could be. As long as there
    /// come more: a turn of the runtime each time, and no waiting.
    async fn let_in(&self) {
        let mut waiting = self.desk().waiting.len();
        while waiting < self.bounds.together {
            yield_now().await;
            let now = self.desk().waiting.len();
            if now <= waiting {
                return;
            }
            waiting = now;
        }
    }

    /// The next batch; none, and the work is over, when nobody waits.
    fn next_batch(&self) -> Option<Batch<S>> {
        let mut desk = self.desk();
        let mut batch = (Vec::new(), Vec::new());
        while batch.0.len() < self.bounds.together.max(1) {
            let Some(Waiting { ask, caller }) = desk.waiting.pop_front() else {
                break;
            };
            if !caller.is_closed() {
                batch.0.push(ask);
                batch.1.push(caller);
            }
        }
        if batch.0.is_empty() {
            desk.is_busy = false;
            return None;
        }
        Some(batch)
    }

    async fn settle(&self, asks: &[S::Ask], callers: Vec<Caller<S>>) {
        match self.attempt(asks).await {
            Ok(answers) => {
                for (caller, answer) in callers.into_iter().zip(answers) {
                    tell(caller, Ok(answer));
                }
            }
            Err(failure) if asks.len() == 1 || befalls_all::<S>(&failure) => {
                for caller in callers {
                    tell(caller, Err(failure.clone()));
                }
            }
            Err(failure) => {
                tracing::warn!(
                    requests = asks.len(),
                    cause = %failure,
                    "requests cannot be settled together; each is tried by itself"
                );
                self.settle_one_by_one(asks, callers).await;
            }
        }
    }

    /// So that a request that makes any batch fail harms only itself.
    async fn settle_one_by_one(&self, asks: &[S::Ask], callers: Vec<Caller<S>>) {
        let mut hopeless = None;
        for (ask, caller) in asks.iter().zip(callers) {
            if let Some(failure) = &hopeless {
                tell(caller, Err(Unanswered::clone(failure)));
                continue;
            }
            match self.attempt(slice::from_ref(ask)).await {
                Ok(mut answers) => tell(caller, answers.pop().ok_or(Unanswered::Lost)),
                Err(failure) => {
                    if befalls_all::<S>(&failure) {
                        hopeless = Some(failure.clone());
                    }
                    tell(caller, Err(failure));
                }
            }
        }
    }

    /// The answers, as many as requests.
    async fn attempt(&self, asks: &[S::Ask]) -> Result<Vec<S::Answer>, Unanswered<S::Error>> {
        // The settler is asked inside of the block, so that a panic before its first pause is caught as well. Nothing of what it
        // leaves behind is looked at again but the settler itself, and that one a panic in an ordinary call would leave the same.
        let settling = AssertUnwindSafe(async { self.settler.settle(asks).await });
        match settling.catch_unwind().await {
            Ok(Ok(answers)) if answers.len() == asks.len() => Ok(answers),
            Ok(Ok(_)) | Err(_) => Err(Unanswered::Lost),
            Ok(Err(error)) => Err(Unanswered::Failed(error)),
        }
    }
}

fn befalls_all<S: Settle>(failure: &Unanswered<S::Error>) -> bool {
    matches!(failure, Unanswered::Failed(error) if S::befalls_all(error))
}

/// Tells a caller, if it is still there.
fn tell<T>(caller: oneshot::Sender<T>, told: T) {
    caller.send(told).ok();
}

/// The work from the first request until none waits.
struct Shift<S: Settle> {
    inner: Arc<Inner<S>>,
    is_over: bool,
}

impl<S: Settle> Shift<S> {
    const fn of(inner: Arc<Inner<S>>) -> Self {
        Self {
            inner,
            is_over: false,
        }
    }

    async fn work(mut self) {
        while let Some((asks, callers)) = self.inner.next_batch() {
            self.inner.settle(&asks, callers).await;
            self.inner.let_in().await;
        }
        self.is_over = true;
        self.inner.idle.notify_waiters();
    }
}

impl<S: Settle> Drop for Shift<S> {
    /// A runtime that ends drops the work wherever it is: whoever waits still, perhaps on another runtime, is told.
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let mut desk = self.inner.desk();
        desk.is_busy = false;
        let lost = mem::take(&mut desk.waiting);
        drop(desk);
        drop(lost);
        self.inner.idle.notify_waiters();
    }
}

#[cfg(test)]
mod tests;
