//! From time to pixels and back. Stretches in which nothing runs may be folded into a band of fixed width; within what is
//! not folded the axis is linear.

/// Width of a folded stretch, in points.
pub const FOLD_WIDTH: f64 = 96.0;
/// A stretch is folded when it would be at least this much wider than its band.
const WORTH_FOLDING: f64 = 1.5;
/// Shorter stretches are never folded, in microseconds.
const SHORTEST: u64 = 1_000_000;

/// A part of the axis; times in microseconds, positions in points from the axis' beginning.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    pub start: u64,
    pub end: u64,
    pub left: f64,
    pub right: f64,
    pub folded: bool,
}

/// The whole axis at one scale.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Axis {
    segments: Vec<Segment>,
    /// Points a microsecond.
    scale: f64,
}

#[expect(clippy::cast_precision_loss, reason = "microseconds from the axis' beginning, exact for 285 years")]
fn length(from: u64, to: u64) -> f64 {
    to.saturating_sub(from) as f64
}

impl Axis {
    /// An axis from `start` to `end`. `active` are the stretches in which something runs, sorted; what lies between them is
    /// folded if `fold` is set and it is worth it. Each active stretch keeps `margin` microseconds of room on both sides.
    #[must_use]
    pub fn new(start: u64, end: u64, active: &[(u64, u64)], scale: f64, fold: bool, margin: u64) -> Self {
        let mut axis = Self { segments: Vec::new(), scale };
        let end = end.max(start + 1);
        let mut at = start;
        if fold {
            for (from, to) in active {
                let (from, to) = (from.saturating_sub(margin).max(start), to.saturating_add(margin).min(end));
                if from > at {
                    axis.gap(at, from);
                    at = from;
                }
                if to > at {
                    axis.push(at, to, false);
                    at = to;
                }
            }
            if at < end {
                axis.gap(at, end);
            }
        } else {
            axis.push(start, end, false);
        }
        axis
    }

    fn gap(&mut self, from: u64, to: u64) {
        let wide = length(from, to) * self.scale > FOLD_WIDTH * WORTH_FOLDING;
        self.push(from, to, wide && to - from >= SHORTEST);
    }

    fn push(&mut self, start: u64, end: u64, folded: bool) {
        let left = self.segments.last().map_or(0.0, |last| last.right);
        let width = if folded { FOLD_WIDTH } else { length(start, end) * self.scale };
        if let Some(last) = self.segments.last_mut()
            && !last.folded
            && !folded
        {
            last.end = end;
            last.right = left + width;
            return;
        }
        self.segments.push(Segment { start, end, left, right: left + width, folded });
    }

    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The width of everything, in points.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.segments.last().map_or(0.0, |last| last.right)
    }

    #[must_use]
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// Where a moment lies; before the beginning is the beginning, after the end goes on linearly.
    #[must_use]
    pub fn position(&self, time: u64) -> f64 {
        let index = self.segments.partition_point(|segment| segment.end < time);
        match self.segments.get(index) {
            Some(segment) => {
                let share = length(segment.start, time) / length(segment.start, segment.end).max(1.0);
                segment.left + share * (segment.right - segment.left)
            }
            None => self.segments.last().map_or(0.0, |last| last.right + length(last.end, time) * self.scale),
        }
    }

    /// The moment at a position.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within a segment, whose times are u64")]
    pub fn time(&self, position: f64) -> u64 {
        let index = self.segments.partition_point(|segment| segment.right < position);
        match self.segments.get(index) {
            Some(segment) => {
                let share = ((position - segment.left) / (segment.right - segment.left).max(f64::MIN_POSITIVE)).clamp(0.0, 1.0);
                segment.start + (share * length(segment.start, segment.end)) as u64
            }
            None => self
                .segments
                .last()
                .map_or(0, |last| last.end + ((position - last.right) / self.scale.max(f64::MIN_POSITIVE)) as u64),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_wait_of_minutes_is_folded_beside_runs_of_milliseconds() {
        let active = [(0, 500_000), (60_000_000, 60_500_000)];
        let axis = Axis::new(0, 60_600_000, &active, 400.0 / 1e6, true, 100_000);
        let folded: Vec<_> = axis.segments().iter().filter(|segment| segment.folded).collect();
        assert_eq!(folded.len(), 1);
        assert!((folded[0].right - folded[0].left - FOLD_WIDTH).abs() < 1e-9);
        assert!(axis.width() < 800.0, "{}", axis.width());
        let plain = Axis::new(0, 61_000_000, &active, 400.0 / 1e6, false, 0);
        assert!((plain.width() - 24_400.0).abs() < 1e-6);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_axis_grows_and_can_be_turned_round(
            gaps in prop::collection::vec((1_u64..5_000_000, 1_u64..5_000_000), 0..20),
            fold in any::<bool>(),
            scale in 1e-6_f64..1e-2,
        ) {
            let mut at = 1_000;
            let mut active = Vec::new();
            for (gap, run) in gaps {
                active.push((at + gap, at + gap + run));
                at += gap + run;
            }
            let axis = Axis::new(1_000, at + 10_000, &active, scale, fold, 10);
            let mut last = -1.0;
            for step in 0..200 {
                let time = 1_000 + (at + 9_000) * step / 200;
                let position = axis.position(time);
                prop_assert!(position >= last, "{position} after {last}");
                last = position;
                // One point of a folded band stands for much time.
                let back = axis.position(axis.time(position));
                prop_assert!((back - position).abs() < 0.02_f64.max(scale * 2.0), "{position} came back as {back}");
            }
        }
    }
}
