//! `registerUser`.

use async_graphql::{Context, InputObject, Object, SimpleObject, Union};
use stockgraph_kit::{error::ApiError, user_error::InvalidInput};

use crate::{
    domain::password::Password,
    graphql::{origin::origin, session::Session, user::User, user_error::IdentifierTaken},
    service::{CreateUserError, RegisterUser, Users},
};

#[derive(Default)]
pub struct RegisterUserMutation;

#[Object]
impl RegisterUserMutation {
    /// Opens a customer account. The identifiers are compared after normalisation: e-mail in lower case, phone in E.164.
    async fn register_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account to open.")] input: RegisterUserInput,
    ) -> Result<RegisterUserPayload, ApiError> {
        let users = ctx.data_unchecked::<Users>();
        let registered = users
            .register_user(
                RegisterUser {
                    id: users.ids().next(),
                    email: input.email,
                    phone_number: input.phone_number,
                    display_name: input.display_name,
                    password: Password::new(input.password),
                },
                &origin(ctx),
            )
            .await;
        let errors: Vec<RegisterUserError> = match registered {
            Ok(signed_in) => {
                return Ok(RegisterUserPayload {
                    user: Some(signed_in.user.clone().into()),
                    session: Some(signed_in.into()),
                    errors: Vec::new(),
                });
            }
            Err(CreateUserError::Invalid(invalid)) => invalid.into_iter().map(Into::into).collect(),
            Err(CreateUserError::Taken(taken)) => taken
                .into_iter()
                .map(|taken| IdentifierTaken::from(taken).into())
                .collect(),
            Err(CreateUserError::Failed(error)) => return Err(error),
        };
        Ok(RegisterUserPayload {
            user: None,
            session: None,
            errors,
        })
    }
}

/// An account to open.
#[derive(InputObject)]
struct RegisterUserInput {
    /// An e-mail address that no other account has.
    email: String,
    /// A phone number that no other account has, in international form or the shop's national form.
    phone_number: Option<String>,
    /// What others call them.
    display_name: Option<String>,
    /// 8 to 128 characters; common and guessable passwords are refused.
    password: String,
}

/// What came of `registerUser`.
#[derive(SimpleObject)]
struct RegisterUserPayload {
    /// The new account.
    user: Option<User>,
    /// Its first session: who registers is signed in.
    session: Option<Session>,
    /// Why there is no account.
    errors: Vec<RegisterUserError>,
}

/// Why `registerUser` opened no account.
#[derive(Union)]
enum RegisterUserError {
    InvalidInput(InvalidInput),
    IdentifierTaken(IdentifierTaken),
}
