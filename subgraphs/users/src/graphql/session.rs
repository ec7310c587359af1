//! `Session`.

use async_graphql::SimpleObject;
use stockgraph_kit::instant::Instant;

use super::user::User;
use crate::service::SignedIn;

/// A signed-in session.
#[derive(SimpleObject)]
pub(super) struct Session {
    /// A signed JWT to send as `Authorization: Bearer …`. Short-lived.
    pub(super) access_token: String,
    /// From when on the access token is no longer accepted.
    pub(super) access_token_expires_at: Instant,
    /// Opaque and single-use; trade it with `refreshSession`.
    pub(super) refresh_token: String,
    /// From when on the refresh token is no longer accepted.
    pub(super) refresh_token_expires_at: Instant,
    /// Who is signed in.
    pub(super) user: User,
}

impl From<SignedIn> for Session {
    fn from(signed_in: SignedIn) -> Self {
        Self {
            access_token: signed_in.access_token.text,
            access_token_expires_at: signed_in.access_token.expires_at.into(),
            refresh_token: signed_in.refresh_token.text(),
            refresh_token_expires_at: signed_in.refresh_token_expires_at.into(),
            user: signed_in.user.into(),
        }
    }
}
