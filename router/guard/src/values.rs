//! How large the values are that a request gives: arguments and variables.

use crate::limits::{Exceeded, Limit, Limits};

/// The sizes of some values together.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Values {
    /// Items of the longest list.
    pub list_items: usize,
    /// Bytes of the longest string.
    pub string_bytes: usize,
    /// How many values there are: each scalar, list and object is one.
    pub total: usize,
    /// How many lists and objects stand inside each other.
    pub depth: usize,
}

impl Values {
    /// One scalar that is no string.
    #[must_use]
    pub fn scalar() -> Self {
        Values {
            total: 1,
            ..Values::default()
        }
    }

    /// One string of so many bytes.
    #[must_use]
    pub fn string(bytes: usize) -> Self {
        Values {
            string_bytes: bytes,
            ..Values::scalar()
        }
    }

    /// A list of these items.
    #[must_use]
    pub fn list(items: impl Iterator<Item = Self>) -> Self {
        let mut length = 0;
        let mut all = items
            .inspect(|_| length += 1)
            .fold(Values::scalar(), Values::and);
        all.list_items = all.list_items.max(length);
        all.depth += 1;
        all
    }

    /// An object of these values.
    #[must_use]
    pub fn object(values: impl Iterator<Item = Self>) -> Self {
        let mut all = values.fold(Values::scalar(), Values::and);
        all.depth += 1;
        all
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Values {
            list_items: self.list_items.max(other.list_items),
            string_bytes: self.string_bytes.max(other.string_bytes),
            total: self.total.saturating_add(other.total),
            depth: self.depth.max(other.depth),
        }
    }

    /// Whether the limits allow these values.
    ///
    /// # Errors
    /// The limit that they exceed.
    pub fn check(&self, limits: &Limits) -> Result<(), Exceeded> {
        Limit::ListItems.allow(self.list_items, limits.list_items)?;
        Limit::StringBytes.allow(self.string_bytes, limits.string_bytes)?;
        Limit::InputDepth.allow(self.depth, limits.input_depth)?;
        Limit::InputValues.allow(self.total, limits.input_values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_objects_are_measured_by_their_largest_part_and_their_sum() {
        let inner = Values::list([Values::string(3), Values::string(9)].into_iter());
        let outer = Values::object([inner, Values::scalar()].into_iter());
        assert_eq!(
            outer,
            Values {
                list_items: 2,
                string_bytes: 9,
                total: 5,
                depth: 2
            }
        );
    }
}
