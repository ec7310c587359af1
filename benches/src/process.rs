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

    /// Of this process and its children, those among them that have ended; `None` as with [`of`](Self::of).
    pub fn of_family(parent: u32) -> Option<Self> {
        let stat = Stat::of(parent)?;
        let children: u64 = fs::read_dir("/proc")
            .ok()?
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter_map(Stat::of)
            .filter(|child| child.parent == parent)
            .map(|child| child.own + child.ended_children)
            .sum();
        let ticks = stat.own + stat.ended_children + children;
        Some(Self(TICK * u32::try_from(ticks).ok()?))
    }

    /// What was used since then.
    pub fn since(self, before: Self) -> Duration {
        self.0.saturating_sub(before.0)
    }
}

/// What proc(5)'s `stat` says of a process.
struct Stat {
    parent: u32,
    /// What it used, in ticks.
    own: u64,
    /// What its children used that have ended.
    ended_children: u64,
}

impl Stat {
    fn of(process: u32) -> Option<Self> {
        Self::read(&fs::read_to_string(format!("/proc/{process}/stat")).ok()?)
    }

    /// Fields 4 and 14 to 17: ppid, utime, stime, cutime and cstime.
    fn read(stat: &str) -> Option<Self> {
        // The second field, the program's name in parentheses, may hold spaces.
        let after_name = stat.rsplit_once(") ")?.1;
        let fields: Vec<&str> = after_name.split(' ').collect();
        let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
        Some(Self {
            parent: number(4)?.try_into().ok()?,
            own: number(14)? + number(15)?,
            ended_children: number(16)? + number(17)?,
        })
    }
}

fn ticks(process: u32) -> Option<u32> {
    Stat::of(process)?.own.try_into().ok()
}

/// The program's name and the process that began this one.
pub fn name_and_parent(process: u32) -> Option<(String, u32)> {
    let name = fs::read_to_string(format!("/proc/{process}/comm")).ok()?;
    Some((name.trim_end().to_owned(), Stat::of(process)?.parent))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_of_a_process_is_read_by_its_fields() {
        let text = "42 (a (b) c) S 7 42 42 0 -1 4194560 1 2 3 4 11 22 33 44 20 0 1 0";
        let stat = Stat::read(text).unwrap();
        assert_eq!(stat.parent, 7);
        assert_eq!(stat.own, 33);
        assert_eq!(stat.ended_children, 77);
    }
}
