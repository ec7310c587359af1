//! Whether somebody still has a password that others know.

use stockgraph_kit::{error::ApiError, id::UserId};

use super::{Users, password_hasher::Verified};
use crate::{domain::password::Password, repo};

impl Users {
    /// Whether this user may sign in, and with this password: for code alone, which asks that of passwords that are known to all. It is
    /// counted nowhere.
    ///
    /// # Errors
    ///
    /// Nothing that the caller can put right.
    pub async fn is_open_to(&self, user: UserId, password: Password) -> Result<bool, ApiError> {
        let known = repo::user::credentials_by_id(self.database.reader(), user).await?;
        let Some(known) = known.filter(|known| known.active) else {
            return Ok(false);
        };
        let verified = self
            .hasher
            .verify(password, Some(known.password_hash))
            .await?;
        Ok(matches!(verified, Verified::Yes { .. }))
    }
}
