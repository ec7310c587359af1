//! `setUserActive`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, Union};
use stockgraph_kit::{
    error::ApiError,
    guard::guarded,
    user_error::{InvalidInput, NotFound},
};

use crate::{
    graphql::{origin::origin, user::User},
    service::{self, SetUserActive, Users},
};

#[derive(Default)]
pub struct SetUserActiveMutation;

#[guarded]
#[Object]
impl SetUserActiveMutation {
    /// Locks an account and revokes its sessions, or unlocks it.
    #[requires("users:write")]
    async fn set_user_active(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which account to lock or unlock.")] input: SetUserActiveInput,
    ) -> Result<SetUserActivePayload, ApiError> {
        let user = match InvalidInput::parse_id(["userId"], &input.user_id) {
            Ok(user) => user,
            Err(invalid) => return Ok(invalid.into()),
        };
        let active = input.active;
        let users = ctx.data_unchecked::<Users>();
        match users
            .set_user_active(SetUserActive { user, active }, &origin(ctx))
            .await
        {
            Ok(user) => Ok(SetUserActivePayload {
                user: Some(user.into()),
                errors: Vec::new(),
            }),
            Err(service::SetUserActiveError::NotFound) => {
                Ok(NotFound::new("user", input.user_id.as_str()).into())
            }
            Err(service::SetUserActiveError::Invalid(invalid)) => Ok(invalid.into()),
            Err(service::SetUserActiveError::Failed(error)) => Err(error),
        }
    }
}

/// Which account to lock or unlock.
#[derive(InputObject)]
struct SetUserActiveInput {
    /// Whose account.
    user_id: ID,
    /// Whether the user may sign in from then on. The last administrator stays active.
    active: bool,
}

/// What came of `setUserActive`.
#[derive(SimpleObject)]
struct SetUserActivePayload {
    /// The user, active or not.
    user: Option<User>,
    /// Why the account is as it was.
    errors: Vec<SetUserActiveError>,
}

impl<E: Into<SetUserActiveError>> From<E> for SetUserActivePayload {
    fn from(error: E) -> Self {
        Self {
            user: None,
            errors: vec![error.into()],
        }
    }
}

/// Why `setUserActive` changed nothing.
#[derive(Union)]
enum SetUserActiveError {
    NotFound(NotFound),
    InvalidInput(InvalidInput),
}
