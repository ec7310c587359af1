//! The fixed ids of the demo shop.

use stockgraph_kit::id::Id;
use uuid::Uuid;

/// Milliseconds from the Unix epoch to 2026-01-01T00:00:00Z: the instant in the demo's ids.
const INSTANT: u128 = 1_767_225_600_000;

/// What an id of the demo is of.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    User = 1,
    Product = 2,
    Warehouse = 3,
    Order = 4,
    Category = 5,
}

/// The id of the `number`th of this kind, counted from 1: a UUID v7 with both in its random part.
pub(super) fn id<I: Id>(kind: Kind, number: u32) -> I {
    const VERSION_7: u128 = 7 << 76;
    const VARIANT: u128 = 2 << 62;
    let random = (kind as u128) << 32 | u128::from(number);
    I::from_uuid(Uuid::from_u128(
        INSTANT << 80 | VERSION_7 | VARIANT | random,
    ))
}

#[cfg(test)]
mod tests {
    use stockgraph_kit::id::{OrderId, ProductId};

    use super::*;

    #[test]
    fn the_playground_s_examples_name_what_there_is() {
        let examples = include_str!("../../../tools/playground/examples.mjs");
        let laptop: ProductId = id(Kind::Product, 1);
        let order: OrderId = id(Kind::Order, 1);
        assert!(examples.contains(&laptop.to_string()), "{laptop}");
        assert!(examples.contains(&order.to_string()), "{order}");
    }
}
