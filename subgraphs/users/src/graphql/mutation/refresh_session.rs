//! `refreshSession`.

use async_graphql::{Context, InputObject, Object, SimpleObject, Union};
use stockgraph_kit::error::ApiError;

use crate::{
    graphql::{origin::origin, session::Session, user_error::SessionRevoked},
    service::{self, Users},
};

#[derive(Default)]
pub struct RefreshSessionMutation;

#[Object]
impl RefreshSessionMutation {
    /// Trades a refresh token for a new session. A refresh token works once; using it again revokes every session it led to.
    async fn refresh_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The session to refresh.")] input: RefreshSessionInput,
    ) -> Result<RefreshSessionPayload, ApiError> {
        let users = ctx.data_unchecked::<Users>();
        let refreshed = users
            .refresh_session(&input.refresh_token, &origin(ctx))
            .await;
        match refreshed {
            Ok(signed_in) => Ok(RefreshSessionPayload {
                session: Some(signed_in.into()),
                errors: Vec::new(),
            }),
            Err(service::RefreshSessionError::SessionRevoked) => Ok(RefreshSessionPayload {
                session: None,
                errors: vec![SessionRevoked::default().into()],
            }),
            Err(service::RefreshSessionError::Failed(error)) => Err(error),
        }
    }
}

/// The session to refresh.
#[derive(InputObject)]
struct RefreshSessionInput {
    /// The newest refresh token of the session.
    refresh_token: String,
}

/// What came of `refreshSession`.
#[derive(SimpleObject)]
struct RefreshSessionPayload {
    /// The session with its new tokens.
    session: Option<Session>,
    /// Why there are no new tokens.
    errors: Vec<RefreshSessionError>,
}

/// Why `refreshSession` gave no new tokens.
#[derive(Union)]
enum RefreshSessionError {
    SessionRevoked(SessionRevoked),
}
