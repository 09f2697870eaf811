//! A message of a queue in the inspector: what can be done with it, its life, and its body.

use egui::{AtomExt as _, Button, RichText, Sense, Stroke, Ui, UiBuilder, Vec2};

use crate::command::Command;
use crate::events_catalog::json_text;
use crate::model::Model;
use crate::model::editor::{Document, Language};
use crate::model::queues::{Life, LifeRow, MomentKind, RowKind};
use crate::model::selection::{InvocationModel, Selection};
use crate::service::happened::{Due, DueKind};
use crate::service::ids::{FunctionName, MessageId};
use crate::service::time::Timestamp;
use crate::ui::action::Action;
use crate::ui::composer::put_back;
use crate::ui::editor::{CodeEditor, EditorOptions};
use crate::ui::theme::{self, Palette, SMALL};
use crate::ui::{icons, widgets};

/// Height of a line of the body, and the least and the most that the body takes, in points.
const LINE: f32 = 20.0;
const BODY: std::ops::RangeInclusive<f32> = 80.0..=480.0;
/// A larger body is shown as it is: laying it out would hold up a frame.
const LAID_OUT: usize = 256 << 10;
const ROW: f32 = 26.0;

/// The body that is shown, in an editor that changes nothing.
#[derive(Default)]
pub struct MessageView {
    of: Option<MessageId>,
    editor: CodeEditor,
    document: Document,
}

impl MessageView {
    pub fn ui(&mut self, ui: &mut Ui, model: &Model, id: MessageId, now: Timestamp, actions: &mut Vec<Action>) {
        let Some(life) = model.lives.get(&id) else { return };
        if widgets::copyable(ui, &id.to_string(), "message id") {
            actions.push(Action::Copy(id.to_string()));
        }
        ui.add_space(theme::GRID);
        buttons(ui, model, id, life, actions);
        ui.add_space(theme::GRID * 2.0);
        ui.separator();
        widgets::section(ui, "Its life", |_| {});
        let spacing = std::mem::replace(&mut ui.spacing_mut().item_spacing.y, 0.0);
        for row in model.life_rows(id, now) {
            row_ui(ui, model, &row, actions);
        }
        ui.spacing_mut().item_spacing.y = spacing;
        ui.add_space(theme::GRID * 2.0);
        ui.separator();
        self.body(ui, id, &life.body, actions);
    }

    fn body(&mut self, ui: &mut Ui, id: MessageId, body: &str, actions: &mut Vec<Action>) {
        let copied = widgets::section(ui, "Body", |ui| {
            let copied = widgets::small_button(ui, "Copy body").clicked();
            widgets::figure(ui, widgets::size(body.len()));
            copied
        });
        if copied {
            actions.push(Action::Copy(body.to_owned()));
        }
        if self.of != Some(id) {
            *self = Self { of: Some(id), editor: CodeEditor::default(), document: document(body) };
        }
        #[expect(clippy::cast_precision_loss, reason = "clamped")]
        // The editor keeps a line free below the last one.
        let height = ((self.document.text().lines() + 1) as f32 * LINE).clamp(*BODY.start(), *BODY.end());
        let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), height), Sense::hover());
        let colours = Palette::of(ui).editor();
        let options = EditorOptions { read_only: true, ..EditorOptions::new("Body", &colours) };
        let mut inside = ui.new_child(UiBuilder::new().max_rect(rect));
        self.editor.show(&mut inside, &mut self.document, &options);
    }
}

fn document(body: &str) -> Document {
    let laid_out = if body.len() > LAID_OUT { None } else { json_text::format(body).ok() };
    match laid_out {
        Some(text) => Document::new(&text, Language::Json),
        None => Document::new(body, Language::Plain),
    }
}

fn buttons(ui: &mut Ui, model: &Model, id: MessageId, life: &Life, actions: &mut Vec<Action>) {
    let there = model.queues.get(&life.queue).is_some_and(|queue| queue.messages.contains_key(&id));
    ui.horizontal_wrapped(|ui| {
        if let Some(due) = model.due_of_message(id) {
            let text = step_words(model, &due);
            let tip = due.what.to_string();
            // What goes on by itself stands out; to see a message expire is not what most people want.
            let button = match due.what.is_step() {
                true => widgets::filled_button(ui, &text, "", Palette::of(ui).batch, true),
                false => ui.button(&text),
            };
            if button.on_hover_text(tip).clicked() {
                actions.push(Action::Command(Command::StepToDue(due)));
            }
        }
        if there && ui.button(format!("Show {}", life.queue)).on_hover_text("The queue that it is in").clicked() {
            actions.push(Action::Select(Selection::Queue(life.queue.clone())));
        }
        let tip = "Compose a new message with this body";
        if let Some(function) = composed_for(model, life)
            && ui.button("Edit and send again").on_hover_text(tip).clicked()
        {
            let text = json_text::format(&life.body).unwrap_or_else(|_| life.body.to_string());
            actions.extend([
                Action::ChooseFunction(function.clone()),
                Action::ChooseQueue(life.queue.clone()),
                Action::Compose { function, model: InvocationModel::Queue, text, label: None },
            ]);
        }
        if there && ui.button("Delete").clicked() {
            actions.push(Action::DeleteMessage(life.queue.clone(), id));
        }
        let tip = "As it was: as old, and received as often";
        if model.can_put_back(&life.queue, id) && ui.button("Put it back").on_hover_text(tip).clicked() {
            actions.push(put_back(&life.queue, vec![id]));
        }
    });
}

/// `Step to 0:35.120`, and of what is days away `Step to its expiry`.
fn step_words(model: &Model, due: &Due) -> String {
    match due.what {
        DueKind::MessageExpires { .. } => "Step to its expiry".to_owned(),
        _ => format!("Step to {}", model.on_ruler(due.at)),
    }
}

/// The function that a message like this one is composed for: the one that reads its queue, else the one that received it.
fn composed_for(model: &Model, life: &Life) -> Option<FunctionName> {
    let reads = model.mapping_of(&life.queue).map(|mapping| &mapping.function);
    let received = life.moments.iter().rev().find_map(|moment| match &moment.what {
        MomentKind::Received { function, .. } => Some(function),
        _ => None,
    });
    let first = model.workspace.functions.first().map(|view| &view.configuration.name);
    reads.or(received).or(first).cloned()
}

/// One line of its life; one about a batch shows that when it is pressed.
fn row_ui(ui: &mut Ui, model: &Model, row: &LifeRow, actions: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let (icon, colour) = match row.kind {
        RowKind::Sent => (icons::SENT, palette.second),
        RowKind::Running => (icons::PLAY, palette.batch),
        RowKind::Held => (icons::HOURGLASS, palette.throttle),
        RowKind::Ok => (icons::OK, palette.ok),
        RowKind::Failed => (icons::FAILED, palette.error),
        RowKind::VisibleAgain => (icons::EYE, palette.second),
        RowKind::Moved => (icons::DEAD_LETTER, palette.error),
        RowKind::LeftOut => (icons::FUNNEL_X, palette.second),
        RowKind::Gone => (icons::TRASH, palette.second),
        RowKind::Due => (icons::DUE, palette.throttle),
    };
    let text = (
        RichText::new(icon).font(theme::icon(15.0)).color(colour),
        RichText::new(model.on_ruler(row.at)).font(theme::mono(SMALL)),
        RichText::new(&row.words).atom_shrink(true),
    );
    let right = RichText::new(&row.right).size(SMALL).color(palette.second);
    let sense = if row.about.is_some() { Sense::click() } else { Sense::hover() };
    let width = ui.available_width();
    let button = Button::selectable(false, text).truncate().sense(sense).shortcut_text(right).min_size(Vec2::new(width, ROW));
    let button = if row.about.is_some() { button } else { button.stroke(Stroke::NONE) };
    let name = format!("{} {}", row.words, row.right);
    let response = ui.scope(|ui| {
        ui.spacing_mut().button_padding.x = theme::GRID;
        ui.add(button)
    });
    if response.inner.accessible_name(name.trim()).on_hover_text(row.at.iso_millis()).clicked() {
        actions.extend(row.about.clone().map(Action::Select));
    }
}
