//! Trading a refresh token for a new session.

use stockgraph_kit::error::ApiError;

use super::{SignedIn, Users};
use crate::{
    domain::{
        audit::EventKind,
        origin::Origin,
        session::{RefreshToken, Verdict},
    },
    repo,
};

/// Why a session was not refreshed.
#[derive(Debug)]
pub enum RefreshSessionError {
    /// The refresh token is unknown, was used or has expired, or its session is revoked.
    SessionRevoked,
    /// Nothing that the caller can put right.
    Failed(ApiError),
}

impl Users {
    /// Trades a refresh token for new tokens of the same session, with the rights that the user has now. A token that was used
    /// before revokes the session.
    ///
    /// # Errors
    ///
    /// [`RefreshSessionError`].
    pub async fn refresh_session(
        &self,
        token: &str,
        origin: &Origin,
    ) -> Result<SignedIn, RefreshSessionError> {
        let presented = RefreshToken::parse(token).ok_or(RefreshSessionError::SessionRevoked)?;
        let now = self.clock.now();
        let transaction = self.database.begin().await?;
        let found = repo::session::find_token(&transaction, &presented.hash()).await?;
        let (session, user, state) = found.ok_or(RefreshSessionError::SessionRevoked)?;
        let reused = match state.verdict(now) {
            Verdict::Over => return Err(RefreshSessionError::SessionRevoked),
            Verdict::Reused => true,
            // Of two who come at the same moment, one is the second.
            Verdict::Good => {
                !repo::session::use_token(&transaction, &presented.hash(), now).await?
            }
        };
        if reused {
            repo::session::revoke(&transaction, session, now).await?;
            let event = self.event(EventKind::RefreshTokenReused, origin);
            let event = event.of(user).in_session(session);
            self.commit(transaction, &[event]).await?;
            self.refuse_tokens([session]);
            return Err(RefreshSessionError::SessionRevoked);
        }
        let refresh_token = RefreshToken::new(self.random.bytes());
        let row = self.new_token(&refresh_token, session);
        if !repo::session::extend(&transaction, session, row.expires_at).await? {
            return Err(RefreshSessionError::SessionRevoked);
        }
        let user = repo::user::by_id(&transaction, user).await?;
        let user = user
            .filter(|user| user.active)
            .ok_or(RefreshSessionError::SessionRevoked)?;
        let signed_in = self.sign_in(&transaction, user, refresh_token, row).await?;
        transaction.commit().await?;
        Ok(signed_in)
    }
}
