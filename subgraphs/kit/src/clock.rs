//! The clock that every rule depending on time is given.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use tokio::sync::watch;

/// The system's clock may be set while somebody waits for an instant, so it is looked at again at least this often.
const LONGEST_NAP: Duration = Duration::from_secs(30);

/// Tells the time: the system's, or one that a test moves.
///
/// Instants have microsecond precision, which is what both databases keep, so that a stored instant equals the one it was
/// made from. Clones share their time.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    /// Microseconds since the Unix epoch.
    Manual(Arc<watch::Sender<i64>>),
}

impl Clock {
    /// The clock of the operating system.
    #[must_use]
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still at `instant` until it is moved.
    #[must_use]
    pub fn manual(instant: DateTime<Utc>) -> Self {
        let (micros, _) = watch::channel(instant.timestamp_micros());
        Self(Source::Manual(Arc::new(micros)))
    }

    /// The present instant.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the system for the time"
    )]
    pub fn now(&self) -> DateTime<Utc> {
        match &self.0 {
            Source::System => Utc::now().trunc_subsecs(6),
            Source::Manual(micros) => DateTime::from_timestamp_micros(*micros.borrow())
                .unwrap_or(DateTime::<Utc>::MAX_UTC),
        }
    }

    /// Moves a manual clock forward.
    ///
    /// # Panics
    ///
    /// When this is the system's clock, which nobody can move.
    pub fn advance(&self, by: TimeDelta) {
        match &self.0 {
            Source::System => panic!("only a manual clock can be moved"),
            Source::Manual(micros) => {
                let by = by.num_microseconds().unwrap_or(i64::MAX);
                micros.send_modify(|now| *now = now.saturating_add(by));
            }
        }
    }

    /// Waits until it is `instant` or later. Within a tokio runtime.
    pub async fn until(&self, instant: DateTime<Utc>) {
        match &self.0 {
            Source::System => {
                // What is left is negative, and so not to be had, as soon as the instant has come.
                while let Ok(left) = (instant - self.now()).to_std()
                    && !left.is_zero()
                {
                    tokio::time::sleep(left.min(LONGEST_NAP)).await;
                }
            }
            Source::Manual(micros) => {
                let instant = instant.timestamp_micros();
                // The only error there is: nobody can move the clock any more, and we could.
                micros
                    .subscribe()
                    .wait_for(|now| *now >= instant)
                    .await
                    .ok();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_stands_still_until_it_is_moved_and_clones_share_it() {
        let start = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let clock = Clock::manual(start);
        let clone = clock.clone();
        assert_eq!(clock.now(), start);
        clone.advance(TimeDelta::minutes(15));
        assert_eq!(clock.now(), start + TimeDelta::minutes(15));
    }

    #[tokio::test]
    async fn who_waits_for_an_instant_goes_on_when_it_has_come() {
        use futures_util::FutureExt;
        let start = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let clock = Clock::manual(start);
        let mut waiting = Box::pin(clock.until(start + TimeDelta::seconds(2)));
        assert!(waiting.as_mut().now_or_never().is_none());
        clock.advance(TimeDelta::seconds(1));
        assert!(waiting.as_mut().now_or_never().is_none());
        clock.advance(TimeDelta::seconds(1));
        assert!(waiting.as_mut().now_or_never().is_some());
        assert!(clock.until(start).now_or_never().is_some(), "it is over");
        let now = Clock::system().now();
        assert!(Clock::system().until(now).now_or_never().is_some());
    }

    #[test]
    fn the_system_clock_has_microsecond_precision() {
        assert_eq!(Clock::system().now().timestamp_subsec_nanos() % 1_000, 0);
    }
}
