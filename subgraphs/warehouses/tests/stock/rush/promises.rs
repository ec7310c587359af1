//! Tells at once when more was promised than there is, while everything is still going on.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use stockgraph_kit::id::ProductId;
use stockgraph_warehouses::domain::line::Line;

/// Of each product, how much there is at most, and how much is promised at least.
///
/// Nobody outside can know both numbers to the moment. So what makes the bounds tighter is counted when it is answered, and what
/// loosens them before it is asked for: then no order of events that keeps the rules can seem to break them.
pub struct Promises(Mutex<HashMap<ProductId, Bounds>>);

#[derive(Clone, Copy, Default)]
struct Bounds {
    there_at_most: i32,
    promised_at_least: i32,
}

impl Promises {
    /// So many units of each product, and none promised.
    pub fn new(products: &[ProductId], units: i32) -> Self {
        let bounds = Bounds {
            there_at_most: units,
            promised_at_least: 0,
        };
        let all = products.iter().map(|product| (*product, bounds));
        Self(Mutex::new(all.collect()))
    }

    /// These units come (before it is asked for), or are gone (once it is answered; negative).
    pub fn there(&self, product: ProductId, units: i32) {
        self.change(product, |bounds| bounds.there_at_most += units);
    }

    /// These lines are held or sold, as was answered.
    pub fn promised(&self, lines: &[Line]) {
        for line in lines {
            self.change(line.product, |bounds| {
                bounds.promised_at_least += line.quantity;
            });
        }
    }

    /// These lines may be free from now on: it is about to be asked for.
    pub fn let_go(&self, lines: &[Line]) {
        for line in lines {
            self.change(line.product, |bounds| {
                bounds.promised_at_least -= line.quantity;
            });
        }
    }

    fn change(&self, product: ProductId, change: impl FnOnce(&mut Bounds)) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bounds = all.entry(product).or_default();
        change(bounds);
        let Bounds {
            there_at_most,
            promised_at_least,
        } = *bounds;
        assert!(
            promised_at_least <= there_at_most,
            "oversold: of {product} there are {there_at_most} and {promised_at_least} are promised"
        );
    }
}
