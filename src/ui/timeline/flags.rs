//! Flags at the axis: what is due next and whose it is, at the moment when it is. What is due at about the same moment has
//! one flag with its number; all of it is told on hover.

use egui::{Align2, Color32, FontId, Galley, Painter, Rect, Sense, Ui, pos2, vec2};
use std::sync::Arc;

use super::future::steps_ahead;
use super::geometry::{Geometry, RULER};
use super::paint::HEAD;
use crate::model::Model;
use crate::model::lengths::due_in;
use crate::model::selection::Selection;
use crate::service::happened::{Due, DueKind};
use crate::service::time::Timestamp;
use crate::ui::action::Action;
use crate::ui::theme::{Palette, TINY};

/// Points before the words of a flag, for its dot, and behind them; one without words is as wide at both sides of its dot.
const DOT: f32 = 14.0;
const AFTER: f32 = 7.0;
/// Points between flags.
const APART: f32 = 4.0;
/// Things that are due nearer to each other than this have one flag.
const NEAR: f32 = 26.0;
/// Things that the text on hover lists.
const LISTED: usize = 8;

/// A few words in the ruler.
pub struct Flag<'a> {
    /// Where its first moment lies on screen.
    pub x: f32,
    pub rect: Rect,
    pub due: Vec<&'a Due>,
    /// How short its words are, from 0; the longest says whose it is.
    form: usize,
    words: Arc<Galley>,
    colour: Color32,
}

impl Flag<'_> {
    /// Whether its words say what is due, or no more than that something is.
    #[must_use]
    pub fn tells(&self, due: &Due) -> bool {
        let alike = self.due.iter().all(|other| kind(&other.what) == kind(&due.what));
        alike && self.form < 2 && self.due.iter().any(|other| std::ptr::eq(*other, due))
    }
}

/// What is due, the earliest first, each with the longest words that fit.
pub fn flags<'a>(ui: &Ui, model: &'a Model, geometry: &Geometry) -> Vec<Flag<'a>> {
    let (painter, palette) = (ui.painter_at(geometry.body), Palette::of(ui));
    let mut groups: Vec<(f32, Vec<&Due>)> = Vec::new();
    for due in steps_ahead(model, geometry) {
        let x = geometry.x(due.at.0);
        match groups.last_mut() {
            _ if !geometry.body.x_range().contains(x) => {}
            Some((last, group)) if x - *last < NEAR => group.push(due),
            _ => groups.push((x, vec![due])),
        }
    }
    let ends: Vec<f32> = groups.iter().skip(1).map(|(x, _)| *x - APART).chain([geometry.body.right()]).collect();
    let mut flags: Vec<Flag<'_>> = Vec::new();
    for ((x, due), end) in groups.into_iter().zip(ends) {
        let layout = |text: String| painter.layout_no_wrap(text, FontId::proportional(TINY), palette.text);
        let forms: Vec<Arc<Galley>> = forms(&due).into_iter().map(layout).collect();
        let widths: Vec<f32> = forms.iter().map(|galley| width(galley.size().x)).collect();
        // Left of now is the past.
        let now = geometry.x(geometry.now) + HEAD;
        let begin = flags.last().map_or(now, |last| last.rect.right() + APART).max(geometry.body.left());
        let (form, left) = place(&widths, x, begin..end);
        let rect = Rect::from_min_size(pos2(left, geometry.body.top() + 3.0), vec2(widths[form], RULER - 6.0));
        let colour = colour(&due, &palette);
        flags.push(Flag { x, rect, due, form, words: Arc::clone(&forms[form]), colour });
    }
    flags
}

/// With its dot; one that is nothing else is as wide as its room at both sides.
fn width(words: f32) -> f32 {
    if words > 0.0 { DOT + words + AFTER } else { DOT }
}

/// Which form has room within `free`, and where it begins: right of its moment, or left of it where that has more room, as
/// at the edge of the panel. The last form is taken whatever room there is.
fn place(widths: &[f32], x: f32, free: std::ops::Range<f32>) -> (usize, f32) {
    let last = widths.len().saturating_sub(1);
    let fits = |room: f32| widths.iter().position(|width| *width <= room).unwrap_or(last);
    let (right, left) = (fits(free.end - x), fits(x - free.start));
    if left < right { (left, x - widths[left]) } else { (right, x) }
}

/// From the longest to the shortest, which is the dot alone.
fn forms(due: &[&Due]) -> Vec<String> {
    let [first, ..] = due else { return vec![String::new()] };
    let same_owner = due.iter().all(|other| owner(&other.what) == owner(&first.what));
    let same_kind = due.iter().all(|other| kind(&other.what) == kind(&first.what));
    let count = due.len();
    let what = match (count, same_kind) {
        (1, _) => kind(&first.what).to_owned(),
        (_, true) => format!("{count} × {}", kind(&first.what)),
        (_, false) => format!("{count} due"),
    };
    let whose = if same_owner { owner(&first.what).to_owned() } else { owners(due) };
    let short = if count == 1 { short(&first.what).to_owned() } else { count.to_string() };
    vec![format!("{whose}: {what}"), what, short, String::new()]
}

/// Everybody's name once.
fn owners(due: &[&Due]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for name in due.iter().map(|due| owner(&due.what)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(", ")
}

/// The function or the queue that it is about.
fn owner(what: &DueKind) -> &str {
    match what {
        DueKind::WindowCloses { queue, .. } | DueKind::MessageVisible { queue, .. } | DueKind::MessageExpires { queue, .. } => {
            queue
        }
        DueKind::Attempt { function, .. }
        | DueKind::Timeout { function, .. }
        | DueKind::InitLimit { function, .. }
        | DueKind::IntegrationTimeout { function, .. }
        | DueKind::IdleExpiry { function, .. } => function,
    }
}

/// What a thing that is due is called at the axis.
pub fn kind(what: &DueKind) -> &'static str {
    match what {
        DueKind::Attempt { attempt: 1, .. } => "attempt 1 due",
        DueKind::Attempt { attempt: 2, .. } => "retry 1 due",
        DueKind::Attempt { attempt: 3, .. } => "retry 2 due",
        DueKind::Attempt { .. } => "retry due",
        DueKind::WindowCloses { .. } => "window closes",
        DueKind::MessageVisible { .. } => "visible again",
        DueKind::MessageExpires { .. } => "message expires",
        // None of these is a step.
        DueKind::Timeout { .. } | DueKind::InitLimit { .. } | DueKind::IntegrationTimeout { .. } | DueKind::IdleExpiry { .. } => {
            "due"
        }
    }
}

fn short(what: &DueKind) -> &'static str {
    match what {
        DueKind::Attempt { attempt: 1, .. } => "first",
        DueKind::Attempt { .. } => "retry",
        DueKind::WindowCloses { .. } => "closes",
        DueKind::MessageVisible { .. } => "visible",
        DueKind::MessageExpires { .. } => "expires",
        DueKind::Timeout { .. } | DueKind::InitLimit { .. } | DueKind::IntegrationTimeout { .. } | DueKind::IdleExpiry { .. } => {
            "due"
        }
    }
}

/// The colour of what is due, and of its line.
pub fn colour_of(what: &DueKind, palette: &Palette) -> Color32 {
    match what {
        DueKind::Attempt { .. } => palette.asynchronous,
        DueKind::WindowCloses { .. } => palette.batch,
        DueKind::MessageVisible { .. } => palette.throttle,
        DueKind::MessageExpires { .. } => palette.error,
        DueKind::Timeout { .. } | DueKind::InitLimit { .. } | DueKind::IntegrationTimeout { .. } | DueKind::IdleExpiry { .. } => {
            palette.second
        }
    }
}

/// Different things have no colour together.
fn colour(due: &[&Due], palette: &Palette) -> Color32 {
    let first = due.first().map_or(palette.second, |due| colour_of(&due.what, palette));
    if due.iter().all(|due| colour_of(&due.what, palette) == first) { first } else { palette.second }
}

/// What is looked at when a flag is pressed.
fn target(due: &Due) -> Selection {
    match &due.what {
        DueKind::Attempt { request_id, .. }
        | DueKind::Timeout { request_id, .. }
        | DueKind::IntegrationTimeout { request_id, .. } => Selection::Invocation(*request_id),
        DueKind::WindowCloses { queue, .. } => Selection::Queue(queue.clone()),
        DueKind::MessageVisible { queue, message_id } | DueKind::MessageExpires { queue, message_id } => {
            Selection::Message(queue.clone(), *message_id)
        }
        DueKind::InitLimit { function, .. } | DueKind::IdleExpiry { function, .. } => Selection::Function(function.clone()),
    }
}

/// All of it, a line each, with its owner, how long it is still to come, and when that is. What has the same line is told
/// once, with its number.
fn described(model: &Model, due: &[&Due], now: u64) -> String {
    let line = |(due, count): &(&Due, usize)| {
        let what = due.what.to_string();
        let whose = owner(&due.what);
        let whose = if what.contains(whose) { String::new() } else { format!("{whose}, ") };
        let times = if *count > 1 { format!("{count} × ") } else { String::new() };
        format!("{times}{whose}{what}, {} at {}", due_in(due.at.since(Timestamp(now))), model.on_ruler(due.at))
    };
    let (groups, more) = alike(model, due);
    let mut lines: Vec<String> = groups.iter().map(line).collect();
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines.extend(due.first().map(|due| due.at.iso_millis()));
    lines.join("\n")
}

/// The first [`LISTED`] different things with how many there are of each, and how many others there are.
fn alike<'a>(model: &Model, due: &[&'a Due]) -> (Vec<(&'a Due, usize)>, usize) {
    let (mut groups, mut more): (Vec<(&Due, usize)>, usize) = (Vec::new(), 0);
    let zero = model.timeline.first().unwrap_or(Timestamp(0));
    let millisecond = |due: &Due| due.at.since(zero).0 / 1_000;
    for due in due {
        let same = |other: &Due| millisecond(other) == millisecond(due) && has_same_words(&other.what, &due.what);
        match groups.iter().position(|(other, _)| same(other)) {
            Some(index) => groups[index].1 += 1,
            None if groups.len() < LISTED => groups.push((due, 1)),
            None => more += 1,
        }
    }
    (groups, more)
}

/// Messages are told without their ids.
fn has_same_words(one: &DueKind, other: &DueKind) -> bool {
    match (one, other) {
        (DueKind::MessageVisible { queue: one, .. }, DueKind::MessageVisible { queue: other, .. })
        | (DueKind::MessageExpires { queue: one, .. }, DueKind::MessageExpires { queue: other, .. }) => one == other,
        _ => false,
    }
}

/// Draws the flags. Each has its text on hover and for screen readers; pressing one shows what is due.
pub fn flags_ui(ui: &Ui, model: &Model, geometry: &Geometry, flags: &[Flag<'_>], actions: &mut Vec<Action>) {
    let (painter, palette) = (ui.painter_at(geometry.body), Palette::of(ui));
    for (number, flag) in flags.iter().enumerate() {
        let response = ui.interact(flag.rect, ui.scope_id().with(("flag", number)), Sense::click());
        let text = described(model, &flag.due, geometry.now);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Button, true, text.replace('\n', "; ")));
        draw(&painter, flag, response.hovered() || response.has_focus(), &palette);
        if response.clicked() {
            actions.extend(flag.due.first().map(|due| Action::Select(target(due))));
        }
        response.on_hover_cursor(egui::CursorIcon::PointingHand).on_hover_text(text);
    }
}

fn draw(painter: &Painter, flag: &Flag<'_>, meant: bool, palette: &Palette) {
    let stroke = egui::Stroke::new(1.0, if meant { palette.text } else { palette.hairline });
    painter.rect(flag.rect, 3.0, palette.raised, stroke, egui::StrokeKind::Inside);
    let dot = pos2(flag.rect.left() + DOT * 0.5, flag.rect.center().y);
    painter.circle_filled(dot, 2.5, flag.colour);
    let place = Align2::LEFT_CENTER.anchor_size(pos2(flag.rect.left() + DOT, flag.rect.center().y), flag.words.size());
    painter.galley(place.min, Arc::clone(&flag.words), palette.text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::ids::{MessageId, RequestId};

    fn attempt(attempt: u32, function: &str) -> Due {
        let what = DueKind::Attempt { request_id: RequestId(1), function: function.into(), attempt, label: None };
        Due { at: Timestamp(180_000_000), what }
    }

    fn visible(id: u128) -> Due {
        Due { at: Timestamp(1), what: DueKind::MessageVisible { queue: "incoming".into(), message_id: MessageId(id) } }
    }

    #[test]
    fn a_flag_says_whose_it_is_or_how_many_there_are() {
        let (first, second, other) = (attempt(3, "confirm"), attempt(3, "notify"), visible(1));
        let again = visible(2);
        for (due, expected) in [
            (vec![&first], ["confirm: retry 2 due", "retry 2 due", "retry", ""]),
            (vec![&other], ["incoming: visible again", "visible again", "visible", ""]),
            (vec![&other, &again], ["incoming: 2 × visible again", "2 × visible again", "2", ""]),
            (vec![&first, &second], ["confirm, notify: 2 × retry 2 due", "2 × retry 2 due", "2", ""]),
            (vec![&first, &other, &again], ["confirm, incoming: 3 due", "3 due", "3", ""]),
        ] {
            assert_eq!(forms(&due), expected);
        }
    }

    #[test]
    fn the_text_on_hover_tells_all_of_it() {
        let due: Vec<Due> = [attempt(3, "confirm")].into_iter().chain((0..9).map(visible)).collect();
        let text = described(&Model::default(), &due.iter().collect::<Vec<_>>(), 0);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("confirm, attempt 3 of 00000000, in 3 min at "), "{text}");
        assert!(lines[1].starts_with("9 × incoming: a message is visible again, in 1 ms at "), "{text}");
        assert_eq!(lines.len(), 3, "{text}");
        let due: Vec<Due> = (1..11).map(|number| attempt(number, "confirm")).collect();
        let text = described(&Model::default(), &due.iter().collect::<Vec<_>>(), 0);
        assert!(text.contains("and 2 more"), "{text}");
    }

    #[test]
    fn the_longest_words_are_taken_that_fit_at_one_of_the_sides() {
        let widths = [140.0, 80.0, 40.0, 14.0];
        assert_eq!(place(&widths, 100.0, 0.0..400.0), (0, 100.0));
        assert_eq!(place(&widths, 100.0, 0.0..190.0), (1, 100.0));
        assert_eq!(place(&widths, 100.0, 80.0..130.0), (3, 100.0));
        assert_eq!(place(&widths, 380.0, 100.0..400.0), (0, 240.0), "left of it at the edge");
        assert_eq!(place(&widths, 390.0, 385.0..395.0), (3, 390.0), "a dot in any case");
    }
}
