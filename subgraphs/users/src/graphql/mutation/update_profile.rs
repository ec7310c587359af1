//! `updateProfile`.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject, Union};
use stockgraph_kit::{caller::Caller, error::ApiError, user_error::InvalidInput};

use crate::{
    graphql::{origin::origin, user::User, user_error::IdentifierTaken},
    service::{self, UpdateProfile, Users},
};

#[derive(Default)]
pub struct UpdateProfileMutation;

#[Object]
impl UpdateProfileMutation {
    /// Changes the caller's own profile.
    async fn update_profile(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change; what is not given stays as it is.")]
        input: UpdateProfileInput,
    ) -> Result<UpdateProfilePayload, ApiError> {
        let input = UpdateProfile {
            user: Caller::of(ctx).require_user()?,
            email: input.email,
            phone_number: change(input.phone_number),
            display_name: change(input.display_name),
        };
        let users = ctx.data_unchecked::<Users>();
        let updated = users.update_profile(input, &origin(ctx)).await;
        let errors: Vec<UpdateProfileError> = match updated {
            Ok(user) => {
                return Ok(UpdateProfilePayload {
                    user: Some(user.into()),
                    errors: Vec::new(),
                });
            }
            Err(service::UpdateProfileError::Invalid(invalid)) => {
                invalid.into_iter().map(Into::into).collect()
            }
            Err(service::UpdateProfileError::Taken(taken)) => taken
                .into_iter()
                .map(|taken| IdentifierTaken::from(taken).into())
                .collect(),
            Err(service::UpdateProfileError::Failed(error)) => return Err(error),
        };
        Ok(UpdateProfilePayload { user: None, errors })
    }
}

/// `None` leaves as it is, `Some(None)` removes.
fn change(value: MaybeUndefined<String>) -> Option<Option<String>> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(text) => Some(Some(text)),
    }
}

/// What to change in the caller's own profile.
#[derive(InputObject)]
struct UpdateProfileInput {
    /// An e-mail address that no other account has; null leaves it as it is.
    email: Option<String>,
    /// A phone number that no other account has; null removes it.
    phone_number: MaybeUndefined<String>,
    /// What others call them; null removes it.
    display_name: MaybeUndefined<String>,
}

/// What came of `updateProfile`.
#[derive(SimpleObject)]
struct UpdateProfilePayload {
    /// The caller with their new profile.
    user: Option<User>,
    /// Why nothing has changed.
    errors: Vec<UpdateProfileError>,
}

/// Why `updateProfile` changed nothing.
#[derive(Union)]
enum UpdateProfileError {
    InvalidInput(InvalidInput),
    IdentifierTaken(IdentifierTaken),
}
