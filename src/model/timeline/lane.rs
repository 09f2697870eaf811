//! One row of bars: sorted, not overlapping, with sums for what is too narrow to draw.

use super::super::selection::{InvocationModel, Selection};

/// What ended further back does not change any more.
const RECENT: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BarKind {
    Init,
    Run(InvocationModel),
    Wait,
    /// A call of a client.
    Call(InvocationModel),
}

/// A bar as the panel needs it; times in microseconds since the epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    pub start: u64,
    /// `None` while it goes on.
    pub end: Option<u64>,
    pub kind: BarKind,
    pub failed: bool,
    pub attempt: Option<u32>,
    pub target: Selection,
}

/// Bars in order of time, as columns.
#[derive(Clone, Debug, Default)]
pub struct Lane {
    starts: Vec<u64>,
    /// `u64::MAX` while the last bar goes on.
    ends: Vec<u64>,
    kinds: Vec<BarKind>,
    failed: Vec<bool>,
    attempts: Vec<Option<u32>>,
    targets: Vec<Selection>,
    /// `failures[i]` of the bars before `i` failed.
    failures: Vec<u32>,
}

impl Lane {
    /// Gives back when the bar began that went on until now and ends where this one begins.
    pub(super) fn begin(&mut self, at: u64, kind: BarKind, target: Selection, attempt: Option<u32>) -> Option<u64> {
        // An open bar cannot lie under the next one, and time does not go back.
        let ended = self.end(at, false);
        let at = self.ends.last().map_or(at, |end| at.max(*end));
        if self.failures.is_empty() {
            self.failures.push(0);
        }
        self.starts.push(at);
        self.ends.push(u64::MAX);
        self.kinds.push(kind);
        self.failed.push(false);
        self.attempts.push(attempt);
        self.targets.push(target);
        self.failures.push(self.failures.last().copied().unwrap_or(0));
        ended
    }

    /// Gives back when the bar began.
    pub(super) fn end(&mut self, at: u64, failed: bool) -> Option<u64> {
        let start = *self.starts.last()?;
        let end = self.ends.last_mut().filter(|end| **end == u64::MAX)?;
        *end = at.max(start);
        if let (Some(flag), Some(sum)) = (self.failed.last_mut(), self.failures.last_mut()) {
            *flag = failed;
            *sum += u32::from(failed);
        }
        Some(start)
    }

    /// One of the last bars failed after all.
    pub(super) fn fail(&mut self, target: &Selection) {
        let recent = self.targets.len().saturating_sub(RECENT);
        let Some(index) = self.targets[recent..].iter().rposition(|other| other == target).map(|index| recent + index) else {
            return;
        };
        if !std::mem::replace(&mut self.failed[index], true) {
            self.failures[index + 1..].iter_mut().for_each(|sum| *sum += 1);
        }
    }

    /// When the run or init began that goes on; waits are none.
    #[must_use]
    pub(super) fn runs_since(&self) -> Option<u64> {
        let open = self.ends.last() == Some(&u64::MAX) && self.kinds.last() != Some(&BarKind::Wait);
        self.starts.last().copied().filter(|_| open)
    }

    /// The bar that goes on.
    #[must_use]
    pub fn open(&self) -> Option<Bar> {
        (self.ends.last() == Some(&u64::MAX)).then(|| self.bar(self.starts.len() - 1))
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// The bar at an index below [`Lane::len`].
    #[must_use]
    pub fn bar(&self, index: usize) -> Bar {
        Bar {
            start: self.starts[index],
            end: Some(self.ends[index]).filter(|end| *end != u64::MAX),
            kind: self.kinds[index],
            failed: self.failed[index],
            attempt: self.attempts[index],
            target: self.targets[index].clone(),
        }
    }

    #[must_use]
    pub fn start(&self, index: usize) -> u64 {
        self.starts[index]
    }

    /// The end of a bar, `now` for one that goes on.
    #[must_use]
    pub fn end_at(&self, index: usize, now: u64) -> u64 {
        self.ends[index].min(now.max(self.starts[index]))
    }

    #[must_use]
    pub fn kind(&self, index: usize) -> BarKind {
        self.kinds[index]
    }

    #[must_use]
    pub fn target(&self, index: usize) -> &Selection {
        &self.targets[index]
    }

    #[must_use]
    pub fn has_failed(&self, index: usize) -> bool {
        self.failed[index]
    }

    /// The first bar that has not ended before `time`.
    #[must_use]
    pub fn first_after(&self, time: u64) -> usize {
        self.ends.partition_point(|end| *end < time)
    }

    /// The first bar from `from` on that begins at `time` or later. It is looked for about `stride` bars on, then in
    /// steps that double.
    #[must_use]
    pub fn begins_after(&self, from: usize, time: u64, stride: usize) -> usize {
        let (mut low, mut step) = (from, stride.max(1));
        let mut high = (from + step).min(self.starts.len());
        while high < self.starts.len() && self.starts[high] < time {
            low = high;
            high = (high + step.div_ceil(8)).min(self.starts.len());
            step *= 2;
        }
        // Most often the end is within a few bars of where it was in the last column.
        let near = high.saturating_sub(4).max(low);
        let low = if self.starts.get(near).is_some_and(|start| *start < time) { near } else { low };
        low + self.starts[low.min(high)..high].partition_point(|start| *start < time)
    }

    /// How many of the bars `from..to` failed.
    #[must_use]
    pub fn failures(&self, from: usize, to: usize) -> u32 {
        self.failures.get(to).copied().unwrap_or(0) - self.failures.get(from).copied().unwrap_or(0)
    }
}
