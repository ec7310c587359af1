//! Ending a session.

use stockgraph_kit::error::ApiError;

use super::Users;
use crate::{
    domain::{audit::EventKind, origin::Origin, session::RefreshToken},
    repo,
};

impl Users {
    /// Revokes the session of this refresh token, used or not. The answer tells whether there is such a session; that it was over
    /// already is no fault.
    ///
    /// # Errors
    ///
    /// Nothing that the caller can put right.
    pub async fn log_out(&self, token: &str, origin: &Origin) -> Result<bool, ApiError> {
        let Some(token) = RefreshToken::parse(token) else {
            return Ok(false);
        };
        let found = repo::session::find_token(self.database.reader(), &token.hash()).await?;
        let Some((session, user, _)) = found else {
            return Ok(false);
        };
        let transaction = self.database.begin().await?;
        if repo::session::revoke(&transaction, session, self.clock.now()).await? {
            let event = self.event(EventKind::LoggedOut, origin);
            let event = event.by_owner(user).in_session(session);
            self.commit(transaction, &[event]).await?;
            self.refuse_tokens([session]);
        } else {
            transaction.rollback().await?;
        }
        Ok(true)
    }
}
