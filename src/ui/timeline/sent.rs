//! Which lanes are those of something that was sent, and how far to scroll so that they are seen.

use std::ops::Range;

use super::rows::Row;
use crate::model::Model;
use crate::model::selection::Selection;
use crate::model::timeline::{Lane, LaneKey};
use crate::ui::theme::LANE;

/// Bars of a lane that are looked at, the newest.
const LOOKED_AT: usize = 64;

/// The rows from the first to the last that has to do with it; of an invocation that no lane shows yet those of its function.
pub fn rows_of(model: &Model, rows: &[Row], sent: &Selection) -> Option<Range<usize>> {
    if let Selection::Queue(name) = sent {
        return range(rows, |row| row.is_queue(name));
    }
    let id = sent.request_id()?;
    let function = &model.invocations.get(&id)?.function;
    let of_function = |row: &Row| matches!(&row.key, LaneKey::Events(of) | LaneKey::Environment(of, _) if of == function);
    let of_sent = |lane: &Lane| {
        let newest = lane.len().saturating_sub(LOOKED_AT)..lane.len();
        newest.rev().any(|index| lane.bar(index).target.request_id() == Some(id))
    };
    let has_it = |row: &Row| of_function(row) && model.timeline.lane_of(&row.key, row.sub).is_some_and(of_sent);
    range(rows, has_it).or_else(|| range(rows, of_function))
}

fn range(rows: &[Row], matches: impl Fn(&Row) -> bool) -> Option<Range<usize>> {
    Some(rows.iter().position(&matches)?..rows.iter().rposition(&matches)? + 1)
}

/// How far the rows are scrolled, in points, when these are in view and it is not changed without need. The first of more
/// than there is room for is seen.
pub fn scrolled_to(rows: &Range<usize>, scroll: f32, height: f32) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "a few hundred lanes")]
    let (top, bottom) = (rows.start as f32 * LANE, rows.end as f32 * LANE);
    scroll.max(bottom - height).min(top)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_are_brought_into_view_by_the_shortest_way() {
        let height = 5.0 * LANE;
        assert_eq!(scrolled_to(&(1..3), 0.0, height), 0.0, "seen already");
        assert_eq!(scrolled_to(&(7..9), 0.0, height), 4.0 * LANE, "below");
        assert_eq!(scrolled_to(&(1..3), 6.0 * LANE, height), LANE, "above");
        assert_eq!(scrolled_to(&(2..12), 0.0, height), 2.0 * LANE, "the first of many");
    }
}
