//! Digests of requests: the same key with the same content is a repeated call, with other content a mistake.

use sha2::{Digest, Sha256};
use stockgraph_kit::id::{Id, OrderId, WarehouseId};

use super::{line::CheckedLine, returns::CheckedReturn};

/// SHA-256 of a request.
pub type RequestDigest = [u8; 32];

/// The digest of a checkout. The order of the lines does not matter.
#[must_use]
pub fn of_checkout(lines: &[CheckedLine]) -> RequestDigest {
    let mut lines: Vec<_> = lines.iter().collect();
    lines.sort_by_key(|line| line.product);
    let mut hash = Sha256::new();
    for line in lines {
        hash.update(line.product.uuid().as_bytes());
        hash.update(line.quantity.to_be_bytes());
        // No price is longer than 255 bytes; none has length 0.
        let price = line
            .expected_unit_price
            .map_or_else(String::new, |price| price.to_string());
        hash.update([u8::try_from(price.len()).unwrap_or(u8::MAX)]);
        hash.update(price.as_bytes());
    }
    hash.finalize().into()
}

/// The digest of a return. The order of the lines does not matter.
#[must_use]
pub fn of_return(
    order: OrderId,
    lines: &[CheckedReturn],
    warehouse: Option<WarehouseId>,
    reason: Option<&str>,
) -> RequestDigest {
    let mut lines: Vec<_> = lines.iter().collect();
    lines.sort_by_key(|line| line.line);
    let mut hash = Sha256::new();
    hash.update(order.uuid().as_bytes());
    for line in lines {
        hash.update(line.line.uuid().as_bytes());
        hash.update(line.quantity.to_be_bytes());
    }
    hash.update([u8::from(reason.is_some())]);
    hash.update(reason.unwrap_or_default().as_bytes());
    // Nothing where none is named: digests of before a warehouse could be are the same.
    if let Some(warehouse) = warehouse {
        hash.update([0]);
        hash.update(warehouse.uuid().as_bytes());
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use stockgraph_kit::{id::ProductId, money::Money};
    use uuid::Uuid;

    use super::*;

    fn line(product: u128, quantity: u32, price: Option<i64>) -> CheckedLine {
        CheckedLine {
            product: ProductId::from_uuid(Uuid::from_u128(product)),
            quantity,
            expected_unit_price: price.map(|price| Money::from_stored(price, "IDR").unwrap()),
        }
    }

    #[test]
    fn the_same_cart_in_another_order_is_the_same_request() {
        let (one, two) = (line(1, 1, None), line(2, 3, Some(60_000)));
        assert_eq!(of_checkout(&[one, two]), of_checkout(&[two, one]));
    }

    #[test]
    fn another_quantity_product_or_price_is_another_request() {
        let digest = of_checkout(&[line(1, 1, None)]);
        for other in [line(1, 2, None), line(2, 1, None), line(1, 1, Some(0))] {
            assert_ne!(of_checkout(&[other]), digest);
        }
    }
}
