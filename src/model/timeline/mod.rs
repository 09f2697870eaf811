//! The timeline: sorted bars in lanes, made as events come, and a pure layout of them.

mod axis;
mod lane;
mod layout;

pub use axis::{Axis, FOLD_WIDTH, Segment, Stretch, Zoom};
pub use lane::{Bar, BarKind, Lane};
pub use layout::{Item, lay_out};

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};

use super::selection::Selection;
use crate::service::ids::{FunctionName, QueueName};
use crate::service::time::Timestamp;

/// Overlapping waits are packed into this many rows; more wait for a row.
pub const WAIT_ROWS: u8 = 2;
/// Stretches of activity that are nearer than this are one, in microseconds.
const NEAR: u64 = 100_000;

/// What a lane is for; the order is the order on screen within a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LaneKey {
    /// Who called.
    Clients,
    /// Asynchronous events that wait in a function's own queue.
    Events(FunctionName),
    Environment(FunctionName, u32),
    /// Messages in a queue.
    Messages(QueueName),
}

/// All lanes.
#[derive(Debug, Default)]
pub struct Timeline {
    lanes: BTreeMap<(LaneKey, u8), Lane>,
    /// Stretches in which something ran, merged; for folding what lies between.
    active: Vec<(u64, u64)>,
    /// Waits for which no row was free when they began, oldest first; the next row that is free is theirs.
    without_row: BTreeMap<LaneKey, VecDeque<Selection>>,
    /// Grows with every change.
    pub version: u64,
}

impl Timeline {
    /// A bar begins; it is open until [`Timeline::end`].
    pub fn begin(&mut self, key: LaneKey, at: Timestamp, kind: BarKind, target: Selection, attempt: Option<u32>) {
        let ended = self.lanes.entry((key, 0)).or_default().begin(at.0, kind, target, attempt);
        self.touch(ended.unwrap_or(at.0), at.0);
        self.version += 1;
    }

    /// The open bar of a lane ends.
    pub fn end(&mut self, key: &LaneKey, at: Timestamp, failed: bool) {
        if let Some(lane) = self.lanes.get_mut(&(key.clone(), 0))
            && let Some(start) = lane.end(at.0, failed)
        {
            self.touch(start, at.0);
        }
        self.version += 1;
    }

    /// A bar that ended a moment ago failed after all: the function answered, and its answer says so.
    pub fn fail(&mut self, key: &LaneKey, target: &Selection) {
        if let Some(lane) = self.lanes.get_mut(&(key.clone(), 0)) {
            lane.fail(target);
        }
        self.version += 1;
    }

    /// Something that takes no time.
    pub fn mark(&mut self, key: LaneKey, at: Timestamp, kind: BarKind, target: Selection, failed: bool) {
        self.touch(at.0, at.0);
        let lane = self.lanes.entry((key, 0)).or_default();
        lane.begin(at.0, kind, target, None);
        lane.end(at.0, failed);
        self.version += 1;
    }

    /// A wait begins, in the first row that is free.
    pub fn begin_wait(&mut self, key: LaneKey, at: Timestamp, target: Selection) {
        self.touch(at.0, at.0);
        let free = |row: &u8| self.lanes.get(&(key.clone(), *row)).is_none_or(|lane| lane.open().is_none());
        match (0..WAIT_ROWS).find(free) {
            Some(row) => {
                self.lanes.entry((key, row)).or_default().begin(at.0, BarKind::Wait, target, None);
            }
            None => self.without_row.entry(key).or_default().push_back(target),
        }
        self.version += 1;
    }

    pub fn end_wait(&mut self, key: &LaneKey, at: Timestamp, target: &Selection) {
        self.version += 1;
        for row in 0..WAIT_ROWS {
            if let Some(lane) = self.lanes.get_mut(&(key.clone(), row))
                && lane.open().is_some_and(|bar| bar.target == *target)
            {
                lane.end(at.0, false);
                if let Some(next) = self.without_row.get_mut(key).and_then(VecDeque::pop_front) {
                    lane.begin(at.0, BarKind::Wait, next, None);
                }
                return;
            }
        }
        if let Some(waiting) = self.without_row.get_mut(key) {
            waiting.retain(|other| other != target);
        }
    }

    /// A wait that goes on is a bar of its own from here on, in the row that it has.
    pub fn cut_wait(&mut self, key: &LaneKey, at: Timestamp, target: &Selection) {
        for row in 0..WAIT_ROWS {
            if let Some(lane) = self.lanes.get_mut(&(key.clone(), row))
                && lane.open().is_some_and(|bar| bar.target == *target && bar.start < at.0)
            {
                lane.begin(at.0, BarKind::Wait, target.clone(), None);
                self.version += 1;
            }
        }
    }

    /// Every lane with its row, in order.
    pub fn lanes(&self) -> impl Iterator<Item = (&LaneKey, u8, &Lane)> {
        self.lanes.iter().map(|((key, row), lane)| (key, *row, lane))
    }

    #[must_use]
    pub fn lane(&self, key: &LaneKey) -> Option<&Lane> {
        self.lane_of(key, 0)
    }

    /// A row of the lanes that share a key.
    #[must_use]
    pub fn lane_of(&self, key: &LaneKey, row: u8) -> Option<&Lane> {
        self.lanes.get(&(key.clone(), row))
    }

    /// The lanes of a function's environments, by number.
    pub fn environments_of(&self, function: &FunctionName) -> impl Iterator<Item = &LaneKey> {
        let from = (LaneKey::Environment(function.clone(), 0), 0);
        let to = (LaneKey::Environment(function.clone(), u32::MAX), 0);
        self.lanes.range(from..=to).map(|((key, _), _)| key)
    }

    /// Waits for which there is no row.
    #[must_use]
    pub fn without_row(&self, key: &LaneKey) -> usize {
        self.without_row.get(key).map_or(0, VecDeque::len)
    }

    /// When the first thing happened; `None` while nothing has.
    #[must_use]
    pub fn first(&self) -> Option<Timestamp> {
        self.active.first().map(|(start, _)| Timestamp(*start))
    }

    /// Stretches in which something ran or runs, in microseconds, oldest first, not touching each other. What goes on counts
    /// as far as `now`: nothing that happens while it does may be folded, however long it sleeps.
    #[must_use]
    pub fn active(&self, now: Timestamp) -> Cow<'_, [(u64, u64)]> {
        let Some(since) = self.lanes.values().filter_map(Lane::runs_since).min().filter(|since| *since <= now.0) else {
            return Cow::Borrowed(&self.active);
        };
        // Stretches do not overlap, so those that end later than it began are the last ones.
        let before = self.active.partition_point(|(_, end)| end.saturating_add(NEAR) < since);
        let from = self.active.get(before).map_or(since, |(start, _)| since.min(*start));
        let mut active = self.active[..before].to_vec();
        active.push((from, self.active.last().map_or(now.0, |(_, end)| now.0.max(*end))));
        Cow::Owned(active)
    }

    fn touch(&mut self, start: u64, end: u64) {
        let (mut start, mut end) = (start, end);
        while let Some((last_start, last_end)) = self.active.pop_if(|last| start <= last.1.saturating_add(NEAR)) {
            start = start.min(last_start);
            end = end.max(last_end);
        }
        self.active.push((start, end));
    }
}

#[cfg(test)]
mod tests {
    use super::super::selection::InvocationModel;
    use super::*;

    const RUN: BarKind = BarKind::Run(InvocationModel::Synchronous);

    fn environment(number: u32) -> LaneKey {
        LaneKey::Environment("f".into(), number)
    }

    #[test]
    fn what_still_runs_is_active_until_now() {
        let mut timeline = Timeline::default();
        timeline.mark(LaneKey::Clients, Timestamp(0), BarKind::Call(InvocationModel::Synchronous), Selection::Nothing, false);
        timeline.begin(environment(1), Timestamp(5_000_000), RUN, Selection::Nothing, Some(1));
        timeline.mark(LaneKey::Clients, Timestamp(7_000_000), RUN, Selection::Nothing, false);
        assert_eq!(*timeline.active(Timestamp(9_000_000)), [(0, 0), (5_000_000, 9_000_000)], "it sleeps for four seconds");
        timeline.end(&environment(1), Timestamp(10_000_000), false);
        assert_eq!(*timeline.active(Timestamp(60_000_000)), [(0, 0), (5_000_000, 10_000_000)]);
        timeline.begin_wait(LaneKey::Events("f".into()), Timestamp(20_000_000), Selection::Nothing);
        assert_eq!(timeline.active(Timestamp(60_000_000)).last(), Some(&(20_000_000, 20_000_000)), "a wait is folded");
    }

    #[test]
    fn an_init_that_its_run_ends_was_active_as_a_whole() {
        let mut timeline = Timeline::default();
        timeline.begin(environment(1), Timestamp(0), BarKind::Init, Selection::Nothing, None);
        timeline.begin(environment(1), Timestamp(8_000_000), RUN, Selection::Nothing, Some(1));
        timeline.end(&environment(1), Timestamp(8_000_100), false);
        assert_eq!(*timeline.active(Timestamp(9_000_000)), [(0, 8_000_100)]);
    }
}
