//! `logIn`.

use async_graphql::{Context, InputObject, Object, SimpleObject, Union};
use stockgraph_kit::error::ApiError;

use crate::{
    domain::password::Password,
    graphql::{
        origin::origin,
        session::Session,
        user_error::{InvalidCredentials, TooManyAttempts},
    },
    service::{self, LogIn, Users},
};

#[derive(Default)]
pub struct LogInMutation;

#[Object]
impl LogInMutation {
    /// Signs in with an e-mail address or a phone number.
    async fn log_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who signs in.")] input: LogInInput,
    ) -> Result<LogInPayload, ApiError> {
        let input = LogIn {
            identifier: input.identifier,
            password: Password::new(input.password),
        };
        let users = ctx.data_unchecked::<Users>();
        let error: LogInError = match users.log_in(input, &origin(ctx)).await {
            Ok(signed_in) => {
                return Ok(LogInPayload {
                    session: Some(signed_in.into()),
                    errors: Vec::new(),
                });
            }
            Err(service::LogInError::InvalidCredentials) => {
                InvalidCredentials::new("The identifier or the password is wrong.").into()
            }
            Err(service::LogInError::TooManyAttempts(throttled)) => {
                TooManyAttempts::from(throttled).into()
            }
            Err(service::LogInError::Failed(error)) => return Err(error),
        };
        Ok(LogInPayload {
            session: None,
            errors: vec![error],
        })
    }
}

/// Who signs in.
#[derive(InputObject)]
struct LogInInput {
    /// An e-mail address or a phone number.
    identifier: String,
    /// The account's password.
    password: String,
}

/// What came of `logIn`.
#[derive(SimpleObject)]
struct LogInPayload {
    /// The new session.
    session: Option<Session>,
    /// Why there is no session.
    errors: Vec<LogInError>,
}

/// Why `logIn` opened no session.
#[derive(Union)]
enum LogInError {
    InvalidCredentials(InvalidCredentials),
    TooManyAttempts(TooManyAttempts),
}
