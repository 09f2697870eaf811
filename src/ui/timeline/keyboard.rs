//! The timeline by keyboard: from bar to bar, from lane to lane, nearer and farther.

use egui::{EventFilter, Key, Response, Ui};

use super::TimelinePanel;
use super::filter::Found;
use super::geometry::Geometry;
use super::rows::Row;
use super::sent::scrolled_to;
use super::tools::TimelineAction;
use crate::model::Model;
use crate::model::selection::Selection;
use crate::model::timeline::{Bar, BarKind, LaneKey};
use crate::ui::action::Action;
use crate::ui::docking::Pane;
use crate::ui::widgets;

/// Bars of a lane that keys go to, the newest.
const REACHED: usize = 1_000;
/// Where a bar stands that keys bring into view, as a share of the width.
const AT: f64 = 0.4;

/// A bar that keys go to.
#[derive(Clone, Debug, PartialEq)]
pub struct Stop {
    /// When it begins, in microseconds.
    start: u64,
    lane: (LaneKey, u8),
    target: Selection,
    is_run: bool,
}

/// Where a key goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The run before or after in time, in whichever lane.
    Before,
    After,
    First,
    Last,
    /// The bar of the next lane that is nearest in time.
    Up,
    Down,
}

const STEPS: [(Key, Step); 6] = [
    (Key::ArrowLeft, Step::Before),
    (Key::ArrowRight, Step::After),
    (Key::Home, Step::First),
    (Key::End, Step::Last),
    (Key::ArrowUp, Step::Up),
    (Key::ArrowDown, Step::Down),
];

const ACTIONS: [(Key, TimelineAction); 5] = [
    (Key::Plus, TimelineAction::ZoomIn),
    // The same key without Shift, on many keyboards.
    (Key::Equals, TimelineAction::ZoomIn),
    (Key::Minus, TimelineAction::ZoomOut),
    (Key::Num0, TimelineAction::Fit),
    (Key::Z, TimelineAction::ZoomToRange),
];

impl TimelinePanel {
    /// Keys go on from this bar.
    pub(super) fn stand_at(&mut self, row: &Row, bar: &Bar) {
        self.stood_at = Some(Stop {
            start: bar.start,
            lane: (row.key.clone(), row.sub),
            target: bar.target.clone(),
            is_run: is_run(bar.kind),
        });
    }

    pub(super) fn keys(
        &mut self,
        ui: &Ui,
        response: &Response,
        model: &Model,
        geometry: &Geometry,
        selection: &Selection,
        actions: &mut Vec<Action>,
    ) {
        if !response.has_focus() {
            return;
        }
        let keys = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
        widgets::focused(ui, response, keys);
        let pressed = |key: Key| ui.input(|input| input.modifiers.is_none() && input.key_pressed(key));
        let shifted = |key: Key| ui.input(|input| !input.modifiers.command && input.key_pressed(key));
        for (_, action) in ACTIONS.into_iter().filter(|(key, _)| shifted(*key)) {
            self.act(action);
        }
        if pressed(Key::Escape) {
            self.marked = None;
        }
        if pressed(Key::Enter) && *selection != Selection::Nothing {
            actions.push(Action::FocusPanel(Pane::Inspector));
        }
        let Some((_, step)) = STEPS.into_iter().find(|(key, _)| pressed(*key)) else { return };
        let stops = stops(model, &geometry.rows, &self.found);
        let from = self.stood_at.as_ref().filter(|stop| stop.target == *selection && stops.contains(stop));
        let from = from.or_else(|| stops.iter().rfind(|stop| stop.target == *selection));
        let lanes: Vec<_> = geometry.rows.iter().map(|row| (row.key.clone(), row.sub)).collect();
        if let Some(stop) = next(&stops, &lanes, from, step).cloned() {
            self.bring_into_view(geometry, &stop);
            actions.push(Action::Select(stop.target.clone()));
            self.stood_at = Some(stop);
        }
    }

    fn bring_into_view(&mut self, geometry: &Geometry, stop: &Stop) {
        let x = geometry.x(stop.start);
        if x < geometry.body.left() || x > geometry.body.right() {
            self.anchor = Some((stop.start, f64::from(geometry.body.width()) * AT));
            self.follow = false;
        }
        if let Some(row) = geometry.rows.iter().position(|row| row.key == stop.lane.0 && row.sub == stop.lane.1) {
            self.rows_scroll = scrolled_to(&(row..row + 1), self.rows_scroll, geometry.lanes.height());
        }
    }
}

fn is_run(kind: BarKind) -> bool {
    matches!(kind, BarKind::Run(_))
}

/// The last bars of all lanes in order of time. An init belongs to the run that follows it.
fn stops(model: &Model, rows: &[Row], found: &Found) -> Vec<Stop> {
    let mut stops = Vec::new();
    for row in rows {
        let Some(lane) = model.timeline.lane_of(&row.key, row.sub) else { continue };
        let bars = lane.len().saturating_sub(REACHED)..lane.len();
        let bars =
            bars.filter(|index| lane.kind(*index) != BarKind::Init && found.has_bar(&row.key, row.sub, *index..*index + 1));
        stops.extend(bars.map(|index| Stop {
            start: lane.start(index),
            lane: (row.key.clone(), row.sub),
            target: lane.bar(index).target,
            is_run: is_run(lane.kind(index)),
        }));
    }
    stops.sort_by_key(|stop| stop.start);
    stops
}

/// Where a key goes from a stop; without one to the last run.
fn next<'a>(stops: &'a [Stop], lanes: &[(LaneKey, u8)], from: Option<&Stop>, step: Step) -> Option<&'a Stop> {
    let runs = || stops.iter().filter(|stop| stop.is_run);
    let Some(from) = from else {
        return if step == Step::First { runs().next() } else { runs().next_back().or(stops.last()) };
    };
    let here = stops.iter().position(|stop| stop == from)?;
    match step {
        Step::Before => stops[..here].iter().rfind(|stop| stop.is_run),
        Step::After => stops[here + 1..].iter().find(|stop| stop.is_run),
        Step::First => runs().next(),
        Step::Last => runs().next_back(),
        Step::Up | Step::Down => {
            let row = lanes.iter().position(|lane| *lane == from.lane)?;
            let nearest = |lane: &(LaneKey, u8)| {
                let own = stops.iter().filter(|stop| stop.lane == *lane);
                own.min_by_key(|stop| stop.start.abs_diff(from.start))
            };
            match step {
                Step::Up => lanes[..row].iter().rev().find_map(nearest),
                _ => lanes[row + 1..].iter().find_map(nearest),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::ids::RequestId;

    fn stop(start: u64, lane: &LaneKey, is_run: bool) -> Stop {
        Stop { start, lane: (lane.clone(), 0), target: Selection::Invocation(RequestId(start.into())), is_run }
    }

    #[test]
    fn keys_go_from_run_to_run_in_time_and_to_the_nearest_bar_of_the_next_lane() {
        let (clients, waits) = (LaneKey::Clients, LaneKey::Events("f".into()));
        let (one, two) = (LaneKey::Environment("f".into(), 1), LaneKey::Environment("f".into(), 2));
        let stops = [
            stop(0, &clients, false),
            stop(1, &waits, false),
            stop(2, &one, true),
            stop(10, &two, true),
            stop(20, &waits, false),
            stop(30, &one, true),
        ];
        let lanes = [&clients, &waits, &one, &two].map(|key| (key.clone(), 0));
        let go = |from: Option<usize>, step| next(&stops, &lanes, from.map(|index| &stops[index]), step).map(|stop| stop.start);
        for (from, step, to) in [
            (Some(2), Step::After, Some(10)),
            (Some(3), Step::After, Some(30)),
            (Some(5), Step::After, None),
            (Some(5), Step::Before, Some(10)),
            (Some(4), Step::Before, Some(10)),
            (Some(5), Step::First, Some(2)),
            (Some(0), Step::Last, Some(30)),
            (Some(5), Step::Up, Some(20)),
            (Some(4), Step::Up, Some(0)),
            (Some(0), Step::Up, None),
            (Some(0), Step::Down, Some(1)),
            (Some(5), Step::Down, Some(10)),
            (None, Step::Before, Some(30)),
            (None, Step::First, Some(2)),
        ] {
            assert_eq!(go(from, step), to, "{step:?} from {from:?}");
        }
    }
}
