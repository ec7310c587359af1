//! Members of the payloads' `errors` unions that are this domain's own, and the interface of them all.

use async_graphql::{Interface, SimpleObject};
use stockgraph_kit::user_error::{InvalidInput, NotFound};

use crate::{domain::throttle::Throttled, service};

/// Something the caller can put right.
#[derive(Interface)]
#[graphql(field(
    name = "message",
    ty = "&String",
    desc = "For a person to read, in English."
))]
pub(super) enum UserError {
    InvalidInput(InvalidInput),
    NotFound(NotFound),
    IdentifierTaken(IdentifierTaken),
    InvalidCredentials(InvalidCredentials),
    TooManyAttempts(TooManyAttempts),
    SessionRevoked(SessionRevoked),
}

/// Another account has this e-mail address or phone number.
#[derive(SimpleObject)]
pub(super) struct IdentifierTaken {
    /// For a person to read, in English.
    message: String,
    /// Path of the field within the input: `["email"]` or `["phoneNumber"]`.
    field: Vec<String>,
}

impl From<service::TakenIdentifier> for IdentifierTaken {
    fn from(taken: service::TakenIdentifier) -> Self {
        let message = match taken {
            service::TakenIdentifier::Email => "Another account has this e-mail address.",
            service::TakenIdentifier::PhoneNumber => "Another account has this phone number.",
        };
        Self {
            message: message.into(),
            field: vec![taken.field().into()],
        }
    }
}

/// Unknown identifier or wrong password: which of the two is never told.
#[derive(SimpleObject)]
pub(super) struct InvalidCredentials {
    /// For a person to read, in English.
    message: String,
}

impl InvalidCredentials {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }
}

/// Too many failed attempts for this account or address.
#[derive(SimpleObject)]
pub(super) struct TooManyAttempts {
    /// For a person to read, in English.
    message: String,
    /// How many seconds to wait before the next attempt.
    retry_after_seconds: i32,
}

impl From<Throttled> for TooManyAttempts {
    fn from(throttled: Throttled) -> Self {
        let retry_after_seconds = throttled.retry_after_seconds();
        Self {
            message: format!("Too many attempts; try again in {retry_after_seconds} s."),
            retry_after_seconds,
        }
    }
}

/// The refresh token was used, revoked or has expired.
#[derive(SimpleObject)]
pub(super) struct SessionRevoked {
    /// For a person to read, in English.
    message: String,
}

impl Default for SessionRevoked {
    fn default() -> Self {
        Self {
            message: "This session is over; sign in again.".into(),
        }
    }
}
