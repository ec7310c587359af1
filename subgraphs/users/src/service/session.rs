//! Opening sessions.

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use stockgraph_kit::{error::ApiError, id::SessionId, token::Token};

use super::Users;
use crate::{
    domain::{role, session::RefreshToken, user::User},
    repo::{self, session::NewToken},
};

/// A user with the two tokens of their session.
pub struct SignedIn {
    /// Who signed in.
    pub user: User,
    /// Their session.
    pub session: SessionId,
    /// For every request, short-lived.
    pub access_token: Token,
    /// For the next access token, good once.
    pub refresh_token: RefreshToken,
    /// From when on the refresh token is no longer accepted.
    pub refresh_token_expires_at: DateTime<Utc>,
}

impl Users {
    /// Opens a session of this user.
    pub(super) async fn open_session(
        &self,
        transaction: &impl ConnectionTrait,
        user: User,
    ) -> Result<SignedIn, ApiError> {
        let refresh_token = RefreshToken::new(self.random.bytes());
        let token = self.new_token(&refresh_token, self.ids.next());
        repo::session::insert(transaction, user.id, &token).await?;
        self.sign_in(transaction, user, refresh_token, token).await
    }

    /// A row for this refresh token of this session.
    pub(super) fn new_token(&self, token: &RefreshToken, session: SessionId) -> NewToken {
        let now = self.clock.now();
        NewToken {
            hash: token.hash(),
            session,
            issued_at: now,
            expires_at: now + self.config.sessions.refresh_token_lifetime(),
        }
    }

    /// Saves the refresh token and signs an access token with the rights that the user has now.
    pub(super) async fn sign_in(
        &self,
        transaction: &impl ConnectionTrait,
        user: User,
        refresh_token: RefreshToken,
        row: NewToken,
    ) -> Result<SignedIn, ApiError> {
        let (session, refresh_token_expires_at) = (row.session, row.expires_at);
        repo::session::insert_token(transaction, row).await?;
        let access_token = self.issuer.user(
            user.id,
            session,
            &role::scopes(&user.roles),
            self.config.sessions.access_token_lifetime(),
        )?;
        Ok(SignedIn {
            user,
            session,
            access_token,
            refresh_token,
            refresh_token_expires_at,
        })
    }
}
