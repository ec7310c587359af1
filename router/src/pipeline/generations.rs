//! Mutations part time into generations: what was asked before one ended is not shared with what is asked after it.

use std::sync::atomic::{AtomicU64, Ordering};

/// How many generations one router has before it could meet those of the next.
const OF_ONE_ROUTER: u64 = 1 << 40;

static ROUTERS: AtomicU64 = AtomicU64::new(0);

/// The generations of a router. Those of two routers of one process differ, for they may call subgraphs by the same transports.
pub(super) struct Generations(AtomicU64);

impl Generations {
    pub fn new() -> Self {
        let router = ROUTERS.fetch_add(1, Ordering::Relaxed);
        Generations(AtomicU64::new(router.wrapping_mul(OF_ONE_ROUTER)))
    }

    pub fn current(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// A mutation that is being executed, to be dropped when it has ended.
    pub fn mutation(&self) -> MutationUnderWay<'_> {
        MutationUnderWay(self)
    }
}

/// A mutation that is being executed. The next generation begins when this is dropped.
pub(super) struct MutationUnderWay<'g>(&'g Generations);

impl Drop for MutationUnderWay<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Ordering::AcqRel);
    }
}
