//! Returns: how much of a delivered order may come back, and what is owed for it.

use std::collections::HashSet;

use stockgraph_kit::money::{Money, MoneyError};

use super::{
    OrderLineId,
    line::{Invalid, MOST_LINES, total},
    order::OrderLine,
};

/// A line of a return, as it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReturnLine {
    /// Which line of the order.
    pub line: OrderLineId,
    /// How many units; anything until it is checked.
    pub quantity: i64,
}

/// A line of a return whose quantity is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckedReturn {
    /// Which line of the order.
    pub line: OrderLineId,
    /// How many units, at least 1.
    pub quantity: u32,
}

/// Checks what can be said of a return without its order.
///
/// # Errors
///
/// Each rule that is broken.
pub fn check(lines: &[ReturnLine]) -> Result<Vec<CheckedReturn>, Vec<Invalid>> {
    if lines.is_empty() || lines.len() > MOST_LINES {
        let message = format!("A return has 1 to {MOST_LINES} lines.");
        return Err(vec![Invalid::new(["lines"], message)]);
    }
    let mut invalid = Vec::new();
    let mut seen = HashSet::new();
    let mut checked = Vec::with_capacity(lines.len());
    for (index, line) in lines.iter().enumerate() {
        if !seen.insert(line.line) {
            let message = "The line of the order stands in another line already.";
            invalid.push(Invalid::of_line(index, "orderLineId", message));
        }
        match u32::try_from(line.quantity) {
            Ok(quantity) if quantity > 0 => checked.push(CheckedReturn {
                line: line.line,
                quantity,
            }),
            _ => invalid.push(Invalid::of_line(
                index,
                "quantity",
                "The quantity must be at least 1.",
            )),
        }
    }
    if invalid.is_empty() {
        Ok(checked)
    } else {
        Err(invalid)
    }
}

/// The lines of the order that come back, each with how many units of it.
///
/// # Errors
///
/// Each line that is not the order's, and each from which more would come back than went out.
pub fn matched<'a>(
    lines: &[CheckedReturn],
    order_lines: &'a [OrderLine],
) -> Result<Vec<(&'a OrderLine, u32)>, Vec<Invalid>> {
    let mut invalid = Vec::new();
    let mut matched = Vec::with_capacity(lines.len());
    for (index, asked) in lines.iter().enumerate() {
        let Some(line) = order_lines.iter().find(|line| line.id == asked.line) else {
            let message = "The order has no such line.";
            invalid.push(Invalid::of_line(index, "orderLineId", message));
            continue;
        };
        let left = line.quantity - line.returned_quantity;
        if asked.quantity > left {
            let message = format!("No more than {left} of this line can still come back.");
            invalid.push(Invalid::of_line(index, "quantity", message));
        } else {
            matched.push((line, asked.quantity));
        }
    }
    if invalid.is_empty() {
        Ok(matched)
    } else {
        Err(invalid)
    }
}

/// What is owed for goods that came back: what was paid for them.
///
/// # Errors
///
/// [`MoneyError`], never for lines of one order.
pub fn refund(matched: &[(&OrderLine, u32)]) -> Result<Option<Money>, MoneyError> {
    total(
        matched
            .iter()
            .map(|(line, quantity)| (line.unit_price, *quantity)),
    )
}

#[cfg(test)]
mod tests {
    use stockgraph_kit::id::{Id, ProductId};
    use uuid::Uuid;

    use super::*;

    fn order_line(number: u128, quantity: u32, returned_quantity: u32) -> OrderLine {
        OrderLine {
            id: OrderLineId::from_uuid(Uuid::from_u128(number)),
            product: ProductId::from_uuid(Uuid::from_u128(number)),
            sku: "SKU".into(),
            name: "Name".into(),
            quantity,
            unit_price: Money::from_stored(60_000, "IDR").unwrap(),
            returned_quantity,
        }
    }

    fn asked(number: u128, quantity: i64) -> ReturnLine {
        ReturnLine {
            line: OrderLineId::from_uuid(Uuid::from_u128(number)),
            quantity,
        }
    }

    fn paths(invalid: Vec<Invalid>) -> Vec<String> {
        invalid
            .into_iter()
            .map(|rule| rule.path.join("."))
            .collect()
    }

    #[test]
    fn no_more_comes_back_than_went_out() {
        let order = [order_line(1, 3, 1), order_line(2, 1, 0)];
        let lines = check(&[asked(1, 3), asked(9, 1), asked(2, 1)]).unwrap();
        let refused = matched(&lines, &order).unwrap_err();
        assert_eq!(paths(refused), ["lines.0.quantity", "lines.1.orderLineId"]);
        let lines = check(&[asked(1, 2), asked(2, 1)]).unwrap();
        let back = matched(&lines, &order).unwrap();
        let owed = refund(&back).unwrap().unwrap();
        assert_eq!(owed, Money::from_stored(180_000, "IDR").unwrap());
    }

    #[test]
    fn a_line_comes_back_once_in_a_return_and_at_least_one_of_it() {
        let refused = check(&[asked(1, 1), asked(1, 1), asked(2, 0), asked(3, -1)]).unwrap_err();
        assert_eq!(
            paths(refused),
            [
                "lines.1.orderLineId",
                "lines.2.quantity",
                "lines.3.quantity"
            ]
        );
        assert_eq!(paths(check(&[]).unwrap_err()), ["lines"]);
    }
}
