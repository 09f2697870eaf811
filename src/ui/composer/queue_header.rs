//! Above the batches of a queue: who reads it, which batch is looked at, and what can be done with its messages.

use egui::{
    Align, CornerRadius, EventFilter, Frame, Key, Label, Layout, Margin, Response, RichText, Sense, Stroke, StrokeKind, Ui, vec2,
};

use super::deleted::DeletedMessages;
use crate::command::Command;
use crate::model::Model;
use crate::model::queues::Queue;
use crate::model::selection::{InvocationModel, Selection};
use crate::service::ids::{BatchId, QueueName};
use crate::ui::action::{Action, ComposerTab};
use crate::ui::theme::{self, BODY, Palette, SMALL};
use crate::ui::{icons, widgets};

/// From this width on everything has room in one line.
const ROOMY: f32 = 700.0;
const LINE: f32 = 30.0;

/// Which batch of a queue is looked at: the newest one until somebody walks back.
#[derive(Default)]
pub struct Walker {
    at: Option<(QueueName, BatchId)>,
    /// What was selected when it was looked at last.
    selected: Selection,
}

impl Walker {
    /// The batch that is looked at.
    #[must_use]
    pub fn shown(&self, name: &QueueName, queue: &Queue) -> Option<BatchId> {
        let index = self.index(name, queue)?;
        queue.batches.get(index).copied()
    }

    /// Goes along when another batch is selected elsewhere.
    pub fn follow(&mut self, model: &Model, selection: &Selection) {
        if self.selected == *selection {
            return;
        }
        self.selected = selection.clone();
        let of_run = |id| model.invocations.get(&id).and_then(|invocation| invocation.batch);
        let batch = match selection {
            Selection::Batch(id) => Some(*id),
            _ => selection.request_id().and_then(of_run),
        };
        let found = batch.and_then(|id| Some((id, &model.batches.get(&id)?.queue)));
        if let Some((id, name)) = found
            && let Some(queue) = model.queues.get(name)
            && let Ok(index) = queue.batches.binary_search(&id)
        {
            self.go(name, queue, index);
        }
    }

    /// Where it is among the batches that are known.
    fn index(&self, name: &QueueName, queue: &Queue) -> Option<usize> {
        let newest = queue.batches.len().checked_sub(1)?;
        let at = self.at.as_ref().filter(|(of, _)| of == name).and_then(|(_, id)| queue.batches.binary_search(id).ok());
        Some(at.unwrap_or(newest))
    }

    /// At the newest it is the newest one that is looked at from now on.
    fn go(&mut self, name: &QueueName, queue: &Queue, index: usize) {
        let id = queue.batches.get(index).filter(|_| index + 1 < queue.batches.len());
        self.at = id.map(|id| (name.clone(), *id));
    }
}

pub fn queue_header_ui(
    ui: &mut Ui,
    model: &Model,
    (name, queue): (&QueueName, &Queue),
    walker: &mut Walker,
    deleted: &DeletedMessages,
    actions: &mut Vec<Action>,
) {
    super::padded(ui, |ui| {
        let roomy = ui.available_width() > ROOMY;
        let line = vec2(ui.available_width(), LINE);
        ui.allocate_ui_with_layout(line, Layout::right_to_left(Align::Center), |ui| {
            put_button(ui, model, name, actions);
            if roomy {
                change(ui, model, (name, queue), deleted, actions);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.set_clip_rect(ui.max_rect().intersect(ui.clip_rect()));
                path(ui, model, name);
                if roomy {
                    walker_ui(ui, walker, (name, queue));
                    depth(ui, queue);
                }
            });
        });
        if !roomy {
            ui.horizontal_wrapped(|ui| {
                walker_ui(ui, walker, (name, queue));
                change(ui, model, (name, queue), deleted, actions);
                depth(ui, queue);
            });
        }
    });
}

fn depth(ui: &mut Ui, queue: &Queue) {
    let (waiting, invisible) = queue.depth();
    let mut tip = format!("{} processed and deleted, {} moved to another queue", queue.processed, queue.moved);
    if queue.expired.count > 0 {
        tip = format!("{tip}, {} expired", queue.expired.count);
    }
    if queue.left_out.count > 0 {
        tip = format!("{tip}, {} left out by the filter and deleted", queue.left_out.count);
    }
    widgets::figure(ui, format!("{waiting} waiting, {invisible} invisible")).on_hover_text(tip);
}

/// What can be done with the messages that are there.
fn change(ui: &mut Ui, model: &Model, (name, queue): (&QueueName, &Queue), deleted: &DeletedMessages, actions: &mut Vec<Action>) {
    purge(ui, model, (name, queue), deleted, actions);
    redrive(ui, model, name, actions);
}

/// `incoming → billing`
fn path(ui: &mut Ui, model: &Model, name: &QueueName) {
    let palette = Palette::of(ui);
    ui.label(RichText::new(icons::QUEUE).font(theme::icon(16.0)).color(palette.batch));
    ui.label(RichText::new(&**name).font(theme::semibold(theme::LARGE)));
    let Some(mapping) = model.mapping_of(name) else {
        ui.label(RichText::new("no function reads it").size(SMALL).color(palette.second));
        return;
    };
    ui.label(RichText::new(icons::ARROW_RIGHT).font(theme::icon(14.0)).color(palette.second));
    ui.label(RichText::new(&*mapping.function).font(theme::semibold(theme::LARGE)));
    if !mapping.enabled {
        ui.label(RichText::new("switched off").size(SMALL).color(palette.throttle));
    }
}

/// Goes to composing messages for this queue.
fn put_button(ui: &mut Ui, model: &Model, name: &QueueName, actions: &mut Vec<Action>) {
    let plus = RichText::new(icons::PLUS).font(theme::icon(14.0));
    let button = egui::Button::new((plus, RichText::new("Put messages").font(theme::medium(BODY))));
    if ui.add(button).accessible_name("Put messages").on_hover_text(format!("Compose messages for {name}")).clicked() {
        if let Some(mapping) = model.mapping_of(name) {
            actions.push(Action::ChooseFunction(mapping.function.clone()));
        }
        actions.extend([
            Action::ChooseQueue(name.clone()),
            Action::ChooseModel(InvocationModel::Queue),
            Action::OpenTab(ComposerTab::Event),
        ]);
    }
}

/// `batch 12 of 12` between two buttons; arrows, Home and End walk, too, when one of them has the keyboard.
fn walker_ui(ui: &mut Ui, walker: &mut Walker, (name, queue): (&QueueName, &Queue)) {
    let Some(index) = walker.index(name, queue) else { return };
    let newest = queue.batches.len() - 1;
    let forgotten = queue.batches_made - queue.batches.len() as u64;
    let mut to = None;
    Frame::new().inner_margin(Margin::symmetric(4, 0)).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = theme::GRID;
            let text = format!("batch {} of {}", forgotten + index as u64 + 1, queue.batches_made);
            let tip = match index == newest {
                true => "The newest batch; a newer one takes its place. Left and Right walk through all of them.",
                false => "An earlier batch. End, or the arrow up to the newest, follows the newest again.",
            };
            let label = Label::new(RichText::new(&text).font(theme::mono(SMALL)).color(Palette::of(ui).second))
                .sense(Sense::focusable_noninteractive());
            let named = ui.add(label).on_hover_text(tip);
            let previous =
                ui.add_enabled_ui(index > 0, |ui| widgets::icon_button(ui, icons::LEFT, "Previous batch", "Left")).inner;
            let next =
                ui.add_enabled_ui(index < newest, |ui| widgets::icon_button(ui, icons::RIGHT, "Next batch", "Right")).inner;
            if previous.clicked() {
                to = Some(index - 1);
            }
            if next.clicked() {
                to = Some(index + 1);
            }
            to = to.or_else(|| keys(ui, &[&named, &previous, &next], index, newest));
            // A button that cannot be pressed any more would lose the keyboard.
            if to.is_some_and(|to| to == 0 || to == newest) && (previous.has_focus() || next.has_focus()) {
                named.request_focus();
            }
            if named.has_focus() {
                let outline = Stroke::new(1.0, Palette::of(ui).text);
                ui.painter().rect_stroke(named.rect.expand(3.0), CornerRadius::same(4), outline, StrokeKind::Inside);
            }
        });
    });
    if let Some(to) = to {
        walker.go(name, queue, to);
    }
}

/// Where the keyboard walks to.
fn keys(ui: &Ui, widgets: &[&Response], index: usize, newest: usize) -> Option<usize> {
    let focused = widgets.iter().find(|response| response.has_focus())?;
    let kept = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(focused.id, kept));
    let pressed = |key| ui.input(|input| input.key_pressed(key));
    let steps = [
        (Key::ArrowLeft, index.saturating_sub(1)),
        (Key::ArrowRight, (index + 1).min(newest)),
        (Key::Home, 0),
        (Key::End, newest),
    ];
    steps.into_iter().find(|(key, _)| pressed(*key)).map(|(_, to)| to)
}

/// Messages that were moved here go back to where they came from.
fn redrive(ui: &mut Ui, model: &Model, name: &QueueName, actions: &mut Vec<Action>) {
    let Some(redrive) = model.redrive_of(name) else { return };
    let button = ui.add_enabled(redrive.count > 0, egui::Button::new(redrive.words()));
    if button.on_hover_text(redrive.tip()).on_disabled_hover_text(redrive.tip()).clicked() {
        actions.push(Action::Command(Command::Redrive(name.clone())));
    }
}

/// Deletes every message; they can be put back.
fn purge(ui: &mut Ui, model: &Model, (name, queue): (&QueueName, &Queue), deleted: &DeletedMessages, actions: &mut Vec<Action>) {
    let empty = queue.messages.is_empty();
    if ui.add_enabled(!empty, egui::Button::new("Purge")).on_hover_text("Delete every message").clicked() {
        actions.push(Action::Purge(name.clone()));
    }
    let count = deleted.count(model, name);
    if count == 0 {
        return;
    }
    let text = format!("Put {} back", widgets::grouped(count));
    let tip = "What was deleted last comes back as it was: as old, and received as often";
    if ui.button(text).on_hover_text(tip).clicked() {
        actions.push(deleted.put_back(model));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_batch_is_followed_until_somebody_walks_back_and_again_at_its_end() {
        let name = QueueName::from("incoming");
        let mut queue = Queue { batches: [3, 5, 8].map(BatchId).into(), batches_made: 3, ..Queue::default() };
        let mut walker = Walker::default();
        assert_eq!(walker.shown(&name, &queue), Some(BatchId(8)));
        queue.batches.push_back(BatchId(9));
        assert_eq!(walker.shown(&name, &queue), Some(BatchId(9)), "a newer one takes its place");
        walker.go(&name, &queue, 1);
        queue.batches.push_back(BatchId(12));
        assert_eq!(walker.shown(&name, &queue), Some(BatchId(5)), "the one that is looked at stays");
        assert_eq!(walker.shown(&"another".into(), &queue), Some(BatchId(12)));
        queue.batches.pop_front();
        assert_eq!(walker.index(&name, &queue), Some(0), "its place among those that are left");
        walker.go(&name, &queue, 3);
        queue.batches.push_back(BatchId(13));
        assert_eq!(walker.shown(&name, &queue), Some(BatchId(13)), "the newest is followed again");
        walker.go(&name, &queue, 0);
        queue.batches.pop_front();
        assert_eq!(walker.shown(&name, &queue), Some(BatchId(13)), "one that is forgotten gives way to the newest");
        assert_eq!(walker.shown(&name, &Queue::default()), None);
    }
}
