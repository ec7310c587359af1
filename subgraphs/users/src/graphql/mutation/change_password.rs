//! `changePassword`.

use async_graphql::{Context, InputObject, Object, SimpleObject, Union};
use stockgraph_kit::{caller::Caller, error::ApiError, user_error::InvalidInput};

use crate::{
    domain::password::Password,
    graphql::{origin::origin, session::Session, user_error::InvalidCredentials},
    service::{self, ChangePassword, Users},
};

#[derive(Default)]
pub struct ChangePasswordMutation;

#[Object]
impl ChangePasswordMutation {
    /// Changes the caller's password and revokes their other sessions.
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The password to change.")] input: ChangePasswordInput,
    ) -> Result<ChangePasswordPayload, ApiError> {
        let input = ChangePassword {
            user: Caller::of(ctx).require_user()?,
            current: Password::new(input.current_password),
            new: Password::new(input.new_password),
        };
        let users = ctx.data_unchecked::<Users>();
        let changed = users.change_password(input, &origin(ctx)).await;
        let error: ChangePasswordError = match changed {
            Ok(signed_in) => {
                return Ok(ChangePasswordPayload {
                    session: Some(signed_in.into()),
                    errors: Vec::new(),
                });
            }
            Err(service::ChangePasswordError::WrongPassword) => {
                InvalidCredentials::new("This is not the current password.").into()
            }
            Err(service::ChangePasswordError::TooManyAttempts(throttled)) => {
                let seconds = throttled.retry_after_seconds();
                let message = format!("Too many attempts; try again in {seconds} s.");
                InvalidCredentials::new(message).into()
            }
            Err(service::ChangePasswordError::Invalid(invalid)) => invalid.into(),
            Err(service::ChangePasswordError::Failed(error)) => return Err(error),
        };
        Ok(ChangePasswordPayload {
            session: None,
            errors: vec![error],
        })
    }
}

/// The password to change.
#[derive(InputObject)]
struct ChangePasswordInput {
    /// The password that the caller has.
    current_password: String,
    /// 8 to 128 characters; common and guessable passwords are refused.
    new_password: String,
}

/// What came of `changePassword`.
#[derive(SimpleObject)]
struct ChangePasswordPayload {
    /// A new session in the place of all that the caller had.
    session: Option<Session>,
    /// Why the password is still the old one.
    errors: Vec<ChangePasswordError>,
}

/// Why `changePassword` changed nothing.
#[derive(Union)]
enum ChangePasswordError {
    InvalidCredentials(InvalidCredentials),
    InvalidInput(InvalidInput),
}
