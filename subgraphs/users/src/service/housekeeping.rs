//! Clears away what says nothing any more.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::DbErr;

use super::{Users, throttle::KNOWN_FOR};
use crate::repo;

/// How often a process looks for it.
const EVERY: TimeDelta = TimeDelta::minutes(1);

/// How many rows of a table are cleared away at once: some milliseconds' work, for whoever signs in waits for it.
const BATCH: u64 = 500;

/// When it is due next. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Housekeeping {
    /// Microseconds since the Unix epoch.
    due_at: Arc<AtomicI64>,
}

impl Housekeeping {
    /// Whether it is due; of several who ask at the same moment, one is told so.
    fn is_due(&self, now: DateTime<Utc>) -> bool {
        let due_at = self.due_at.load(Ordering::Relaxed);
        let now = now.timestamp_micros();
        let next = now + EVERY.num_microseconds().unwrap_or_default();
        now >= due_at
            && self
                .due_at
                .compare_exchange(due_at, next, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }

    fn again_at_once(&self) {
        self.due_at.store(0, Ordering::Relaxed);
    }
}

impl Users {
    /// Clears some of it away, now and then: with each log-in that was checked, so that it keeps up with whatever comes. In statements of
    /// their own, for they lock rows of others; that it fails costs nothing, for the next log-in does it again.
    pub(super) async fn tidy_up(&self) {
        if !self.housekeeping.is_due(self.clock.now()) {
            return;
        }
        match self.purge().await {
            Ok(true) => self.housekeeping.again_at_once(),
            Ok(false) => {}
            Err(cause) => tracing::warn!(%cause, "what is over is not cleared away"),
        }
    }

    /// Clears a batch away; tells whether there may be more.
    async fn purge(&self) -> Result<bool, DbErr> {
        let (writer, now) = (self.database.writer(), self.clock.now());
        let purged = [
            repo::login_throttle::purge(writer, now, BATCH).await?,
            repo::known_address::purge(writer, now - KNOWN_FOR, BATCH).await?,
            repo::security_event::purge(writer, now - self.config.audit.retention(), BATCH).await?,
        ];
        Ok(purged.contains(&BATCH))
    }
}
