//! A circuit breaker: a subgraph that keeps failing is left alone for a moment, so that its callers are told at once and it can
//! recover. See M. Nygard, *Release It!*, "Circuit Breaker".

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// When a subgraph is left alone.
#[derive(Debug, Clone)]
pub struct BreakerOptions {
    /// Over how long calls are counted.
    pub window: Duration,
    /// Fewer calls than this within the window say nothing.
    pub least_calls: u32,
    /// Which share of the calls must fail, from 0 to 1.
    pub failing_share: f64,
    /// How long nobody calls. Then one call is let through: it decides whether the others follow.
    pub open_for: Duration,
}

impl Default for BreakerOptions {
    fn default() -> Self {
        BreakerOptions {
            window: Duration::from_secs(10),
            least_calls: 20,
            failing_share: 0.5,
            open_for: Duration::from_secs(2),
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    calls: u32,
    failures: u32,
}

/// The counts of the last one to two halves of the window.
#[derive(Debug, Clone, Copy)]
struct Window {
    since: Instant,
    earlier: Counts,
    latest: Counts,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Closed(Window),
    Open {
        until: Instant,
    },
    /// One call is under way, and all others wait for how it ends.
    Trying,
}

/// What the end of a call has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// The subgraph is left alone from now on.
    Opened,
    /// It is called again.
    Closed,
}

/// Counts how calls end, and says whether the next may be made.
pub(super) struct Breaker {
    options: BreakerOptions,
    state: Mutex<State>,
}

impl Window {
    fn starting(now: Instant) -> Self {
        Window {
            since: now,
            earlier: Counts::default(),
            latest: Counts::default(),
        }
    }

    fn count(&mut self, failed: bool, now: Instant, half: Duration) {
        let age = now.duration_since(self.since);
        if age >= half {
            let is_recent = age < half * 2;
            self.earlier = if is_recent {
                self.latest
            } else {
                Counts::default()
            };
            self.latest = Counts::default();
            self.since = now;
        }
        self.latest.calls += 1;
        self.latest.failures += u32::from(failed);
    }
}

impl Breaker {
    pub fn new(options: BreakerOptions) -> Self {
        Breaker {
            options,
            state: Mutex::new(State::Closed(Window::starting(Instant::now()))),
        }
    }

    /// Leave to make one call, or `None` while the subgraph is left alone.
    pub fn admit(&self) -> Option<Permit<'_>> {
        let mut state = self.state();
        let is_trial = match *state {
            State::Closed(_) => false,
            State::Open { until } if Instant::now() >= until => true,
            State::Open { .. } | State::Trying => return None,
        };
        if is_trial {
            *state = State::Trying;
        }
        Some(Permit {
            breaker: self,
            is_trial,
            is_over: false,
        })
    }

    /// Counts a call; tells what changed by it.
    fn ended(&self, failed: bool, was_trial: bool) -> Option<Change> {
        let now = Instant::now();
        let mut state = self.state();
        let open = State::Open {
            until: now + self.options.open_for,
        };
        match &mut *state {
            State::Trying if was_trial && failed => {
                *state = open;
                None
            }
            State::Trying if was_trial => {
                *state = State::Closed(Window::starting(now));
                Some(Change::Closed)
            }
            State::Closed(window) => {
                window.count(failed, now, self.options.window / 2);
                let calls = window.earlier.calls + window.latest.calls;
                let failures = window.earlier.failures + window.latest.failures;
                let share = f64::from(failures) / f64::from(calls);
                let is_enough = calls >= self.options.least_calls;
                if !failed || !is_enough || share < self.options.failing_share {
                    return None;
                }
                *state = open;
                Some(Change::Opened)
            }
            // It was called before the circuit opened, and says nothing of now.
            State::Open { .. } | State::Trying => None,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leave to make one call. Dropped without [`Permit::ended`], the call was given up by its caller and counts for nothing.
pub(super) struct Permit<'b> {
    breaker: &'b Breaker,
    is_trial: bool,
    is_over: bool,
}

impl Permit<'_> {
    /// Tells how the call ended, and is told what changed by it.
    pub fn ended(mut self, failed: bool) -> Option<Change> {
        self.is_over = true;
        self.breaker.ended(failed, self.is_trial)
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.is_trial && !self.is_over {
            // The next may try in its place.
            *self.breaker.state() = State::Open {
                until: Instant::now(),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    fn breaker() -> Breaker {
        Breaker::new(BreakerOptions {
            window: Duration::from_secs(10),
            least_calls: 4,
            failing_share: 0.5,
            open_for: Duration::from_secs(2),
        })
    }

    fn call(breaker: &Breaker, failed: bool) -> bool {
        let permit = breaker.admit();
        permit.map(|it| it.ended(failed)).is_some()
    }

    fn is_open(breaker: &Breaker) -> bool {
        !matches!(*breaker.state(), State::Closed(_))
    }

    #[tokio::test(start_paused = true)]
    async fn it_opens_once_half_of_enough_calls_have_failed() {
        let breaker = breaker();
        for failed in [true, true, false] {
            assert!(call(&breaker, failed));
        }
        assert!(!is_open(&breaker));
        assert_eq!(breaker.admit().unwrap().ended(true), Some(Change::Opened));
        assert!(!call(&breaker, false));
    }

    #[tokio::test(start_paused = true)]
    async fn one_call_decides_whether_it_closes_again() {
        let breaker = breaker();
        for _ in 0..4 {
            call(&breaker, true);
        }
        advance(Duration::from_secs(2)).await;
        let trial = breaker.admit().unwrap();
        assert!(breaker.admit().is_none(), "only one call is let through");
        assert_eq!(trial.ended(true), None);
        assert!(!call(&breaker, false));
        advance(Duration::from_secs(2)).await;
        assert_eq!(breaker.admit().unwrap().ended(false), Some(Change::Closed));
        assert!(!is_open(&breaker));
    }

    #[tokio::test(start_paused = true)]
    async fn a_trial_that_its_caller_gave_up_leaves_the_next_to_try() {
        let breaker = breaker();
        for _ in 0..4 {
            call(&breaker, true);
        }
        advance(Duration::from_secs(2)).await;
        drop(breaker.admit().unwrap());
        assert!(call(&breaker, false));
        assert!(!is_open(&breaker));
    }

    #[tokio::test(start_paused = true)]
    async fn failures_of_long_ago_are_forgotten() {
        let breaker = breaker();
        for _ in 0..3 {
            call(&breaker, true);
        }
        advance(Duration::from_secs(11)).await;
        assert!(call(&breaker, true));
        assert!(!is_open(&breaker));
    }
}
