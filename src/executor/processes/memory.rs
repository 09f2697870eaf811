//! The highest resident memory of a process, where the system tells it for a few microseconds.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::executor::clock::instant;

/// It is looked up at most this often.
const EVERY: Duration = Duration::from_millis(10);

/// What was looked up last.
#[derive(Debug, Default)]
struct Seen {
    at: Option<Instant>,
    megabytes: u32,
}

/// The memory of one process.
#[derive(Debug)]
pub(super) struct Memory {
    /// `/proc/PID/status`, which is written anew at each read.
    status: Option<std::fs::File>,
    seen: Mutex<Seen>,
}

impl Memory {
    pub fn of(process: Option<u32>) -> Self {
        let path = process.filter(|_| cfg!(target_os = "linux")).map(|process| format!("/proc/{process}/status"));
        Self { status: path.and_then(|path| std::fs::File::open(path).ok()), seen: Mutex::default() }
    }

    /// The highest figure so far in MB, if it is higher than it was.
    pub fn grown(&self) -> Option<u32> {
        let status = self.status.as_ref()?;
        let mut seen = self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let now = instant();
        if seen.at.is_some_and(|at| now.duration_since(at) < EVERY) {
            return None;
        }
        seen.at = Some(now);
        let megabytes = high_water_mark(status)?;
        (megabytes > std::mem::replace(&mut seen.megabytes, megabytes)).then_some(megabytes)
    }
}

#[cfg(unix)]
fn high_water_mark(status: &std::fs::File) -> Option<u32> {
    let mut text = [0; 4_096];
    let length = std::os::unix::fs::FileExt::read_at(status, &mut text, 0).ok()?;
    parse(&text[..length])
}

#[cfg(not(unix))]
fn high_water_mark(_status: &std::fs::File) -> Option<u32> {
    None
}

/// `VmHWM:     12345 kB`, in MB rounded up.
#[cfg_attr(not(unix), expect(dead_code, reason = "only Linux has this file"))]
fn parse(status: &[u8]) -> Option<u32> {
    let line = status.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(b"VmHWM:"))?;
    let kilobytes: u32 = std::str::from_utf8(line).ok()?.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes.div_ceil(1_024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_high_water_mark_is_read_in_megabytes() {
        assert_eq!(parse(b"Name:\tx\nVmPeak:\t  99 kB\nVmHWM:\t   12345 kB\nVmRSS:\t1 kB\n"), Some(13));
        assert_eq!(parse(b"Name:\tzombie\n"), None);
    }
}
