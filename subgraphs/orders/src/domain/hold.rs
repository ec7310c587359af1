//! The ids of holds and restockings. They are derived, never drawn, so that whoever tries again after a crash asks for the same
//! thing again.

use stockgraph_kit::id::{Id, OrderId, ReservationId, UserId};
use uuid::Uuid;

use super::{RestockId, ReturnId};

/// The namespace of the derived ids ([RFC 9562](https://www.rfc-editor.org/rfc/rfc9562#section-5.5)).
const NAMESPACE: Uuid = Uuid::from_u128(0x7a1d_5c1e_93b4_4f0a_8a57_20c6_4be0_91d3);

/// How many holds a checkout tries one after the other. Each one but the last was made by a checkout that was cut off before its
/// order was written, and has ended since.
pub const MOST_ATTEMPTS: u32 = 16;

fn derived(kind: &str, parts: &[&[u8]]) -> Uuid {
    let mut name = kind.as_bytes().to_vec();
    for part in parts {
        name.push(0);
        name.extend_from_slice(part);
    }
    Uuid::new_v5(&NAMESPACE, &name)
}

/// The hold of a customer's checkout with this key. `attempt` counts the holds of the same checkout that have ended without an
/// order.
#[must_use]
pub fn hold_id(customer: UserId, key: &str, attempt: u32) -> ReservationId {
    ReservationId::from_uuid(derived(
        "checkout",
        &[
            customer.uuid().as_bytes(),
            &attempt.to_be_bytes(),
            key.as_bytes(),
        ],
    ))
}

/// The hold that takes the place of one that a paid order has lost.
#[must_use]
pub fn renewed_hold_id(lost: ReservationId) -> ReservationId {
    ReservationId::from_uuid(derived("renewed", &[lost.uuid().as_bytes()]))
}

/// The restocking of a paid order that is cancelled.
#[must_use]
pub fn cancellation_restock_id(order: OrderId) -> RestockId {
    RestockId::from_uuid(derived("cancelled", &[order.uuid().as_bytes()]))
}

/// The restocking of a return: of this order, so that a return's id that was used twice cannot pass for another's goods.
#[must_use]
pub fn return_restock_id(order: OrderId, id: ReturnId) -> RestockId {
    RestockId::from_uuid(derived(
        "returned",
        &[order.uuid().as_bytes(), id.uuid().as_bytes()],
    ))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn user(number: u128) -> UserId {
        UserId::from_uuid(Uuid::from_u128(number))
    }

    #[test]
    fn the_same_checkout_has_the_same_hold_and_every_other_another() {
        assert_eq!(hold_id(user(1), "key", 0), hold_id(user(1), "key", 0));
        let holds = [
            hold_id(user(1), "key", 0),
            hold_id(user(1), "key", 1),
            hold_id(user(1), "other", 0),
            hold_id(user(2), "key", 0),
            renewed_hold_id(hold_id(user(1), "key", 0)),
        ];
        assert_eq!(HashSet::from(holds).len(), holds.len());
    }
}
