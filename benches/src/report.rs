//! What came of a load, for a person to read.

use std::time::Duration;

use crate::{
    load::{LoadOptions, Measured},
    server::Server,
};

/// Prints it.
pub fn print(measured: &Measured, options: &LoadOptions, server: &Server) {
    let seconds = measured.elapsed.as_secs_f64();
    let answered = measured.latencies.len();
    println!("load         {}", measured.what);
    println!("server       {}", server.description());
    println!(
        "connections  {}, {seconds:.1} s after {} s of warm-up",
        measured.connections, options.warm_up
    );
    if answered > 0 {
        println!(
            "requests     {answered}, {:.0} per second",
            answered as f64 / seconds
        );
        println!(
            "latency      p50 {}, p95 {}, p99 {}, longest {} ms",
            percentile(&measured.latencies, 50),
            percentile(&measured.latencies, 95),
            percentile(&measured.latencies, 99),
            percentile(&measured.latencies, 100),
        );
    }
    if let Some(cpu) = measured.cpu.filter(|_| answered > 0) {
        println!(
            "server CPU   {:.3} ms per request, {:.2} processors busy",
            milliseconds(cpu) / answered as f64,
            cpu.as_secs_f64() / seconds
        );
    }
    let failed: u64 = measured.errors.values().sum();
    println!("errors       {failed}");
    for (error, times) in &measured.errors {
        println!("             {times} × {error}");
    }
}

/// The latency that so many per cent of the requests did not exceed, in milliseconds; `sorted` is not empty.
fn percentile(sorted: &[u32], per_cent: usize) -> String {
    let rank = (sorted.len() * per_cent).div_ceil(100).max(1);
    let latency = Duration::from_micros(sorted[rank - 1].into());
    format!("{:.2}", milliseconds(latency))
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn a_percentile_is_the_smallest_latency_that_covers_it() {
        let hundred: Vec<u32> = (1..=100).map(|number| number * 1_000).collect();
        assert_eq!(percentile(&hundred, 50), "50.00");
        assert_eq!(percentile(&hundred, 99), "99.00");
        assert_eq!(percentile(&hundred, 100), "100.00");
        assert_eq!(percentile(&[1_500], 99), "1.50");
    }
}
