//! What was done and what came of it, for people to read.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use comfy_table::{Table, presets};

/// Counts. Clones are the same.
#[derive(Clone, Default)]
pub struct Report(Arc<Mutex<Counts>>);

#[derive(Default)]
struct Counts {
    name: String,
    kinds: BTreeMap<&'static str, [u64; 3]>,
    lost: BTreeMap<String, u64>,
    numbers: BTreeMap<String, u64>,
    faults: BTreeMap<String, u64>,
    recoveries: BTreeMap<&'static str, Vec<Duration>>,
    times: BTreeMap<&'static str, Vec<Duration>>,
}

/// How a call ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    Done,
    Refused,
    /// At first nobody knew. What it came to was found out by sending it again.
    Unknown,
}

impl Report {
    /// An empty one, of this.
    pub fn named(name: &str) -> Self {
        let report = Self::default();
        name.clone_into(&mut report.counts().name);
        report
    }

    /// A call that ended so.
    pub fn call(&self, kind: &'static str, ended: Ended) {
        self.counts().kinds.entry(kind).or_default()[ended as usize] += 1;
    }

    /// A call that was not answered, for this reason.
    pub fn lost(&self, reason: &str) {
        *self.counts().lost.entry(reason.to_owned()).or_default() += 1;
    }

    /// So many more of something.
    pub fn add(&self, what: &'static str, number: usize) {
        *self.counts().numbers.entry(what.to_owned()).or_default() += number as u64;
    }

    /// So many of something, whatever was said before.
    pub fn set(&self, what: &str, number: usize) {
        self.counts().numbers.insert(what.to_owned(), number as u64);
    }

    /// Something that went wrong on purpose.
    pub fn fault(&self, what: &str) {
        *self.counts().faults.entry(what.to_owned()).or_default() += 1;
    }

    /// How long something took.
    pub fn took(&self, what: &'static str, time: Duration) {
        self.counts().times.entry(what).or_default().push(time);
    }

    /// How long something took, each time it was done, whatever was said before.
    pub fn set_times(&self, what: &'static str, times: Vec<Duration>) {
        self.counts().times.insert(what, times);
    }

    /// How long it took from the start of what was down to the first answer.
    pub fn recovered(&self, what: &'static str, after: Duration) {
        self.counts()
            .recoveries
            .entry(what)
            .or_default()
            .push(after);
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.counts();
        let mut table = Table::new();
        table.load_style(presets::ASCII_MARKDOWN).set_header([
            "call",
            "done",
            "refused",
            "unknown at first",
        ]);
        for (kind, numbers) in &counts.kinds {
            let mut row = vec![(*kind).to_owned()];
            row.extend(numbers.iter().map(u64::to_string));
            table.add_row(row);
        }
        if !counts.name.is_empty() {
            writeln!(f, "{}", counts.name)?;
        }
        writeln!(f, "{table}")?;
        for (what, number) in &counts.faults {
            writeln!(f, "fault, {what}: {number}")?;
        }
        for (what, number) in &counts.numbers {
            writeln!(f, "{what}: {number}")?;
        }
        for (reason, number) in &counts.lost {
            writeln!(f, "not answered, {reason}: {number}")?;
        }
        for (what, times) in &counts.recoveries {
            let mut times = times.clone();
            times.sort_unstable();
            let millis = |at: usize| times[at].as_millis();
            let (middle, last) = (times.len() / 2, times.len() - 1);
            writeln!(
                f,
                "from the start of {what} to the first answer: {} ms at best, {} at the median, {} at worst",
                millis(0),
                millis(middle),
                millis(last)
            )?;
        }
        for (what, times) in &counts.times {
            let mut times = times.clone();
            times.sort_unstable();
            // Of no times, nothing.
            let percentile =
                |of: usize| times.get((times.len() * of / 100).min(times.len().saturating_sub(1)));
            let millis = |of| percentile(of).map_or(0, Duration::as_millis);
            writeln!(
                f,
                "{what}: {} times, {} ms at the median, {} at the 99th percentile, {} at worst",
                times.len(),
                millis(50),
                millis(99),
                millis(100)
            )?;
        }
        Ok(())
    }
}
