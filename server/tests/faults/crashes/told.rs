//! What the model keeps.

use std::collections::{BTreeMap, HashMap};

/// What everybody was told, and told the shop.
#[derive(Default)]
pub struct Told {
    /// The id of the order that was answered for this key, the product and how many.
    pub orders: BTreeMap<String, Ordered>,
    /// What came in: for which order, under which reference, how much.
    pub payments: Vec<(String, String, i64)>,
    /// How many returns of which order.
    pub returns: HashMap<String, usize>,
    /// How many units of a product were received.
    pub received: HashMap<String, i64>,
}

/// An order that was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ordered {
    pub order: String,
    pub product: String,
    pub quantity: i64,
}
