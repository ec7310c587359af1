//! How long to wait before what failed is tried again.

use chrono::TimeDelta;

/// The wait after the `attempts`-th failure: `first`, doubled with each failure, at most `longest`, of which a random half is taken
/// off, so that what failed together does not come back together.
#[must_use]
pub fn wait(attempts: u32, first: TimeDelta, longest: TimeDelta, random: [u8; 2]) -> TimeDelta {
    let doublings = attempts.saturating_sub(1).min(20);
    let whole = first
        .checked_mul(1 << doublings)
        .map_or(longest, |wait| wait.min(longest));
    let half = whole / 2;
    let jitter = half.num_microseconds().unwrap_or_default() / i64::from(u16::MAX)
        * i64::from(u16::from_le_bytes(random));
    half + TimeDelta::microseconds(jitter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_is_twice_the_one_before_until_the_longest() {
        let wait = |attempts, random| {
            let (first, longest) = (TimeDelta::seconds(1), TimeDelta::seconds(60));
            wait(attempts, first, longest, random).num_milliseconds()
        };
        assert_eq!(wait(1, [0; 2]), 500);
        assert_eq!(wait(2, [0; 2]), 1_000);
        assert_eq!(wait(7, [0; 2]), 30_000);
        assert_eq!(wait(u32::MAX, [0; 2]), 30_000);
        for attempts in 1..10 {
            let (least, most) = (wait(attempts, [0; 2]), wait(attempts, [255; 2]));
            assert!(
                least < most && most <= 2 * least,
                "{attempts}: {least} to {most}"
            );
        }
    }
}
