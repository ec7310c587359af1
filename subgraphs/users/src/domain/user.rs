//! A person with an account.

use chrono::{DateTime, Utc};
use stockgraph_kit::id::UserId;

use super::role::Roles;

/// The longest display name, in characters.
const LONGEST_NAME: usize = 100;

/// A person with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Which user.
    pub id: UserId,
    /// In lower case.
    pub email: String,
    /// In E.164.
    pub phone_number: Option<String>,
    /// What others call them, if they said.
    pub display_name: Option<String>,
    /// What they are in the shop.
    pub roles: Roles,
    /// Whether they may sign in.
    pub active: bool,
    /// When the account was opened.
    pub created_at: DateTime<Utc>,
    /// When the account was changed last.
    pub updated_at: DateTime<Utc>,
}

/// What a person is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisplayName(String);

/// The text is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("A display name has 1 to {LONGEST_NAME} characters on one line.")]
pub struct DisplayNameError;

impl DisplayName {
    /// Reads a name.
    ///
    /// # Errors
    ///
    /// [`DisplayNameError`] for one that is empty, too long or has control characters in it.
    pub fn parse(text: &str) -> Result<Self, DisplayNameError> {
        let text = text.trim();
        let length = text.chars().take(LONGEST_NAME + 1).count();
        if (1..=LONGEST_NAME).contains(&length) && !text.chars().any(char::is_control) {
            Ok(Self(text.to_owned()))
        } else {
            Err(DisplayNameError)
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<DisplayName> for String {
    fn from(name: DisplayName) -> Self {
        name.0
    }
}

/// What a search looks in: e-mail address, phone number and name, in lower case, on a line each.
#[must_use]
pub fn search_text(user: &User) -> String {
    let phone_number = user.phone_number.as_deref().unwrap_or_default();
    let display_name = user.display_name.as_deref().unwrap_or_default();
    format!("{}\n{phone_number}\n{display_name}", user.email).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_have_a_length() {
        assert_eq!(
            DisplayName::parse("  Ayu Lestari ").unwrap().as_str(),
            "Ayu Lestari"
        );
        assert!(DisplayName::parse(&"é".repeat(100)).is_ok());
        for text in ["", "  ", "a\nb", "a\u{0}", &"é".repeat(101)] {
            assert_eq!(DisplayName::parse(text), Err(DisplayNameError));
        }
    }
}
