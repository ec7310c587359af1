//! The lines of a checkout: what may be asked for, and what it costs.

use std::collections::HashSet;

use stockgraph_kit::{
    id::ProductId,
    money::{Money, MoneyError},
};

/// The most lines of an order.
pub const MOST_LINES: usize = 100;

/// The most units of one line.
pub const MOST_UNITS: u32 = 10_000;

/// The longest idempotency key, in characters.
pub const LONGEST_KEY: usize = 200;

/// A line of a cart, as it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CartLine {
    /// Which product.
    pub product: ProductId,
    /// How many units; anything until it is checked.
    pub quantity: i64,
    /// What the customer expects one unit to cost.
    pub expected_unit_price: Option<Money>,
}

/// A rule that a part of the input breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// Path of the part within the input.
    pub path: Vec<String>,
    /// The rule, for people.
    pub message: String,
}

impl Invalid {
    /// The rule that the part at this path breaks.
    pub fn new<P: ToString>(path: impl IntoIterator<Item = P>, message: impl Into<String>) -> Self {
        Self {
            path: path.into_iter().map(|part| part.to_string()).collect(),
            message: message.into(),
        }
    }

    /// The same for the field of a line.
    #[must_use]
    pub fn of_line(index: usize, field: &str, message: impl Into<String>) -> Self {
        Self::new(["lines", &index.to_string(), field], message)
    }
}

/// A line that may be ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckedLine {
    /// Which product; in one line only.
    pub product: ProductId,
    /// How many units: 1 to [`MOST_UNITS`].
    pub quantity: u32,
    /// What the customer expects one unit to cost.
    pub expected_unit_price: Option<Money>,
}

/// Checks a cart and the key it came with; tells everything that is wrong with them.
///
/// # Errors
///
/// Each rule that is broken.
pub fn check(key: &str, lines: &[CartLine]) -> Result<Vec<CheckedLine>, Vec<Invalid>> {
    let mut invalid = Vec::new();
    if key.is_empty() || key.chars().count() > LONGEST_KEY {
        invalid.push(Invalid::new(
            ["idempotencyKey"],
            format!("The key must have 1 to {LONGEST_KEY} characters."),
        ));
    } else if key.contains('\0') {
        // PostgreSQL keeps no such text.
        let message = "The key must not contain the character U+0000.";
        invalid.push(Invalid::new(["idempotencyKey"], message));
    }
    if lines.is_empty() || lines.len() > MOST_LINES {
        let message = format!("An order has 1 to {MOST_LINES} lines.");
        invalid.push(Invalid::new(["lines"], message));
        return Err(invalid);
    }
    let mut seen = HashSet::new();
    let mut checked = Vec::with_capacity(lines.len());
    for (index, line) in lines.iter().enumerate() {
        if !seen.insert(line.product) {
            let message = "The product stands in another line already.";
            invalid.push(Invalid::of_line(index, "productId", message));
        }
        match u32::try_from(line.quantity) {
            Ok(quantity @ 1..=MOST_UNITS) => checked.push(CheckedLine {
                product: line.product,
                quantity,
                expected_unit_price: line.expected_unit_price,
            }),
            _ => {
                let message = format!("The quantity must be between 1 and {MOST_UNITS}.");
                invalid.push(Invalid::of_line(index, "quantity", message));
            }
        }
    }
    if invalid.is_empty() {
        Ok(checked)
    } else {
        Err(invalid)
    }
}

/// What lines of these unit prices and quantities cost together.
///
/// # Errors
///
/// [`MoneyError::CurrencyMismatch`] for prices in two currencies, [`MoneyError::OutOfRange`].
pub fn total(lines: impl IntoIterator<Item = (Money, u32)>) -> Result<Option<Money>, MoneyError> {
    let mut sum: Option<Money> = None;
    for (unit_price, quantity) in lines {
        let price = unit_price.times(quantity)?;
        sum = Some(match sum {
            Some(sum) => sum.plus(price)?,
            None => price,
        });
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use stockgraph_kit::id::Id;
    use uuid::Uuid;

    use super::*;

    fn product(number: u128) -> ProductId {
        ProductId::from_uuid(Uuid::from_u128(number))
    }

    fn line(number: u128, quantity: i64) -> CartLine {
        CartLine {
            product: product(number),
            quantity,
            expected_unit_price: None,
        }
    }

    fn paths(key: &str, lines: &[CartLine]) -> Vec<String> {
        check(key, lines)
            .err()
            .unwrap_or_default()
            .into_iter()
            .map(|invalid| invalid.path.join("."))
            .collect()
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let lines = [line(1, 0), line(2, 1), line(2, 10_001), line(3, -5)];
        assert_eq!(
            paths("", &lines),
            [
                "idempotencyKey",
                "lines.0.quantity",
                "lines.2.productId",
                "lines.2.quantity",
                "lines.3.quantity"
            ]
        );
    }

    #[test]
    fn the_limits_themselves_are_allowed() {
        let most: Vec<_> = (0..100).map(|number| line(number, 10_000)).collect();
        assert_eq!(
            check(&"k".repeat(200), &most).map(|lines| lines.len()),
            Ok(100)
        );
        assert_eq!(paths(&"k".repeat(201), &[line(1, 1)]), ["idempotencyKey"]);
        assert_eq!(paths("k\0", &[line(1, 1)]), ["idempotencyKey"]);
        assert_eq!(paths("k", &[]), ["lines"]);
        let too_many: Vec<_> = (0..101).map(|number| line(number, 1)).collect();
        assert_eq!(paths("k", &too_many), ["lines"]);
    }

    fn money(amount: i64, currency: &str) -> Money {
        Money::from_stored(amount * 100, currency).unwrap()
    }

    #[test]
    fn two_currencies_have_no_total() {
        let lines = [(money(1, "IDR"), 1), (money(1, "USD"), 1)];
        assert!(matches!(
            total(lines),
            Err(MoneyError::CurrencyMismatch(..))
        ));
    }

    proptest! {
        #[test]
        fn the_total_is_the_exact_sum_of_price_times_quantity(
            lines in prop::collection::vec((0_i64..1_000_000, 1_u32..=10_000), 1..=100)
        ) {
            let cents: i64 = lines.iter().map(|(price, quantity)| price * i64::from(*quantity)).sum();
            let priced = lines.iter().map(|(price, quantity)| (money(*price, "USD"), *quantity));
            prop_assert_eq!(total(priced).unwrap(), Some(money(cents, "USD")));
        }
    }
}
