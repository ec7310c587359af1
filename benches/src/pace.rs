//! Sends requests at a pace until it is told to stop, and keeps the time of each: what is before and what is after may be told apart
//! when it is known.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{sync::watch, task::JoinSet, time::sleep_until};

use crate::load::{Latencies, Load, no_latencies};

/// A request.
pub struct Sent {
    /// When it was due.
    due: Instant,
    /// From then until it was answered.
    took: Duration,
}

/// Sends `rate` requests a second, each at its time, until `stop` says so. The times of all, which were answered rightly.
///
/// # Errors
///
/// A request failed.
pub async fn run(
    load: Arc<impl Load>,
    rate: u32,
    mut stop: watch::Receiver<bool>,
) -> anyhow::Result<Vec<Sent>> {
    let mut all = Vec::new();
    let mut under_way = JoinSet::new();
    let mut due = Instant::now();
    let mut number = 0;
    while !*stop.borrow() {
        tokio::select! {
            () = sleep_until(due.into()) => {}
            // Also when nobody is left who could say so.
            _ = stop.changed() => break,
        }
        let load = Arc::clone(&load);
        under_way.spawn(async move {
            load.send(number as usize, number).await?;
            anyhow::Ok(Sent {
                due,
                took: due.elapsed(),
            })
        });
        while let Some(sent) = under_way.try_join_next() {
            all.push(sent??);
        }
        number += 1;
        due += Duration::from_secs(1) / rate;
    }
    while let Some(sent) = under_way.join_next().await {
        all.push(sent??);
    }
    Ok(all)
}

/// The latencies of those that were due from `begin` on and before `end`.
pub fn between(sent: &[Sent], begin: Instant, end: Instant) -> Latencies {
    let mut latencies = no_latencies();
    for one in sent.iter().filter(|one| (begin..end).contains(&one.due)) {
        let micros = u64::try_from(one.took.as_micros()).unwrap_or(u64::MAX);
        latencies.saturating_record(micros);
    }
    latencies
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_belongs_to_the_time_at_which_it_was_due() {
        let begin = Instant::now();
        let after = |seconds| begin + Duration::from_secs(seconds);
        let sent: Vec<Sent> = (0..10)
            .map(|second| Sent {
                due: after(second),
                took: Duration::from_secs(5),
            })
            .collect();
        assert_eq!(between(&sent, after(2), after(4)).len(), 2);
    }
}
