//! What is due, right of now: attempts as dashed outlines, deadlines as flags, and where the event goes if the last fails.

use egui::{FontId, Painter, Pos2, Rect, Ui, Vec2, pos2, vec2};

use super::flags::{self, Flag};
use super::geometry::Geometry;
use super::paint;
use crate::model::Model;
use crate::model::timeline::LaneKey;
use crate::service::configuration::{FunctionConfiguration, Target};
use crate::service::happened::{Due, DueKind};
use crate::service::ids::QueueName;
use crate::ui::theme::{LANE, Palette, TINY};

const MOST: usize = 60;
const OUTLINE: f32 = 46.0;
/// From where words begin to the other side of what they name.
const BACK: f32 = 18.0;

/// What is due after now, the earliest first; no screen shows more.
pub fn steps_ahead<'a>(model: &'a Model, geometry: &Geometry) -> impl Iterator<Item = &'a Due> + use<'a> {
    let now = geometry.now;
    let is_shown = |due: &&Due| due.what.is_step() || matches!(due.what, DueKind::MessageExpires { .. });
    model.due.iter().filter(move |due| due.at.0 >= now).filter(is_shown).take(MOST)
}

pub fn future(ui: &Ui, model: &Model, geometry: &Geometry, flags: &[Flag<'_>]) {
    let palette = Palette::of(ui);
    // Words do not stand across now.
    let now = Rect::from_x_y_ranges(geometry.x(geometry.now)..=geometry.x(geometry.now) + 1.0, geometry.lanes.y_range());
    let painter = ui.painter_at(geometry.lanes);
    let mut drawing = Drawing { painter, geometry, flags, palette, taken: vec![now], words: Vec::new() };
    for due in steps_ahead(model, geometry) {
        match &due.what {
            DueKind::Attempt { function, attempt, .. } => {
                let configuration = model.functions.get(function).and_then(|function| function.configuration.as_deref());
                drawing.attempt(due, function, *attempt, configuration);
            }
            DueKind::WindowCloses { queue, .. }
            | DueKind::MessageVisible { queue, .. }
            | DueKind::MessageExpires { queue, .. } => drawing.deadline(due, queue),
            _ => {}
        }
    }
    drawing.write();
}

/// What is drawn of the future, and the words that wait until everything else stands.
struct Drawing<'a> {
    painter: Painter,
    geometry: &'a Geometry,
    flags: &'a [Flag<'a>],
    palette: Palette,
    /// Where outlines, marks and words are already.
    taken: Vec<Rect>,
    words: Vec<(Pos2, String)>,
}

impl Drawing<'_> {
    fn attempt(&mut self, due: &Due, function: &str, attempt: u32, configuration: Option<&FunctionConfiguration>) {
        let geometry = self.geometry;
        let row = geometry.rows.iter().position(|row| matches!(&row.key, LaneKey::Environment(of, _) if &**of == function));
        let own = geometry.rows.iter().position(|row| matches!(&row.key, LaneKey::Events(of) if &**of == function));
        let Some(row) = row.or(own) else { return };
        let last = configuration.is_some_and(|function| attempt > function.event_invoke.maximum_retry_attempts);
        let x = geometry.x(due.at.0);
        let bar = Rect::from_min_size(pos2(x, geometry.row(row).top() + 5.0), vec2(OUTLINE, LANE - 10.0));
        paint::dashed_line(&self.painter, pos2(x, geometry.lanes.top()), bar.left_top(), self.palette.asynchronous);
        paint::dashed(&self.painter, bar, self.palette.asynchronous);
        self.taken.push(bar);
        let text = if last { format!("attempt {attempt}, last") } else { format!("attempt {attempt}") };
        self.words.push((bar.right_center() + vec2(6.0, 0.0), text));
        for (target, what) in configuration.filter(|_| last).into_iter().flat_map(outlets) {
            self.outlet(row, bar, target, &format!("{what}, if attempt {attempt} fails"));
        }
    }

    /// Where the event goes if its last attempt fails too.
    fn outlet(&mut self, row: usize, bar: Rect, target: &Target, text: &str) {
        let geometry = self.geometry;
        let goal = geometry.rows.iter().position(|row| match target {
            Target::Queue(queue) => row.is_queue(queue),
            Target::Function(function) => matches!(&row.key, LaneKey::Events(of) | LaneKey::Environment(of, _) if of == function),
        });
        let Some(goal) = goal.filter(|goal| *goal != row) else { return };
        let to = pos2(bar.right(), geometry.row(goal).center().y);
        let from = pos2(bar.right(), if to.y > bar.center().y { bar.bottom() } else { bar.top() });
        paint::dashed_line(&self.painter, from, to, self.palette.error);
        self.painter.circle(to, 4.0, self.palette.ground, egui::Stroke::new(1.4, self.palette.error));
        self.taken.push(Rect::from_center_size(to, vec2(8.0, 8.0)));
        self.words.push((to + vec2(9.0, 0.0), text.to_owned()));
    }

    /// A dot in the lane of its queue; its words where no flag at the axis has them.
    fn deadline(&mut self, due: &Due, queue: &QueueName) {
        let (text, colour) = (flags::kind(&due.what), flags::colour_of(&due.what, &self.palette));
        let key = LaneKey::Messages(queue.clone());
        let geometry = self.geometry;
        let Some(index) = geometry.rows.iter().position(|row| row.key == key && row.sub == 0) else { return };
        let (x, row) = (geometry.x(due.at.0), geometry.row(index));
        paint::dashed_line(&self.painter, pos2(x, geometry.lanes.top()), pos2(x, row.bottom() - 5.0), colour);
        self.painter.circle_filled(pos2(x, row.center().y), 3.0, colour);
        self.taken.push(Rect::from_center_size(pos2(x, row.center().y), vec2(6.0, 6.0)));
        let at = pos2(x + 8.0, row.center().y);
        // Messages that were received together come back together: said once.
        let flagged = self.flags.iter().any(|flag| flag.tells(due));
        if !flagged && !self.words.iter().any(|(other, said)| said == text && other.distance(at) < OUTLINE) {
            self.words.push((at, text.to_owned()));
        }
    }

    /// Words right of what they name, or left of it; where neither side is free they are left out.
    fn write(mut self) {
        for (at, text) in std::mem::take(&mut self.words) {
            let galley = self.painter.layout_no_wrap(text, FontId::proportional(TINY), self.palette.second);
            if let Some(place) = free_place(&self.taken, at, galley.size(), self.painter.clip_rect()) {
                self.painter.galley(place.min, galley, self.palette.second);
                self.taken.push(place);
            }
        }
    }
}

/// A place of this size beside a point that covers nothing and is not cut off.
fn free_place(taken: &[Rect], at: Pos2, size: Vec2, clip: Rect) -> Option<Rect> {
    let right = Rect::from_min_size(pos2(at.x, at.y - size.y * 0.5), size);
    let left = right.translate(vec2(-BACK - size.x, 0.0));
    [right, left].into_iter().find(|place| {
        let inside = place.right() < clip.right() - 4.0 && place.left() > clip.left();
        inside && !taken.iter().any(|other| other.intersects(*place))
    })
}

/// Where an event goes that was tried for the last time (semantics 3.5).
fn outlets(function: &FunctionConfiguration) -> impl Iterator<Item = (&Target, &'static str)> {
    let record = function.event_invoke.on_failure.as_ref().map(|target| (target, "record"));
    record.into_iter().chain(function.dead_letter.as_ref().map(|target| (target, "event")))
}

/// The queues that an event which waits for its last attempt may end in; they are shown even while they are empty.
pub fn goals(model: &Model) -> Vec<QueueName> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_at_a_free_side_or_nowhere() {
        let clip = Rect::from_min_size(Pos2::ZERO, vec2(400.0, 100.0));
        let (at, size) = (pos2(200.0, 50.0), vec2(60.0, 12.0));
        let right = free_place(&[], at, size, clip).unwrap();
        assert!(right.left() >= at.x);
        let left = free_place(&[right], at, size, clip).unwrap();
        assert!(left.right() < at.x);
        assert_eq!(free_place(&[right, left], at, size, clip), None);
        let at_the_edge = free_place(&[], pos2(370.0, 50.0), size, clip).unwrap();
        assert!(at_the_edge.right() < 370.0, "not cut off");
    }
}
