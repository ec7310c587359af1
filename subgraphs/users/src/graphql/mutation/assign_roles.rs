//! `assignRoles`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, Union};
use stockgraph_kit::{
    error::ApiError,
    guard::guarded,
    user_error::{InvalidInput, NotFound},
};

use crate::{
    graphql::{origin::origin, role::Role, user::User},
    service::{self, AssignRoles, Users},
};

#[derive(Default)]
pub struct AssignRolesMutation;

#[guarded]
#[Object]
impl AssignRolesMutation {
    /// Replaces the roles of a user.
    #[requires("users:write")]
    async fn assign_roles(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who gets which roles.")] input: AssignRolesInput,
    ) -> Result<AssignRolesPayload, ApiError> {
        let user = match InvalidInput::parse_id(["userId"], &input.user_id) {
            Ok(user) => user,
            Err(invalid) => return Ok(invalid.into()),
        };
        let roles = input.roles.into_iter().map(Into::into).collect();
        let users = ctx.data_unchecked::<Users>();
        match users
            .assign_roles(AssignRoles { user, roles }, &origin(ctx))
            .await
        {
            Ok(user) => Ok(AssignRolesPayload {
                user: Some(user.into()),
                errors: Vec::new(),
            }),
            Err(service::AssignRolesError::NotFound) => {
                Ok(NotFound::new("user", input.user_id.as_str()).into())
            }
            Err(service::AssignRolesError::Invalid(invalid)) => Ok(invalid.into()),
            Err(service::AssignRolesError::Failed(error)) => Err(error),
        }
    }
}

/// Who gets which roles.
#[derive(InputObject)]
struct AssignRolesInput {
    /// Whose roles.
    user_id: ID,
    /// All roles that the user has from then on; at least one. The last administrator stays one.
    roles: Vec<Role>,
}

/// What came of `assignRoles`.
#[derive(SimpleObject)]
struct AssignRolesPayload {
    /// The user with the new roles. Their access tokens show them when they are refreshed.
    user: Option<User>,
    /// Why the roles are still the old ones.
    errors: Vec<AssignRolesError>,
}

impl<E: Into<AssignRolesError>> From<E> for AssignRolesPayload {
    fn from(error: E) -> Self {
        Self {
            user: None,
            errors: vec![error.into()],
        }
    }
}

/// Why `assignRoles` changed nothing.
#[derive(Union)]
enum AssignRolesError {
    NotFound(NotFound),
    InvalidInput(InvalidInput),
}
