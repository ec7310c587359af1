//! What was done, by kind.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, PoisonError},
};

/// Counts what was done, and what was refused.
#[derive(Default)]
pub struct Tally(Mutex<BTreeMap<&'static str, [u64; 2]>>);

impl Tally {
    /// Counts one that was done or refused.
    pub fn count(&self, kind: &'static str, done: bool) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.entry(kind).or_default()[usize::from(!done)] += 1;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (kind, [done, refused]) in &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            write!(f, " | {kind} {done}/{refused}")?;
        }
        Ok(())
    }
}
