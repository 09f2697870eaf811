//! From time to pixels and back. Stretches in which nothing runs may be folded into a band of fixed width; within what is
//! not folded the axis is linear, and never so narrow that a run of microseconds beside a wait of minutes is a hair.

/// Width of a folded stretch at the usual room, in points.
pub const FOLD_WIDTH: f64 = 96.0;
/// A stretch is folded when it would be at least this much wider than its band.
const WORTH_FOLDING: f64 = 1.5;
/// Shorter stretches are never folded, in microseconds.
const SHORTEST: u64 = 100_000;
/// Ground on both sides of a stretch: a share of it, and its limits in microseconds.
const MARGIN_SHARE: u64 = 8;
const MARGIN: (u64, u64) = (20, 40_000);
/// How far a closer look goes: points a microsecond.
const CLOSEST: f64 = 2.0;
const FARTHEST: f64 = 1e-9;

/// A part of the axis; times in microseconds, positions in points from the axis' beginning.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    pub start: u64,
    pub end: u64,
    pub left: f64,
    pub right: f64,
    pub folded: bool,
}

/// Something happens from `start` to `end`, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    pub start: u64,
    pub end: u64,
    /// Points it takes at least when its neighbours are folded.
    pub room: f64,
}

/// How near one looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Zoom {
    /// Points a microsecond where nothing is folded.
    pub scale: f64,
    /// What the room of a stretch is multiplied with.
    pub room: f64,
}

impl Zoom {
    #[must_use]
    pub fn of(scale: f64) -> Self {
        Self { scale, room: 1.0 }
    }

    /// So many times nearer.
    #[must_use]
    pub fn by(self, factor: f64) -> Self {
        let scale = (self.scale * factor).clamp(FARTHEST, CLOSEST);
        Self { scale, room: self.room * (scale / self.scale) }
    }

    fn fold_width(self) -> f64 {
        FOLD_WIDTH * self.room.clamp(0.5, 1.0)
    }
}

/// The whole axis at one zoom.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    segments: Vec<Segment>,
    zoom: Zoom,
}

#[expect(clippy::cast_precision_loss, reason = "microseconds from the axis' beginning, exact for 285 years")]
fn length(from: u64, to: u64) -> f64 {
    to.saturating_sub(from) as f64
}

impl Axis {
    /// An axis from `start` to `end`. `stretches` are sorted; what lies between them is folded if `fold` is set and it is
    /// worth it. Each stretch keeps a little ground on both sides.
    #[must_use]
    pub fn new(start: u64, end: u64, stretches: &[Stretch], zoom: Zoom, fold: bool) -> Self {
        let mut axis = Self { segments: Vec::new(), zoom };
        let end = end.max(start + 1);
        let mut at = start;
        for stretch in stretches.iter().filter(|_| fold) {
            let margin = (stretch.end.saturating_sub(stretch.start) / MARGIN_SHARE).clamp(MARGIN.0, MARGIN.1);
            let from = stretch.start.saturating_sub(margin).max(start);
            let to = stretch.end.saturating_add(margin).min(end);
            if from > at {
                axis.gap(at, from);
                at = from;
            }
            if to > at {
                axis.push(at, to, stretch.room);
                at = to;
            }
        }
        if at < end && fold {
            axis.gap(at, end);
        } else if at < end {
            axis.push(at, end, 0.0);
        }
        axis
    }

    /// The nearest look at which everything fits into `width`. Where rooms and bands alone would not fit they shrink;
    /// where that is not enough, too, nothing is folded.
    #[must_use]
    pub fn fitting(start: u64, end: u64, stretches: &[Stretch], fold: bool, width: f64) -> Self {
        let mut best: Option<Self> = None;
        for room in [1.0, 0.75, 0.5] {
            let (mut low, mut high) = (FARTHEST.ln(), CLOSEST.ln());
            for _ in 0..40 {
                let middle = f64::midpoint(low, high);
                let fits = Self::new(start, end, stretches, Zoom { scale: middle.exp(), room }, fold).width() <= width;
                if fits { low = middle } else { high = middle }
            }
            let axis = Self::new(start, end, stretches, Zoom { scale: low.exp(), room }, fold);
            let folds = axis.folds();
            if best.as_ref().is_none_or(|best| folds > best.folds()) {
                best = Some(axis);
            }
        }
        best.unwrap_or_else(|| Self::new(start, end, &[], Zoom::of(FARTHEST), false))
    }

    fn folds(&self) -> usize {
        self.segments.iter().filter(|segment| segment.folded).count()
    }

    fn gap(&mut self, from: u64, to: u64) {
        let band = self.zoom.fold_width();
        if to - from >= SHORTEST && length(from, to) * self.zoom.scale > band * WORTH_FOLDING {
            let left = self.width();
            self.segments.push(Segment { start: from, end: to, left, right: left + band, folded: true });
        } else {
            self.push(from, to, 0.0);
        }
    }

    /// Goes on with what is not folded. Parts that touch are one, as wide as the widest of them needs.
    fn push(&mut self, start: u64, end: u64, room: f64) {
        let room = room * self.zoom.room;
        if let Some(last) = self.segments.last_mut()
            && !last.folded
        {
            last.end = end;
            last.right = last.left + (length(last.start, end) * self.zoom.scale).max(last.right - last.left).max(room);
            return;
        }
        let left = self.width();
        let right = left + (length(start, end) * self.zoom.scale).max(room);
        self.segments.push(Segment { start, end, left, right, folded: false });
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
    pub fn zoom(&self) -> Zoom {
        self.zoom
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
            None => self.segments.last().map_or(0.0, |last| last.right + length(last.end, time) * self.zoom.scale),
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
                .map_or(0, |last| last.end + ((position - last.right) / self.zoom.scale.max(f64::MIN_POSITIVE)) as u64),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stretch(start: u64, end: u64) -> Stretch {
        Stretch { start, end, room: 72.0 }
    }

    #[test]
    fn a_wait_of_minutes_is_folded_beside_runs_of_milliseconds() {
        let stretches = [stretch(0, 500_000), stretch(60_000_000, 60_500_000)];
        let axis = Axis::new(0, 60_600_000, &stretches, Zoom::of(400.0 / 1e6), true);
        let folded: Vec<_> = axis.segments().iter().filter(|segment| segment.folded).collect();
        assert_eq!(folded.len(), 1);
        assert!((folded[0].right - folded[0].left - FOLD_WIDTH).abs() < 1e-9);
        assert!(axis.width() < 800.0, "{}", axis.width());
        let plain = Axis::new(0, 61_000_000, &stretches, Zoom::of(400.0 / 1e6), false);
        assert!((plain.width() - 24_400.0).abs() < 1e-6);
    }

    #[test]
    fn a_run_of_half_a_millisecond_keeps_room_beside_one_of_half_a_second() {
        let stretches = [stretch(0, 500_000), stretch(60_000_000, 60_000_500)];
        let axis = Axis::fitting(0, 60_000_500, &stretches, true, 1_000.0);
        let width = axis.position(60_000_500) - axis.position(60_000_000);
        assert!(width > 50.0, "{width}");
        assert!(axis.width() <= 1_000.0 && axis.width() > 900.0, "{}", axis.width());
    }

    #[test]
    fn more_stretches_than_fit_are_not_folded() {
        let stretches: Vec<_> = (0..200).map(|n| stretch(n * 60_000_000, n * 60_000_000 + 1_000)).collect();
        let axis = Axis::fitting(0, 200 * 60_000_000, &stretches, true, 1_000.0);
        assert!(axis.width() <= 1_000.0 && axis.width() > 900.0, "{}", axis.width());
        assert_eq!(axis.segments().len(), 1);
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
                active.push(stretch(at + gap, at + gap + run));
                at += gap + run;
            }
            let axis = Axis::new(1_000, at + 10_000, &active, Zoom::of(scale), fold);
            let mut last = -1.0;
            for step in 0..200 {
                let time = 1_000 + (at + 9_000) * step / 200;
                let position = axis.position(time);
                prop_assert!(position >= last, "{position} after {last}");
                last = position;
                // A microsecond is the smallest step of time; where there is much room it is several points wide.
                let back = axis.position(axis.time(position));
                prop_assert!((back - position).abs() < 4.0, "{position} came back as {back}");
            }
        }
    }
}
