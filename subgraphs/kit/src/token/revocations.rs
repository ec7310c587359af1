//! Sessions that are over although their access tokens are not.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};
use tokio::sync::watch;

use crate::id::SessionId;

/// The sessions whose access tokens count no more: an account was locked, a password changed, somebody signed out.
///
/// `users` knows them first; whoever verifies tokens elsewhere learns of them a moment later. Each is kept until the last of its access
/// tokens has expired by itself. Clones share the list.
#[derive(Clone, Debug, Default)]
pub struct Revocations {
    sessions: Arc<watch::Sender<HashMap<SessionId, DateTime<Utc>>>>,
}

impl Revocations {
    /// Refuses the access tokens of these sessions. Each comes with the instant at which the last of its tokens expires; what was over
    /// before `now` is forgotten.
    pub fn add(
        &self,
        sessions: impl IntoIterator<Item = (SessionId, DateTime<Utc>)>,
        now: DateTime<Utc>,
    ) {
        self.sessions.send_modify(|known| {
            known.retain(|_, over_at| *over_at > now);
            known.extend(sessions.into_iter().filter(|(_, over_at)| *over_at > now));
        });
    }

    /// Whether access tokens of this session are refused.
    #[must_use]
    pub fn contains(&self, session: SessionId) -> bool {
        self.sessions.borrow().contains_key(&session)
    }

    /// Waits until access tokens of this session are refused.
    pub async fn until(&self, session: SessionId) {
        let mut sessions = self.sessions.subscribe();
        // The only error there is: nobody can add to the list any more, and we could.
        sessions
            .wait_for(|known| known.contains_key(&session))
            .await
            .ok();
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::{clock::Clock, id::IdSource, random::Random};

    #[test]
    fn a_session_is_refused_until_its_tokens_are_over_and_then_forgotten() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let ids = IdSource::new(Clock::manual(now), Random::seeded(1));
        let (long, short, other): (SessionId, SessionId, SessionId) =
            (ids.next(), ids.next(), ids.next());
        let revocations = Revocations::default();
        let minutes = |minutes| now + TimeDelta::minutes(minutes);
        revocations
            .clone()
            .add([(long, minutes(15)), (short, minutes(1))], now);
        assert!(revocations.contains(long) && revocations.contains(short));
        assert!(!revocations.contains(other));
        revocations.add([(other, minutes(2))], minutes(2));
        assert!(revocations.contains(long));
        let kept = revocations.sessions.borrow().len();
        assert_eq!(kept, 1, "the long one alone: the others are over");
    }
}
