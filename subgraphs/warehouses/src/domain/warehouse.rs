//! Where stock is.

use chrono::{DateTime, Utc};

use super::{
    text_enum::text_enum,
    violation::{Violation, optional_text, required_text},
};

pub use stockgraph_kit::id::WarehouseId;

text_enum! {
    /// Whether a warehouse's stock can be ordered.
    WarehouseStatus {
        /// Its stock can be ordered.
        Active = "ACTIVE",
        /// Its stock cannot be ordered; what is reserved there can still be sold or given back.
        Inactive = "INACTIVE",
    }
}

/// A place that stock is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warehouse {
    /// Which one.
    pub id: WarehouseId,
    /// Short and unique, e.g. `JKT`.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Where it is, in words.
    pub location: Option<String>,
    /// Whether its stock can be ordered.
    pub status: WarehouseStatus,
    /// Stock is taken from the warehouse with the lowest number first.
    pub priority: i32,
    /// Since when it is known.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
}

impl Warehouse {
    /// Whether its stock can be ordered.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.status == WarehouseStatus::Active
    }

    /// The order in which warehouses give: by priority, then by code, which no two share.
    #[must_use]
    pub fn rank(&self) -> (i32, &str) {
        (self.priority, &self.code)
    }
}

/// The longest code, in characters.
const LONGEST_CODE: usize = 32;

/// The longest name, in characters.
const LONGEST_NAME: usize = 200;

/// The longest location, in characters.
const LONGEST_LOCATION: usize = 500;

/// A warehouse's code: 1 to 32 of `A`–`Z`, `0`–`9`, `-` and `_`, beginning with a letter or digit. Small letters are raised.
///
/// # Errors
///
/// A [`Violation`] at `code`.
pub fn check_code(code: &str) -> Result<String, Violation> {
    let code = required_text("code", code, LONGEST_CODE)?.to_ascii_uppercase();
    let allowed = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if code.chars().all(allowed) && code.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        Ok(code)
    } else {
        Err(Violation::new(
            ["code"],
            "May have letters, digits, `-` and `_`, and begins with a letter or digit.",
        ))
    }
}

/// A warehouse's name.
///
/// # Errors
///
/// A [`Violation`] at `name`.
pub fn check_name(name: &str) -> Result<String, Violation> {
    required_text("name", name, LONGEST_NAME)
}

/// A warehouse's location; a blank one is none.
///
/// # Errors
///
/// A [`Violation`] at `location`.
pub fn check_location(location: Option<&str>) -> Result<Option<String>, Violation> {
    optional_text("location", location, LONGEST_LOCATION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_short_and_plain() {
        assert_eq!(check_code(" jkt-1 "), Ok("JKT-1".into()));
        for code in ["", " ", "-JKT", "J KT", "JÄT", &"J".repeat(33)] {
            assert!(check_code(code).is_err(), "{code}");
        }
    }
}
