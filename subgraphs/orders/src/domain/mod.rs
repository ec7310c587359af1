//! The rules and values of orders: no database, no GraphQL, no clock of its own.

pub mod backoff;
pub mod digest;
pub mod effect;
pub mod hold;
pub mod lifecycle;
pub mod line;
pub mod number;
pub mod order;
pub mod payment;
pub mod returns;

use stockgraph_kit::id_type;

id_type!(OrderLineId, "order_line", "Which line of an order.");
id_type!(
    EffectId,
    "effect",
    "Which of the things that an order owes the warehouses."
);
id_type!(PaymentId, "payment", "Which payment.");
id_type!(ReturnId, "return", "Which return of goods.");
id_type!(
    RestockId,
    "restock",
    "Which restocking of goods that were sold."
);
