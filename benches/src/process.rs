//! What processes use: processor time and memory.

use std::{fs, time::Duration};

/// The processor time that some processes have used since they began, in user and kernel mode.
#[derive(Clone, Copy)]
pub struct CpuTime(Duration);

/// What `/proc/PID/stat` counts in: Linux tells user space hundredths of a second on every architecture of today.
const TICK: Duration = Duration::from_millis(10);

impl CpuTime {
    /// Of these processes together; `None` where there is none, or the system does not tell (only Linux does, in `/proc`).
    pub fn of(processes: &[u32]) -> Option<Self> {
        if processes.is_empty() {
            return None;
        }
        let ticks: Option<u32> = processes.iter().map(|process| ticks(*process)).sum();
        Some(Self(TICK * ticks?))
    }

    /// What was used since then.
    pub fn since(self, before: Self) -> Duration {
        self.0.saturating_sub(before.0)
    }
}

/// Fields 14 and 15 of proc(5)'s `stat`, utime and stime.
fn ticks(process: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The second field, the program's name in parentheses, may hold spaces.
    let after_name = stat.rsplit_once(") ")?.1;
    let mut times = after_name.split(' ').skip(11);
    let user: u32 = times.next()?.parse().ok()?;
    let system: u32 = times.next()?.parse().ok()?;
    Some(user + system)
}

/// The memory that these processes have in RAM, in KiB; `None` as with [`CpuTime::of`].
pub fn resident(processes: &[u32]) -> Option<u64> {
    if processes.is_empty() {
        return None;
    }
    processes.iter().map(|process| resident_of(*process)).sum()
}

/// `VmRSS` of proc(5)'s `status`.
fn resident_of(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}
