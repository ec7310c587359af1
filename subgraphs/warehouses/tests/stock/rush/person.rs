//! What everybody has who takes part: a number, a process to talk to, and chance.

use std::{ops::Range, sync::Arc};

use rand::{Rng, SeedableRng, rngs::StdRng};
use stockgraph_kit::id::Id;
use stockgraph_warehouses::{domain::warehouse::WarehouseId, service::Warehouses};
use uuid::{Builder, Uuid};

use super::Rush;

/// Somebody who takes part.
pub struct Person {
    pub rush: Arc<Rush>,
    number: usize,
    /// What this one asks for follows from it alone.
    pub rng: StdRng,
}

impl Person {
    pub fn new(rush: &Arc<Rush>, number: usize) -> Self {
        let seed = rush.seed.wrapping_mul(10_000).wrapping_add(number as u64);
        Self {
            rush: Arc::clone(rush),
            number,
            rng: StdRng::seed_from_u64(seed),
        }
    }

    /// What this one's twin number so-and-so talks to.
    pub fn process(&self, twin: usize) -> &Warehouses {
        self.rush.shop.process(self.number + twin)
    }

    pub fn chance(&mut self, percent: u32) -> bool {
        self.rng.random_ratio(percent, 100)
    }

    /// How often the same is asked for at the same moment: mostly once.
    pub fn twins(&mut self) -> Range<usize> {
        let more = if self.chance(30) {
            self.rng.random_range(1..=2)
        } else {
            0
        };
        0..1 + more
    }

    pub fn uuid(&mut self) -> Uuid {
        Builder::from_random_bytes(self.rng.random()).into_uuid()
    }

    pub fn id<I: Id>(&mut self) -> I {
        I::from_uuid(self.uuid())
    }

    pub fn warehouse(&mut self) -> WarehouseId {
        let number = self.rng.random_range(0..self.rush.shop.warehouses.len());
        self.rush.shop.warehouses[number]
    }
}
