//! What is due, right of now: attempts as dashed outlines, deadlines as flags, and where the event goes if the last fails.

use egui::{Color32, FontId, Painter, Pos2, Rect, Ui, pos2, vec2};

use super::geometry::Geometry;
use super::paint;
use crate::model::Model;
use crate::model::timeline::LaneKey;
use crate::service::configuration::{FunctionConfiguration, Target};
use crate::service::happened::{Due, DueKind};
use crate::ui::theme::{LANE, Palette, TINY};

const MOST: usize = 60;
const OUTLINE: f32 = 46.0;
/// From where words begin to the other side of what they name.
const BACK: f32 = 18.0;

pub fn future(ui: &Ui, model: &Model, geometry: &Geometry) {
    let palette = Palette::of(ui);
    let painter = ui.painter_at(geometry.lanes);
    for due in model.due.iter().filter(|due| due.what.is_step() && due.at.0 >= geometry.now).take(MOST) {
        match &due.what {
            DueKind::Attempt { function, attempt, .. } => {
                let configuration = model.functions.get(function).and_then(|function| function.configuration.as_deref());
                attempt_due(&painter, geometry, due, function, *attempt, configuration, &palette);
            }
            DueKind::WindowCloses { queue, .. } => {
                flag(&painter, geometry, due, &LaneKey::Messages(queue.clone()), palette.batch, "window closes", &palette);
            }
            DueKind::MessageVisible { queue, .. } => {
                flag(&painter, geometry, due, &LaneKey::Messages(queue.clone()), palette.throttle, "visible again", &palette);
            }
            _ => {}
        }
    }
}

fn attempt_due(
    painter: &Painter,
    geometry: &Geometry,
    due: &Due,
    function: &str,
    attempt: u32,
    configuration: Option<&FunctionConfiguration>,
    palette: &Palette,
) {
    let row = geometry.rows.iter().position(|row| matches!(&row.key, LaneKey::Environment(of, _) if &**of == function));
    let own = geometry.rows.iter().position(|row| matches!(&row.key, LaneKey::Events(of) if &**of == function));
    let Some(row) = row.or(own) else { return };
    let last = configuration.is_some_and(|function| attempt > function.event_invoke.maximum_retry_attempts);
    let x = geometry.x(due.at.0);
    let bar = Rect::from_min_size(pos2(x, geometry.row(row).top() + 5.0), vec2(OUTLINE, LANE - 10.0));
    paint::dashed_line(painter, pos2(x, geometry.lanes.top()), bar.left_top(), palette.asynchronous);
    paint::dashed(painter, bar, palette.asynchronous);
    let text = if last { format!("attempt {attempt}, last") } else { format!("attempt {attempt}") };
    words(painter, bar.right_center() + vec2(6.0, 0.0), &text, palette.second);
    let outlets = configuration.filter(|_| last).into_iter().flat_map(outlets);
    for (target, what) in outlets {
        let goal = geometry.rows.iter().position(|row| match target {
            Target::Queue(queue) => row.is_queue(queue),
            Target::Function(function) => matches!(&row.key, LaneKey::Events(of) | LaneKey::Environment(of, _) if of == function),
        });
        if let Some(goal) = goal.filter(|goal| *goal != row) {
            let to = pos2(bar.right(), geometry.row(goal).center().y);
            let from = pos2(bar.right(), if to.y > bar.center().y { bar.bottom() } else { bar.top() });
            paint::dashed_line(painter, from, to, palette.error);
            painter.circle(to, 4.0, palette.ground, egui::Stroke::new(1.4, palette.error));
            words(painter, to + vec2(9.0, 0.0), &format!("{what}, if attempt {attempt} fails"), palette.second);
        }
    }
}

/// Where an event goes that was tried for the last time (semantics 3.5).
fn outlets(function: &FunctionConfiguration) -> impl Iterator<Item = (&Target, &'static str)> {
    let record = function.event_invoke.on_failure.as_ref().map(|target| (target, "record"));
    record.into_iter().chain(function.dead_letter.as_ref().map(|target| (target, "event")))
}

/// The queues that an event which waits for its last attempt may end in; they are shown even while they are empty.
pub fn goals(model: &Model) -> Vec<crate::service::ids::QueueName> {
    let mut goals = Vec::new();
    for due in &model.due {
        let DueKind::Attempt { function, attempt, .. } = &due.what else { continue };
        let configuration = model.functions.get(function).and_then(|function| function.configuration.as_deref());
        let last = configuration.filter(|function| *attempt > function.event_invoke.maximum_retry_attempts);
        for (target, _) in last.into_iter().flat_map(outlets) {
            if let Target::Queue(queue) = target
                && !goals.contains(queue)
            {
                goals.push(queue.clone());
            }
        }
    }
    goals
}

fn flag(painter: &Painter, geometry: &Geometry, due: &Due, key: &LaneKey, colour: Color32, text: &str, palette: &Palette) {
    let Some(index) = geometry.rows.iter().position(|row| row.key == *key && row.sub == 0) else { return };
    let (x, row) = (geometry.x(due.at.0), geometry.row(index));
    paint::dashed_line(painter, pos2(x, geometry.lanes.top()), pos2(x, row.bottom() - 5.0), colour);
    painter.circle_filled(pos2(x, row.center().y), 3.0, colour);
    words(painter, pos2(x + 8.0, row.center().y), text, palette.second);
}

/// Words right of a point, or left of it where they would be cut off.
fn words(painter: &Painter, at: Pos2, text: &str, colour: Color32) {
    let galley = painter.layout_no_wrap(text.to_owned(), FontId::proportional(TINY), colour);
    let size = galley.size();
    let left = if at.x + size.x < painter.clip_rect().right() - 4.0 { at.x } else { at.x - BACK - size.x };
    painter.galley(pos2(left, at.y - size.y * 0.5), galley, colour);
}
