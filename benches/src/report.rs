//! What came of a load, for a person to read.

use std::time::Duration;

use crate::load::{Latencies, LoadOptions, Measured, Memory};

/// Prints it. `on` says what was loaded.
pub fn print(measured: &Measured, options: &LoadOptions, on: &str) {
    let seconds = measured.elapsed.as_secs_f64();
    let answered = measured.latencies.len();
    println!("load         {}", measured.what);
    println!("on           {on}");
    println!(
        "how          {}, {seconds:.1} s after {} s of warm-up",
        measured.how, options.warm_up
    );
    if answered > 0 {
        println!(
            "requests     {answered}, {:.0} per second",
            measured.per_second()
        );
        println!(
            "latency      p50 {}, p95 {}, p99 {}, longest {} ms",
            percentile(&measured.latencies, 50.0),
            percentile(&measured.latencies, 95.0),
            percentile(&measured.latencies, 99.0),
            percentile(&measured.latencies, 100.0),
        );
    }
    if let Some(cpu) = measured.cpu.filter(|_| answered > 0) {
        println!(
            "CPU          {:.3} ms per request, {:.2} processors busy",
            milliseconds(cpu) / answered as f64,
            cpu.as_secs_f64() / seconds
        );
    }
    if let Some(memory) = memory(&measured.memory) {
        println!("memory       {memory}");
    }
    let failed: u64 = measured.errors.values().sum();
    println!("errors       {failed}");
    for (error, times) in &measured.errors {
        println!("             {times} × {error}");
    }
}

/// The latency that so many per cent of the requests did not exceed, in milliseconds.
pub fn percentile(latencies: &Latencies, per_cent: f64) -> String {
    let micros = latencies.value_at_percentile(per_cent);
    format!("{:.2}", milliseconds(Duration::from_micros(micros)))
}

/// The means of the first and the last tenth of the time, and the peak.
fn memory(Memory(samples): &Memory) -> Option<String> {
    let tenth = (samples.len() / 10).max(1);
    let mean = |part: &[(u64, u64)]| {
        let sum: u64 = part.iter().map(|(_, resident)| resident).sum();
        sum as f64 / part.len() as f64 / 1024.0
    };
    let peak = samples.iter().map(|(_, resident)| resident).max()?;
    Some(format!(
        "{:.1} MiB in the first tenth, {:.1} in the last, {:.1} at most",
        mean(&samples[..tenth]),
        mean(&samples[samples.len() - tenth..]),
        *peak as f64 / 1024.0
    ))
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_smallest_latency_that_covers_it() {
        let mut latencies = Latencies::new(3).unwrap();
        for number in 1..=100 {
            latencies.record(number * 10).unwrap();
        }
        assert_eq!(percentile(&latencies, 50.0), "0.50");
        assert_eq!(percentile(&latencies, 99.0), "0.99");
        assert_eq!(percentile(&latencies, 100.0), "1.00");
    }

    #[test]
    fn memory_is_told_from_its_first_tenth_to_its_last() {
        let samples = (0..20).map(|second| (second, 1024 * (second + 1)));
        let told = memory(&Memory(samples.collect())).unwrap();
        assert_eq!(
            told,
            "1.5 MiB in the first tenth, 19.5 in the last, 20.0 at most"
        );
        assert_eq!(memory(&Memory::default()), None);
    }
}
