//! What callers are told of what they cannot put right, and of arguments that no caller may give.

use stockgraph_kit::error::{ApiError, Code};

use crate::service::{Failure, ports::PortError};

/// The longest free text of a caller, in characters.
const LONGEST_TEXT: usize = 500;

impl From<Failure> for ApiError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Database(error) => error.into(),
            Failure::Catalogue(error) => of_port("The catalogue", &error),
            Failure::Stock(PortError::Unreachable(cause)) => {
                tracing::warn!(cause, "no stock can be held");
                let message = "Stock cannot be held just now, for the warehouses cannot be reached. Nothing was ordered; try again.";
                Self::new(Code::Unavailable, message)
            }
            Failure::Stock(error) => of_port("The stock", &error),
            Failure::Warehouses(error) => of_port("Warehouses", &error),
            Failure::Overloaded => Self::new(
                Code::Overloaded,
                "The shop has too much to do just now; try again.",
            ),
            Failure::Money(error) => Self::internal(&error),
            Failure::NotAllowed => Self::forbidden("You may not do this."),
            Failure::NoFreeNumber => Self::internal(&failure),
        }
    }
}

fn of_port(what: &str, error: &PortError) -> ApiError {
    match error {
        PortError::Unreachable(_) => ApiError::unavailable(what, error),
        PortError::Overloaded(_) => {
            tracing::warn!(%error, what, "overloaded");
            let message = format!("{what} has too much to do just now; try again.");
            ApiError::new(Code::Overloaded, message)
        }
        PortError::Unexpected(_) => ApiError::internal(error),
    }
}

/// A free text of a caller, without the spaces around it; nothing where nothing is left.
///
/// # Errors
///
/// `BAD_USER_INPUT` when it is too long or no text: its payload knows no `InvalidInput`.
pub(super) fn free_text(name: &str, text: Option<String>) -> Result<Option<String>, ApiError> {
    let text = text.map(|text| text.trim().to_owned());
    match text {
        Some(text) if text.chars().count() > LONGEST_TEXT => Err(ApiError::bad_user_input(
            format!("`{name}` must have at most {LONGEST_TEXT} characters."),
        )),
        Some(text) if text.contains('\0') => Err(no_text(name)),
        text => Ok(text.filter(|text| !text.is_empty())),
    }
}

/// The payment provider's id of a payment.
///
/// # Errors
///
/// `BAD_USER_INPUT` when it is empty, too long or no text.
pub(super) fn payment_reference(reference: String) -> Result<String, ApiError> {
    const LONGEST: usize = 200;
    if reference.is_empty() || reference.chars().count() > LONGEST {
        return Err(ApiError::bad_user_input(format!(
            "`paymentReference` must have 1 to {LONGEST} characters."
        )));
    }
    if reference.contains('\0') {
        return Err(no_text("paymentReference"));
    }
    Ok(reference)
}

/// PostgreSQL keeps no text with this character in it.
fn no_text(name: &str) -> ApiError {
    ApiError::bad_user_input(format!("`{name}` must not contain the character U+0000."))
}
