//! Coded top-level errors, and the one place where database errors are classified.
//!
//! What a caller can put right inside a mutation is a member of the payload's `errors` union ([`crate::user_error`]). All else is an
//! [`ApiError`]: a code that programs can act on and a message that says nothing of the inside.

use async_graphql::{ErrorExtensionValues, ServerError};
use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// `extensions.code` of a top-level error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// No token, or one that is not valid (any more).
    Unauthenticated,
    /// The caller lacks the right.
    Forbidden,
    /// An argument that no caller may give.
    BadUserInput,
    /// What is needed for the answer cannot be reached just now; the same call may succeed later.
    Unavailable,
    /// More is asked at the same moment than can be served; the same call may succeed later.
    Overloaded,
    /// A fault on our side, logged with its cause.
    Internal,
}

impl Code {
    /// The text that clients see.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::Unavailable => "UNAVAILABLE",
            Self::Overloaded => "OVERLOADED",
            Self::Internal => "INTERNAL_SERVER_ERROR",
        }
    }
}

/// A top-level error as clients see it.
///
/// It has no `Display` on purpose: `?` in a resolver that answers `Result<_, ApiError>` cannot let another error's text through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    code: Code,
    message: String,
}

impl ApiError {
    /// An error with this code and this message for the caller.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// The caller must sign in.
    #[must_use]
    pub fn unauthenticated(message: impl Into<String>) -> Self {
        Self::new(Code::Unauthenticated, message)
    }

    /// The caller lacks the right.
    #[must_use]
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(Code::Forbidden, message)
    }

    /// An argument is wrong.
    #[must_use]
    pub fn bad_user_input(message: impl Into<String>) -> Self {
        Self::new(Code::BadUserInput, message)
    }

    /// A fault on our side: logs the cause, tells the caller nothing of it.
    #[must_use]
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "internal error");
        Self::new(Code::Internal, "Something went wrong on our side.")
    }

    /// More is asked at the same moment than can be served.
    #[must_use]
    pub fn overloaded() -> Self {
        Self::new(Code::Overloaded, "Too much is going on at once; try again.")
    }

    /// Something that is needed cannot be reached: logs the cause, tells the caller what is missing.
    #[must_use]
    pub fn unavailable(what: &str, cause: &dyn std::fmt::Display) -> Self {
        tracing::warn!(%cause, what, "unavailable");
        Self::new(
            Code::Unavailable,
            format!("{what} cannot be reached just now; try again."),
        )
    }

    /// The code.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.code
    }

    /// The message for the caller.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    fn extensions(&self) -> ErrorExtensionValues {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", self.code.as_str());
        extensions
    }
}

impl From<ApiError> for async_graphql::Error {
    fn from(error: ApiError) -> Self {
        Self {
            extensions: Some(error.extensions()),
            ..Self::new(error.message)
        }
    }
}

impl From<ApiError> for ServerError {
    fn from(error: ApiError) -> Self {
        let extensions = Some(error.extensions());
        Self {
            extensions,
            ..Self::new(error.message, None)
        }
    }
}

impl From<DbErr> for ApiError {
    fn from(error: DbErr) -> Self {
        match Fault::of(&error) {
            Fault::Unavailable => Self::unavailable("The database", &error),
            Fault::Contended => {
                tracing::warn!(cause = %error, "the database is contended");
                Self::overloaded()
            }
            Fault::NoText => Self::bad_user_input("A text must not contain the character U+0000."),
            Fault::UniqueViolation | Fault::ForeignKeyViolation | Fault::Other => {
                Self::internal(&error)
            }
        }
    }
}

/// What kind of failure a database error is, the same for both engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A row with the same unique value exists.
    UniqueViolation,
    /// A row that is referred to does not exist, or one that is referred to would go.
    ForeignKeyViolation,
    /// A lock was not to be had in time, or the engine gave up one of two transactions: trying again may succeed.
    Contended,
    /// No connection to the database.
    Unavailable,
    /// A text with the character U+0000, which PostgreSQL neither keeps nor compares with.
    NoText,
    /// Anything else: a fault of ours.
    Other,
}

impl Fault {
    /// Classifies `error`.
    #[must_use]
    pub fn of(error: &DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => return Self::UniqueViolation,
            Some(SqlErr::ForeignKeyConstraintViolation(_)) => return Self::ForeignKeyViolation,
            _ => {}
        }
        match error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Self::Unavailable,
            DbErr::Exec(RuntimeErr::SqlxError(cause))
            | DbErr::Query(RuntimeErr::SqlxError(cause)) => Self::of_driver(cause),
            _ => Self::Other,
        }
    }

    fn of_driver(cause: &sea_orm::sqlx::Error) -> Self {
        use sea_orm::sqlx::Error;
        match cause {
            Error::Io(_) | Error::PoolTimedOut | Error::PoolClosed | Error::WorkerCrashed => {
                Self::Unavailable
            }
            Error::Database(error) => match error.code().as_deref() {
                // PostgreSQL: serialization failure, deadlock, lock not available, statement timeout, and a transaction that was ended
                // because it kept others waiting. SQLite: BUSY, LOCKED and BUSY_SNAPSHOT.
                Some("40001" | "40P01" | "55P03" | "57014" | "25P03" | "5" | "6" | "517") => {
                    Self::Contended
                }
                // PostgreSQL: not in the encoding. A text from GraphQL is UTF-8, so it can only be that one character.
                Some("22021") => Self::NoText,
                // PostgreSQL: shutting down, crashed, starting up, too many connections.
                Some("57P01" | "57P02" | "57P03" | "53300") => Self::Unavailable,
                _ => Self::Other,
            },
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{borrow::Cow, error::Error};

    use sea_orm::sqlx::{
        self,
        error::{DatabaseError, ErrorKind},
    };

    use super::*;

    /// What an engine answers with this code.
    #[derive(Debug, thiserror::Error)]
    #[error("secret of the inside")]
    struct Coded(&'static str);

    impl DatabaseError for Coded {
        fn message(&self) -> &str {
            "secret of the inside"
        }

        fn code(&self) -> Option<Cow<'_, str>> {
            Some(self.0.into())
        }

        fn as_error(&self) -> &(dyn Error + Send + Sync + 'static) {
            self
        }

        fn as_error_mut(&mut self) -> &mut (dyn Error + Send + Sync + 'static) {
            self
        }

        fn into_error(self: Box<Self>) -> Box<dyn Error + Send + Sync + 'static> {
            self
        }

        fn kind(&self) -> ErrorKind {
            ErrorKind::Other
        }
    }

    #[test]
    fn callers_learn_whether_to_try_again_and_nothing_of_the_inside() {
        for (code, told) in [
            ("40P01", Code::Overloaded),
            ("25P03", Code::Overloaded),
            ("5", Code::Overloaded),
            ("57P01", Code::Unavailable),
            ("22021", Code::BadUserInput),
            ("42P01", Code::Internal),
        ] {
            let failure = sqlx::Error::Database(Box::new(Coded(code)));
            let error = ApiError::from(DbErr::Query(RuntimeErr::SqlxError(failure.into())));
            assert_eq!(error.code(), told, "{code}");
            assert!(!error.message().contains("secret"), "{code}");
        }
    }
}
