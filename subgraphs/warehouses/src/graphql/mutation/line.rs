//! `StockLineInput`.

use async_graphql::{ID, InputObject};
use stockgraph_kit::{id::ProductId, user_error::InvalidInput};

use crate::domain::line::Line;

/// So many units of a product.
#[derive(InputObject)]
pub struct StockLineInput {
    /// The product; each product once in a request.
    product_id: ID,
    /// How many units: 1 to 1,000,000.
    quantity: i32,
}

/// The lines of an input, or what is wrong with their ids.
pub(super) fn lines(input: &[StockLineInput]) -> Result<Vec<Line>, Vec<InvalidInput>> {
    let mut lines = Vec::with_capacity(input.len());
    let mut invalid = Vec::new();
    for (position, line) in input.iter().enumerate() {
        let path = ["lines".into(), position.to_string(), "productId".into()];
        match InvalidInput::parse_id::<ProductId, _>(path, &line.product_id) {
            Ok(product) => lines.push(Line {
                product,
                quantity: line.quantity,
            }),
            Err(error) => invalid.push(error),
        }
    }
    if invalid.is_empty() {
        Ok(lines)
    } else {
        Err(invalid)
    }
}
