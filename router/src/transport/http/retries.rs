//! Trying again: queries only, for a query changes nothing, and within a budget, so that retries do not keep a struggling
//! subgraph down.

use std::time::Duration;
use tower::retry::backoff::{Backoff, ExponentialBackoff, ExponentialBackoffMaker, MakeBackoff};
use tower::retry::budget::{Budget, TpsBudget};
use tower::util::rng::HasherRng;

/// Over how long the budget is counted.
const BUDGET_WINDOW: Duration = Duration::from_secs(10);

/// Pauses differ by up to this share, so that callers who failed together do not come back together.
const JITTER: f64 = 0.5;

/// How often a query is tried again when the connection cannot be made or breaks, or the subgraph answers 502 or 503. A
/// timeout is not: the time is gone.
#[derive(Debug, Clone)]
pub struct RetryOptions {
    /// How often one query is tried again at most; 0 for never.
    pub most: u32,
    /// The first pause; each further one is twice as long.
    pub first_pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
    /// How many retries there may be for each call, over all calls to the subgraph: 0.2 is one in five.
    pub budget_share: f32,
    /// How many retries a second there may be besides, so that a few calls suffice to try again.
    pub budget_per_second: u32,
}

impl Default for RetryOptions {
    fn default() -> Self {
        RetryOptions {
            most: 2,
            first_pause: Duration::from_millis(20),
            longest_pause: Duration::from_millis(500),
            budget_share: 0.2,
            budget_per_second: 10,
        }
    }
}

/// What is left of the budget of one subgraph.
pub(super) struct Retries {
    most: u32,
    budget: TpsBudget,
    pauses: Option<ExponentialBackoffMaker>,
}

impl Retries {
    pub fn new(options: &RetryOptions) -> Self {
        let pauses = ExponentialBackoffMaker::new(
            options.first_pause,
            options.longest_pause.max(options.first_pause),
            JITTER,
            HasherRng::default(),
        );
        Retries {
            most: options.most,
            budget: TpsBudget::new(
                BUDGET_WINDOW,
                options.budget_per_second,
                options.budget_share,
            ),
            // Pauses that are none are an error there.
            pauses: pauses.ok(),
        }
    }

    /// The tries of one call.
    pub fn begin(&self, may_retry: bool) -> Tries<'_> {
        self.budget.deposit();
        Tries {
            retries: self,
            left: if may_retry { self.most } else { 0 },
            pauses: self.pauses.clone().map(|mut it| it.make_backoff()),
        }
    }
}

/// The tries that one call has left.
pub(super) struct Tries<'r> {
    retries: &'r Retries,
    left: u32,
    pauses: Option<ExponentialBackoff>,
}

impl Tries<'_> {
    /// Waits for the next try; false if there is none.
    pub async fn again(&mut self) -> bool {
        if self.left == 0 || !self.retries.budget.withdraw() {
            return false;
        }
        self.left -= 1;
        if let Some(pauses) = &mut self.pauses {
            pauses.next_backoff().await;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_call_is_tried_again_as_often_as_is_set_and_never_if_it_may_not() {
        let retries = Retries::new(&RetryOptions::default());
        let mut tries = retries.begin(true);
        assert!(tries.again().await);
        assert!(tries.again().await);
        assert!(!tries.again().await);
        assert!(!retries.begin(false).again().await);
    }

    #[tokio::test(start_paused = true)]
    async fn all_calls_together_stay_within_the_budget() {
        let retries = Retries::new(&RetryOptions {
            budget_share: 0.1,
            budget_per_second: 0,
            ..RetryOptions::default()
        });
        let mut again = 0;
        for _ in 0..100 {
            again += u32::from(retries.begin(true).again().await);
        }
        assert!((5..=15).contains(&again), "{again} of 100");
    }
}
