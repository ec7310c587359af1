//! `logOut`.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use stockgraph_kit::error::ApiError;

use crate::{graphql::origin::origin, service::Users};

#[derive(Default)]
pub struct LogOutMutation;

#[Object]
impl LogOutMutation {
    /// Revokes the session that the refresh token belongs to.
    async fn log_out(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The session to end.")] input: LogOutInput,
    ) -> Result<LogOutPayload, ApiError> {
        let users = ctx.data_unchecked::<Users>();
        let logged_out = users.log_out(&input.refresh_token, &origin(ctx)).await?;
        Ok(LogOutPayload { logged_out })
    }
}

/// The session to end.
#[derive(InputObject)]
struct LogOutInput {
    /// Any refresh token of the session.
    refresh_token: String,
}

/// What came of `logOut`.
#[derive(SimpleObject)]
struct LogOutPayload {
    /// Whether the session is over: true also when it was over before, false when there is no such session.
    logged_out: bool,
}
