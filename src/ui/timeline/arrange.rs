//! Where words beside bars stand: in the gaps of a row, shared by the bars at both sides of a gap, in the longest forms for
//! which there is room. Nothing is drawn here.

use std::ops::Range;

/// Points between a bar and the words beside it, between words, and between words and a line.
pub const BESIDE: f32 = 6.0;
/// Words of a bar that ends at most this far before now may stand behind now.
const NEAR_NOW: f32 = 60.0;

/// Something in a row, from `left` to `right` in points on screen, with the widths of the forms of its words, the longest
/// first; without any it is in the way of others.
#[derive(Clone, Debug)]
pub struct Unit {
    pub left: f32,
    pub right: f32,
    pub widths: Vec<f32>,
}

/// Where words begin, and which form they have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    pub left: f32,
    pub form: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Side {
    Left,
    Right,
    BehindNow,
}

/// What stands where in one row.
pub struct Room<'a> {
    pub units: &'a [Unit],
    /// Vertical lines that no words cross, from left to right: now, and what is due.
    pub walls: &'a [f32],
    pub now: f32,
    pub edges: Range<f32>,
}

impl Room<'_> {
    /// A spot for the words of each unit that has room.
    #[must_use]
    pub fn arrange(&self) -> Vec<Option<Spot>> {
        let mut sides: Vec<Option<Side>> = Vec::with_capacity(self.units.len());
        for index in 0..self.units.len() {
            let side = self.side(index, sides.last().copied().flatten());
            sides.push(side);
        }
        let mut spots = vec![None; self.units.len()];
        for (index, side) in sides.iter().enumerate() {
            let shares = self.shared(index) && sides.get(index + 1) == Some(&Some(Side::Left));
            match side {
                Some(Side::Right) if shares => (spots[index], spots[index + 1]) = self.both(index),
                Some(Side::Right) => spots[index] = at_start(&self.right_of(index), &self.units[index].widths),
                Some(Side::BehindNow) => spots[index] = at_start(&self.behind_now(index), &self.units[index].widths),
                Some(Side::Left) if spots[index].is_none() => {
                    spots[index] = at_end(&self.left_of(index), &self.units[index].widths);
                }
                Some(Side::Left) | None => {}
            }
        }
        spots
    }

    /// At which side there is room, given the side of the unit before: for the longest form if possible, at the right first.
    fn side(&self, index: usize, before: Option<Side>) -> Option<Side> {
        let unit = &self.units[index];
        if unit.right <= self.edges.start || unit.left >= self.edges.end {
            return None;
        }
        let (longest, shortest) = (*unit.widths.first()?, *unit.widths.last()?);
        let (right, left) = (length(&self.right_of(index)), length(&self.left_of(index)));
        // The unit before may have its words in the same gap.
        let neighbour = index.checked_sub(1).filter(|before_it| before == Some(Side::Right) && self.shared(*before_it));
        let taken = neighbour.and_then(|before_it| self.units[before_it].widths.last()).map_or(0.0, |width| width + BESIDE);
        let fits = |room: f32, width: f32| width + 2.0 * BESIDE <= room;
        if fits(right, longest) {
            Some(Side::Right)
        } else if taken == 0.0 && before != Some(Side::BehindNow) && fits(left, longest) {
            Some(Side::Left)
        } else if fits(right, shortest) {
            Some(Side::Right)
        } else if before != Some(Side::BehindNow) && fits(left, shortest + taken) {
            Some(Side::Left)
        } else {
            let near = unit.right <= self.now + 1.0 && self.now - unit.right < NEAR_NOW;
            let alone = self.units.get(index + 1).is_none_or(|next| next.left > self.now);
            (near && alone && fits(length(&self.behind_now(index)), shortest)).then_some(Side::BehindNow)
        }
    }

    /// Whether the gap right of a unit is the gap left of the next one, with no line between.
    fn shared(&self, index: usize) -> bool {
        let right = self.right_of(index);
        self.units
            .get(index + 1)
            .is_some_and(|next| right.end >= next.left.min(self.edges.end) && self.left_of(index + 1).start <= right.start)
    }

    fn right_of(&self, index: usize) -> Range<f32> {
        let from = self.units[index].right;
        let next = self.units.get(index + 1).map_or(self.edges.end, |next| next.left);
        let wall = self.walls.iter().copied().find(|wall| *wall >= from - 0.5).unwrap_or(f32::INFINITY);
        from.max(self.edges.start)..next.min(wall).min(self.edges.end)
    }

    fn left_of(&self, index: usize) -> Range<f32> {
        let to = self.units[index].left;
        let before = index.checked_sub(1).map_or(self.edges.start, |before| self.units[before].right);
        let wall = self.walls.iter().copied().rfind(|wall| *wall <= to + 0.5).unwrap_or(f32::NEG_INFINITY);
        before.max(wall).max(self.edges.start)..to.min(self.edges.end)
    }

    fn behind_now(&self, index: usize) -> Range<f32> {
        let from = self.now.max(self.units[index].right);
        let next = self.units.get(index + 1).map_or(self.edges.end, |next| next.left);
        let wall = self.walls.iter().copied().find(|wall| *wall > from + 0.5).unwrap_or(f32::INFINITY);
        from..next.min(wall).min(self.edges.end)
    }

    /// The words of a unit and of the next one in the gap between them, in the longest forms that fit together.
    fn both(&self, index: usize) -> (Option<Spot>, Option<Spot>) {
        let gap = self.right_of(index);
        let (first, second) = (&self.units[index].widths, &self.units[index + 1].widths);
        let room = length(&gap) - 3.0 * BESIDE;
        let pairs = (0..first.len() + second.len()).flat_map(|sum| (0..=sum).map(move |form| (sum - form, form)));
        let fits =
            |(a, b): &(usize, usize)| first.get(*a).zip(second.get(*b)).is_some_and(|(first, second)| first + second <= room);
        match pairs.into_iter().find(fits) {
            Some((a, b)) => {
                let left = gap.end - BESIDE - second[b];
                (Some(Spot { left: gap.start + BESIDE, form: a }), Some(Spot { left, form: b }))
            }
            None => (at_start(&gap, first), None),
        }
    }
}

fn length(gap: &Range<f32>) -> f32 {
    (gap.end - gap.start).max(0.0)
}

fn longest(gap: &Range<f32>, widths: &[f32]) -> Option<usize> {
    widths.iter().position(|width| width + 2.0 * BESIDE <= length(gap))
}

fn at_start(gap: &Range<f32>, widths: &[f32]) -> Option<Spot> {
    Some(Spot { form: longest(gap, widths)?, left: gap.start + BESIDE })
}

fn at_end(gap: &Range<f32>, widths: &[f32]) -> Option<Spot> {
    let form = longest(gap, widths)?;
    Some(Spot { form, left: gap.end - BESIDE - widths[form] })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EDGES: Range<f32> = 0.0..900.0;

    fn unit(left: f32, right: f32, widths: &[f32]) -> Unit {
        Unit { left, right, widths: widths.to_vec() }
    }

    fn arrange(units: &[Unit], walls: &[f32]) -> Vec<Option<(f32, usize)>> {
        let now = walls.first().copied().unwrap_or(EDGES.end);
        let spots = Room { units, walls, now, edges: EDGES }.arrange();
        spots.into_iter().map(|spot| spot.map(|spot| (spot.left, spot.form))).collect()
    }

    #[test]
    fn words_stand_right_of_a_bar_or_left_of_it_or_behind_now() {
        let one = |left, right, walls: &[f32]| arrange(&[unit(left, right, &[80.0, 30.0])], walls)[0];
        assert_eq!(one(100.0, 120.0, &[500.0, 640.0]), Some((126.0, 0)), "right of it");
        assert_eq!(one(440.0, 450.0, &[500.0, 640.0]), Some((354.0, 0)), "left of it, rather than short");
        assert_eq!(one(20.0, 470.0, &[500.0, 640.0]), Some((506.0, 0)), "behind now");
        assert_eq!(one(20.0, 470.0, &[500.0, 560.0]), Some((506.0, 1)), "short before what is due next");
        assert_eq!(one(20.0, 470.0, &[500.0, 530.0]), None, "no room");
    }

    #[test]
    fn bars_that_stand_close_share_the_gaps_between_them_in_shorter_forms() {
        // The second one ends at now, so both have their words in the gap between them.
        let units = |gap: f32| [unit(100.0, 110.0, &[120.0, 60.0]), unit(110.0 + gap, 500.0, &[120.0, 60.0])];
        assert_eq!(arrange(&units(300.0), &[500.0, 520.0]), [Some((116.0, 0)), Some((284.0, 0))]);
        assert_eq!(arrange(&units(200.0), &[500.0, 520.0]), [Some((116.0, 1)), Some((184.0, 0))]);
        assert_eq!(arrange(&units(140.0), &[500.0, 520.0]), [Some((116.0, 1)), Some((184.0, 1))]);
        assert_eq!(arrange(&units(130.0), &[500.0, 520.0]), [Some((116.0, 1)), None], "room for one");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_words_cover_a_bar_a_line_or_each_other(
            gaps in prop::collection::vec((1.0_f32..200.0, 1.0_f32..60.0, 0_usize..4), 1..12),
            now in 200.0_f32..800.0,
        ) {
            let (mut at, mut units) = (0.0, Vec::new());
            for (gap, width, forms) in gaps {
                let widths = [120.0, 60.0, 20.0];
                units.push(unit(at + gap, at + gap + width, &widths[..forms]));
                at += gap + width;
            }
            let walls = [now, now + 90.0];
            let spots = Room { units: &units, walls: &walls, now, edges: EDGES }.arrange();
            let mut spans: Vec<(f32, f32)> = units.iter().map(|unit| (unit.left, unit.right)).collect();
            for (spot, unit) in spots.iter().zip(&units) {
                let Some(spot) = spot else { continue };
                let span = (spot.left, spot.left + unit.widths[spot.form]);
                prop_assert!(span.0 >= EDGES.start && span.1 <= EDGES.end, "{span:?}");
                prop_assert!(walls.iter().all(|wall| span.1 <= *wall || span.0 >= *wall), "{span:?} across {walls:?}");
                spans.push(span);
            }
            for (index, a) in spans.iter().enumerate() {
                for b in &spans[index + 1..] {
                    prop_assert!(a.1 <= b.0 + 0.01 || b.1 <= a.0 + 0.01, "{a:?} and {b:?}");
                }
            }
        }
    }
}
