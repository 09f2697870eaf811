//! What of a lane is drawn: bars wide enough as they are, narrower ones as crowds, one a pixel column.

use std::ops::Range;

use super::axis::Axis;
use super::lane::Lane;

/// A bar of at least this width is drawn by itself, in points.
const NARROWEST: f64 = 1.5;

/// Something to draw, from `left` to `right` in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Item {
    Bar {
        index: usize,
        left: f64,
        right: f64,
    },
    /// `count` bars too narrow to tell apart, `failures` of them failed.
    Crowd {
        first: usize,
        count: usize,
        failures: u32,
        left: f64,
        right: f64,
    },
}

impl Item {
    /// The bars of the lane that it stands for.
    #[must_use]
    pub fn bars(&self) -> Range<usize> {
        match *self {
            Self::Bar { index, .. } => index..index + 1,
            Self::Crowd { first, count, .. } => first..first + count,
        }
    }

    #[must_use]
    pub fn span(&self) -> (f64, f64) {
        match self {
            Self::Bar { left, right, .. } | Self::Crowd { left, right, .. } => (*left, *right),
        }
    }
}

/// Lays out the bars that lie between two positions of the axis; `now` is the end of a bar that goes on.
#[must_use]
pub fn lay_out(lane: &Lane, axis: &Axis, from: f64, to: f64, now: u64) -> Vec<Item> {
    let mut items = Vec::new();
    // The next column holds about as many bars as the last one.
    let mut stride = 1;
    let mut index = lane.first_after(axis.time(from));
    while index < lane.len() {
        let left = axis.position(lane.start(index));
        if left > to {
            break;
        }
        let right = axis.position(lane.end_at(index, now));
        if right - left >= NARROWEST {
            items.push(Item::Bar { index, left, right });
            index += 1;
            continue;
        }
        let column = left.floor() + 1.0;
        let mut next = lane.begins_after(index + 1, axis.time(column), stride).max(index + 1);
        // A wide bar that begins in this column is drawn by itself.
        if next > index + 1 {
            let last = next - 1;
            if axis.position(lane.end_at(last, now)) - axis.position(lane.start(last)) >= NARROWEST {
                next = last;
            }
        }
        let count = next - index;
        stride = count;
        let failures = lane.failures(index, next);
        items.push(Item::Crowd { first: index, count, failures, left, right: right.max(left + NARROWEST) });
        index = next;
    }
    items
}

#[cfg(test)]
mod tests {
    use super::super::super::selection::{InvocationModel, Selection};
    use super::super::axis::Zoom;
    use super::super::lane::BarKind;
    use super::*;

    fn lane(bars: &[(u64, u64, bool)]) -> Lane {
        let mut lane = Lane::default();
        for (start, end, failed) in bars {
            lane.begin(*start, BarKind::Run(InvocationModel::Synchronous), Selection::Nothing, Some(1));
            lane.end(*end, *failed);
        }
        lane
    }

    #[test]
    fn every_bar_is_drawn_once_by_itself_or_in_a_crowd() {
        let bars: Vec<_> = (0..10_000_u64).map(|n| (n * 100, n * 100 + if n % 97 == 0 { 90 } else { 10 }, n % 13 == 0)).collect();
        let lane = lane(&bars);
        for scale in [1e-4, 1e-3, 1e-2, 0.1, 1.0] {
            let axis = Axis::new(0, 1_000_000, &[], Zoom::of(scale), false);
            let items = lay_out(&lane, &axis, 0.0, axis.width(), 1_000_000);
            let (mut drawn, mut failures) = (0, 0);
            for item in &items {
                match item {
                    Item::Bar { index, .. } => {
                        assert_eq!(*index, drawn, "in order");
                        drawn += 1;
                        failures += u32::from(lane.has_failed(*index));
                    }
                    Item::Crowd { first, count, failures: failed, .. } => {
                        assert_eq!(*first, drawn);
                        drawn += count;
                        failures += failed;
                    }
                }
            }
            assert_eq!((drawn, failures), (10_000, 770), "scale {scale}");
            assert!(items.len() as f64 <= axis.width() * 2.0 + 10_000.0);
        }
    }

    #[test]
    fn only_what_is_in_view_is_laid_out() {
        let bars: Vec<_> = (0..1_000_u64).map(|n| (n * 1_000, n * 1_000 + 500, false)).collect();
        let axis = Axis::new(0, 1_000_000, &[], Zoom::of(0.01), false);
        let items = lay_out(&lane(&bars), &axis, 1_000.0, 1_100.0, 1_000_000);
        assert!((10..=12).contains(&items.len()), "{}", items.len());
    }

    #[test]
    fn a_bar_that_goes_on_ends_now() {
        let mut lane = Lane::default();
        lane.begin(1_000, BarKind::Wait, Selection::Nothing, None);
        let axis = Axis::new(0, 10_000, &[], Zoom::of(0.1), false);
        let items = lay_out(&lane, &axis, 0.0, 1_000.0, 6_000);
        assert_eq!(items, [Item::Bar { index: 0, left: 100.0, right: 600.0 }]);
    }
}
