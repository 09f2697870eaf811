//! The attempts of an invocation as a table, with the waits between them.

use egui::{Align2, Color32, CornerRadius, FontId, Response, RichText, Sense, TextWrapMode, Ui, Vec2, WidgetText, pos2, vec2};

use crate::model::Model;
use crate::model::invocations::{Attempt, Invocation, Retry, Start};
use crate::model::lengths::due_in;
use crate::model::selection::Selection;
use crate::service::ids::RequestId;
use crate::service::time::{Micros, Timestamp};
use crate::ui::action::Action;
use crate::ui::theme::{self, BODY, Palette, SMALL};
use crate::ui::{icons, widgets};

/// Heights of a row and of a wait between two, in points.
const ROW: f32 = 25.0;
const WAIT: f32 = 19.0;
/// Where columns begin, from the left of the text around the table: the time, and what it was.
const TIME: f32 = 24.0;
const WHAT: f32 = 98.0;
/// How far the ground of a row reaches beyond that text at both sides.
const BEYOND: f32 = 8.0;

/// The attempt that is looked at: the selected one, else the last.
pub fn looked_at<'a>(invocation: &'a Invocation, selection: &Selection) -> Option<&'a Attempt> {
    match selection {
        Selection::Attempt(_, number) => invocation.attempts.iter().find(|attempt| attempt.number == *number),
        _ => invocation.attempts.last(),
    }
}

pub fn attempts_ui(
    ui: &mut Ui,
    model: &Model,
    id: RequestId,
    invocation: &Invocation,
    selection: &Selection,
    now: Timestamp,
    actions: &mut Vec<Action>,
) {
    if invocation.attempts.is_empty() && invocation.retry.is_none() {
        return;
    }
    widgets::divider(ui);
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.spacing_mut().interact_size.y = 0.0;
        widgets::section(ui, "Attempts", |_| {});
        ui.add_space(2.0);
        if let Some(words) = invocation.before_words() {
            ui.label(RichText::new(words).size(SMALL).color(Palette::of(ui).second));
        }
        let only = invocation.attempts.len() == 1 && invocation.retry.is_none();
        let chosen = looked_at(invocation, selection).filter(|_| !only).map(|attempt| attempt.number);
        let failed = model.failed_words(invocation);
        let mut before: Option<Timestamp> = None;
        for attempt in &invocation.attempts {
            if let Some(before) = before {
                wait(ui, attempt.started.since(before));
            }
            let cells = cells(model, attempt, failed.as_deref(), &Palette::of(ui));
            let name = format!("Attempt {}", attempt.number);
            if row(ui, &cells, &name, chosen == Some(attempt.number), Sense::click()).clicked() {
                actions.push(Action::Select(Selection::Attempt(id, attempt.number)));
            }
            before = attempt.ended.as_ref().map(|ended| ended.at);
        }
        if let Some(retry) = invocation.retry.as_ref().filter(|_| invocation.outcome.is_none()) {
            wait(ui, retry.due.since(retry.since));
            due(ui, model, invocation, retry, now);
        }
    });
}

/// What stands in a row.
struct Cells {
    icon: &'static str,
    colour: Color32,
    at: Timestamp,
    /// The same on the ruler.
    time: String,
    what: String,
    right: String,
}

/// `failed` says how much of its batch failed, if anything did.
fn cells(model: &Model, attempt: &Attempt, failed: Option<&str>, palette: &Palette) -> Cells {
    let (icon, colour, right) = match &attempt.ended {
        None => (icons::PLAY, palette.synchronous, "running".to_owned()),
        Some(ended) if ended.result.is_ok() && failed.is_none() => (icons::OK, palette.ok, ended.duration.to_string()),
        Some(ended) => (icons::FAILED, palette.error, ended.duration.to_string()),
    };
    let start = match attempt.start {
        Start::Cold(Some(init)) => format!("cold, init {init}"),
        Start::Cold(None) => "cold".into(),
        Start::InitWithin(Some(init)) => format!("init {init} within the invoke"),
        Start::InitWithin(None) => "init within the invoke".into(),
        Start::InitFailed => "init failed".into(),
        Start::Warm => format!("warm, environment {}", attempt.environment_number),
    };
    let what = failed.map_or_else(|| start.clone(), |failed| format!("{start}, {failed}"));
    Cells { icon, colour, at: attempt.started, time: model.on_ruler(attempt.started), what, right }
}

/// The next attempt: there is nothing of it to look at yet.
fn due(ui: &mut Ui, model: &Model, invocation: &Invocation, retry: &Retry, now: Timestamp) {
    let configuration = model.functions.get(&invocation.function).and_then(|function| function.configuration.as_deref());
    let event_invoke = configuration.map(|function| &function.event_invoke);
    let last = event_invoke.is_some_and(|settings| retry.attempt > settings.maximum_retry_attempts);
    let what = match configuration.filter(|_| last) {
        Some(function) if function.event_invoke.on_failure.is_some() => "due, then on_failure",
        Some(function) if function.dead_letter.is_some() => "due, then the dead-letter queue",
        Some(_) => "due, the last one",
        None => "due",
    };
    let right = due_in(retry.due.since(now));
    let name = format!("Attempt {} is due {right}", retry.attempt);
    let (at, time, colour) = (retry.due, model.on_ruler(retry.due), Palette::of(ui).asynchronous);
    let cells = Cells { icon: icons::DUE, colour, at, time, what: what.to_owned(), right };
    row(ui, &cells, &name, false, Sense::hover());
}

fn row(ui: &mut Ui, cells: &Cells, name: &str, chosen: bool, sense: Sense) -> Response {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW), sense);
    let kind = if sense.senses_click() { egui::accesskit::Role::Button } else { egui::accesskit::Role::Label };
    response.widget_info(|| egui::WidgetInfo {
        current_text_value: Some(format!("{}, {}, {}", cells.time, cells.what, cells.right)),
        ..egui::WidgetInfo::labeled(kind, true, name)
    });
    let ground = rect.expand2(vec2(BEYOND, 0.0));
    let corner = CornerRadius::same(theme::CORNER);
    if chosen || (sense.senses_click() && response.hovered()) {
        let fill = if chosen { palette.raised } else { palette.tint(palette.raised, 0.6) };
        ui.painter().rect_filled(ground, corner, fill);
    }
    if response.has_focus() {
        ui.painter().rect_stroke(ground, corner, egui::Stroke::new(1.0, palette.text), egui::StrokeKind::Inside);
    }
    let (painter, middle) = (ui.painter(), rect.center().y);
    let ground_colour = if chosen { palette.raised } else { palette.panel };
    widgets::status_icon(painter, pos2(rect.left() + 8.0, middle), cells.icon, 15.0, cells.colour, ground_colour);
    let time = pos2(rect.left() + TIME, middle);
    painter.text(time, Align2::LEFT_CENTER, &cells.time, theme::mono(SMALL), palette.text);
    let right = pos2(rect.right(), middle);
    let right = painter.text(right, Align2::RIGHT_CENTER, &cells.right, theme::mono(SMALL), palette.second);
    let room = right.left() - rect.left() - WHAT - theme::GRID;
    let what = WidgetText::from(RichText::new(&cells.what));
    let what = what.into_galley(ui, Some(TextWrapMode::Truncate), room, FontId::proportional(BODY));
    let exact = cells.at.iso_millis();
    let tip = if what.elided { format!("{}\n{exact}", cells.what) } else { exact };
    ui.painter().galley(pos2(rect.left() + WHAT, middle - what.size().y * 0.5), what, palette.text);
    response.on_hover_text(tip)
}

/// Between two attempts.
fn wait(ui: &mut Ui, length: Micros) {
    let colour = Palette::of(ui).third;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        ui.set_height(WAIT);
        ui.add_space(WHAT);
        ui.label(RichText::new(format!("waits {length}")).size(SMALL).color(colour));
    });
}
