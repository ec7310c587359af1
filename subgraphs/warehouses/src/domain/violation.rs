//! What is wrong with what a caller gave.

/// A rule that part of an input breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Path of the part within the input, e.g. `["lines", "0", "quantity"]`.
    pub field: Vec<String>,
    /// For a person to read, in English.
    pub message: String,
}

impl Violation {
    /// The rule that the part at this path breaks.
    pub fn new<P: ToString>(path: impl IntoIterator<Item = P>, message: impl Into<String>) -> Self {
        Self {
            field: path.into_iter().map(|part| part.to_string()).collect(),
            message: message.into(),
        }
    }
}

/// The longest reason, in characters.
pub const LONGEST_REASON: usize = 500;

/// The longest idempotency key, in characters.
pub const LONGEST_KEY: usize = 200;

/// The text without what surrounds it, if it is between 1 and `longest` characters long.
///
/// # Errors
///
/// A [`Violation`] at `field` when it is not.
pub fn required_text(field: &str, text: &str, longest: usize) -> Result<String, Violation> {
    let text = text.trim();
    let length = text.chars().count();
    if (1..=longest).contains(&length) {
        Ok(text.to_owned())
    } else {
        Err(Violation::new(
            [field],
            format!("Must have 1 to {longest} characters; it has {length}."),
        ))
    }
}

/// The same for a text that may be left out; a blank one counts as left out.
///
/// # Errors
///
/// A [`Violation`] at `field` when it is too long.
pub fn optional_text(
    field: &str,
    text: Option<&str>,
    longest: usize,
) -> Result<Option<String>, Violation> {
    match text.map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => required_text(field, text, longest).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_trimmed_and_bounded() {
        assert_eq!(required_text("name", " Jakarta ", 7), Ok("Jakarta".into()));
        assert!(required_text("name", "  ", 7).is_err());
        assert!(required_text("name", "Surabaya", 7).is_err());
        assert_eq!(optional_text("reason", Some("  "), 7), Ok(None));
        assert_eq!(required_text("name", "Süd-Öst", 7), Ok("Süd-Öst".into()));
    }
}
