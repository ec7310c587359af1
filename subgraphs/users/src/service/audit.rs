//! Writes and reads the audit trail.

use chrono::{DateTime, TimeDelta, Utc};
use moka::sync::Cache;
use sea_orm::{DatabaseTransaction, DbErr};
use serde_json::json;
use stockgraph_kit::{error::ApiError, id::UserId};

use super::{Users, throttle::Refused};
use crate::{
    domain::{
        audit::{EventKind, SecurityEvent},
        origin::Origin,
        throttle::{Subject, Target},
    },
    repo,
};

/// How often a process tells of the same subject that it is refused: a flood must not fill the table.
const REFUSALS_TOLD_EVERY: TimeDelta = TimeDelta::minutes(1);

/// Of how many subjects a process remembers when it told of them.
const REMEMBERED: u64 = 10_000;

/// When a process told last of each subject that it is refused. Clones share it.
#[derive(Clone)]
pub(super) struct ToldRefusals(Cache<Subject, DateTime<Utc>>);

impl Default for ToldRefusals {
    fn default() -> Self {
        Self(Cache::new(REMEMBERED))
    }
}

impl ToldRefusals {
    /// Whether it is time to tell of this subject; of several who ask at the same moment, one is told so.
    fn is_due(&self, subject: Subject, now: DateTime<Utc>) -> bool {
        self.0
            .entry(subject)
            .or_insert_with_if(|| now, |told| *told + REFUSALS_TOLD_EVERY <= now)
            .is_fresh()
    }
}

/// Which events to read: all that meet every given condition.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// Of this user's account.
    pub user: Option<UserId>,
    /// Of these kinds; none: of all.
    pub kinds: Vec<EventKind>,
    /// At this instant or later.
    pub since: Option<DateTime<Utc>>,
}

impl Users {
    /// The newest events, newest first.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn security_events(
        &self,
        filter: &EventFilter,
        limit: u64,
    ) -> Result<Vec<SecurityEvent>, ApiError> {
        let EventFilter { user, kinds, since } = filter;
        let reader = self.database.reader();
        Ok(repo::security_event::newest(reader, *user, kinds, *since, limit).await?)
    }

    /// An event that happens now.
    pub(super) fn event(&self, kind: EventKind, origin: &Origin) -> SecurityEvent {
        SecurityEvent {
            id: self.ids.next(),
            occurred_at: self.clock.now(),
            kind,
            user: None,
            actor: origin.actor.clone(),
            session: None,
            address: origin.address.map(|address| address.0.to_canonical()),
            detail: None,
        }
    }

    /// Commits a transaction with what there is to tell of it, and logs that once it is so.
    pub(super) async fn commit(
        &self,
        transaction: DatabaseTransaction,
        events: &[SecurityEvent],
    ) -> Result<(), DbErr> {
        repo::security_event::insert(&transaction, events).await?;
        transaction.commit().await?;
        events.iter().for_each(log);
        Ok(())
    }

    /// Tells of what changed nothing.
    pub(super) async fn tell(&self, event: SecurityEvent) -> Result<(), DbErr> {
        repo::security_event::insert(self.database.writer(), std::slice::from_ref(&event)).await?;
        log(&event);
        Ok(())
    }

    /// Tells that somebody was turned away, unless that was told a moment ago.
    pub(super) async fn tell_refused(
        &self,
        refused: &Refused,
        origin: &Origin,
    ) -> Result<(), DbErr> {
        let subject = refused.subject;
        if !self.told_refusals.is_due(subject, self.clock.now()) {
            return Ok(());
        }
        let event = match subject {
            Subject::PasswordChange(user) => self
                .event(EventKind::PasswordChangeFailed, origin)
                .of(user)
                .with(json!({ "reason": "too_many_attempts" })),
            Subject::Address(_) => self
                .event(EventKind::LogInThrottled, origin)
                .with(json!({ "limit": subject.limit_name() })),
            Subject::Pair(target, _) | Subject::Account(target) => {
                let event = self.event(EventKind::LogInThrottled, origin);
                about(event, target, ("limit", subject.limit_name()))
            }
        };
        self.tell(event).await
    }
}

/// Names the account, or the hash of the identifier that nobody has, with one more thing to say.
pub(super) fn about(
    event: SecurityEvent,
    target: Target,
    (name, value): (&str, &str),
) -> SecurityEvent {
    match target {
        Target::Account(user) => event.of(user).with(json!({ name: value })),
        Target::Unknown(hash) => {
            event.with(json!({ name: value, "identifier_hash": hash.to_string() }))
        }
    }
}

/// To the log go neither addresses nor details, which can be about people who are not known to us.
fn log(event: &SecurityEvent) {
    let kind = event.kind.as_str();
    let user = event.user.map(tracing::field::display);
    let session = event.session.map(tracing::field::display);
    if event.kind == EventKind::RefreshTokenReused {
        tracing::warn!(target: "audit", kind, user, session, "a refresh token was used again; its session is revoked");
    } else {
        tracing::info!(target: "audit", kind, user, session);
    }
}
