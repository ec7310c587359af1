//! Refusing the access tokens of sessions that are over.

use chrono::{DateTime, Utc};
use stockgraph_kit::{error::ApiError, id::SessionId};

use super::Users;
use crate::repo;

impl Users {
    /// Refuses the access tokens of these sessions in this process at once; for after the commit that revoked them.
    ///
    /// The last of the tokens may have been signed while the revocation waited for the session's row, so that their time counts from now
    /// and not from the instant that stands in the row.
    pub(super) fn refuse_tokens(&self, sessions: impl IntoIterator<Item = SessionId>) {
        let now = self.clock.now();
        let over_at = now + self.config.sessions.access_token_lifetime();
        let sessions = sessions.into_iter().map(|session| (session, over_at));
        self.revocations.add(sessions, now);
    }

    /// The sessions that were revoked at `since` or later, each with when: for other processes, which learn of them by asking.
    ///
    /// A revocation shows a moment after the instant that it bears, with its commit: ask with an overlap.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn revoked_sessions(
        &self,
        since: DateTime<Utc>,
    ) -> Result<Vec<(SessionId, DateTime<Utc>)>, ApiError> {
        Ok(repo::session::revoked_since(self.database.reader(), since).await?)
    }
}
