//! Ending a session.

use stockgraph_kit::error::ApiError;

use super::Users;
use crate::{domain::session::RefreshToken, repo};

impl Users {
    /// Revokes the session of this refresh token, used or not. The answer tells whether there is such a session; that it was over
    /// already is no fault.
    ///
    /// # Errors
    ///
    /// Nothing that the caller can put right.
    pub async fn log_out(&self, token: &str) -> Result<bool, ApiError> {
        let Some(token) = RefreshToken::parse(token) else {
            return Ok(false);
        };
        let found = repo::session::find_token(self.database.reader(), &token.hash()).await?;
        let Some((session, _, _)) = found else {
            return Ok(false);
        };
        if repo::session::revoke(self.database.writer(), session, self.clock.now()).await? {
            self.refuse_tokens([session]);
        }
        Ok(true)
    }
}
