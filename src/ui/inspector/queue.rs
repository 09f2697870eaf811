//! A queue: what can be done with its messages, who feeds it, and where each message came from.

use egui::{Button, Label, Response, RichText, Ui, Vec2};

use crate::command::Command;
use crate::model::Model;
use crate::model::queues::{Cause, Feeder, MessageState, Queue, outlet_words};
use crate::model::selection::Selection;
use crate::model::why::short;
use crate::service::counted::counted;
use crate::service::ids::{MessageId, QueueName};
use crate::service::time::Timestamp;
use crate::ui::action::{Action, ComposerTab};
use crate::ui::menus::{Group, of_queue};
use crate::ui::theme::{self, Palette, SMALL};
use crate::ui::{icons, widgets};

/// Messages that are shown; the tab of the queue has all.
const SHOWN: usize = 50;
const ROW: f32 = 26.0;

pub fn queue_ui(ui: &mut Ui, model: &Model, name: &QueueName, now: Timestamp, actions: &mut Vec<Action>) {
    let Some(queue) = model.queues.get(name) else { return };
    ui.add_space(theme::GRID);
    buttons(ui, model, name, actions);
    let feeders = model.feeders(name);
    if !feeders.is_empty() {
        part(ui, "Fed by", |_| {});
        rows(ui, |ui| feeders.iter().for_each(|feeder| feeder_ui(ui, feeder, actions)));
    }
    let (messages, count) = queue.in_no_batch(SHOWN);
    if count > 0 {
        part(ui, "Messages and where they came from", |ui| widgets::figure(ui, widgets::grouped(count)));
        rows(ui, |ui| {
            for (id, message) in &messages {
                let right = match message.state {
                    MessageState::InvisibleUntil(until) => format!("visible at {}", model.on_ruler(until)),
                    _ => String::new(),
                };
                message_ui(ui, model, name, *id, &right, now, actions);
            }
        });
        if count > messages.len() {
            widgets::figure(ui, format!("and {} more in the tab Queue", widgets::grouped(count - messages.len())));
        }
    }
    expired_ui(ui, model, (name, queue), now, actions);
}

/// The newest first.
fn expired_ui(ui: &mut Ui, model: &Model, (name, queue): (&QueueName, &Queue), now: Timestamp, actions: &mut Vec<Action>) {
    if queue.expired.count == 0 {
        return;
    }
    part(ui, "Expired", |ui| widgets::figure(ui, queue.expired.count.to_string()));
    rows(ui, |ui| {
        for id in queue.expired.newest().take(SHOWN) {
            message_ui(ui, model, name, id, "expired", now, actions);
        }
    });
}

fn part<R>(ui: &mut Ui, title: &str, right: impl FnOnce(&mut Ui) -> R) {
    ui.add_space(theme::GRID);
    widgets::divider(ui);
    ui.scope(|ui| {
        ui.spacing_mut().interact_size.y = 0.0;
        widgets::section(ui, title, right);
    });
}

fn rows(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.spacing_mut().button_padding.x = theme::GRID;
        contents(ui);
    });
}

/// What sends something on first, then what shows more.
fn buttons(ui: &mut Ui, model: &Model, name: &QueueName, actions: &mut Vec<Action>) {
    ui.horizontal_wrapped(|ui| {
        if let Some(redrive) = model.redrive_of(name) {
            let accent = Palette::of(ui).batch;
            let button = widgets::filled_button(ui, &redrive.words(), "", accent, redrive.count > 0);
            if button.on_hover_text(redrive.tip()).on_disabled_hover_text(redrive.tip()).clicked() {
                actions.push(Action::Command(Command::Redrive(name.clone())));
            }
        }
        if ui.button("Show messages").on_hover_text("All of them, and the batches that were made of them").clicked() {
            actions.extend([Action::ChooseQueue(name.clone()), Action::OpenTab(ComposerTab::Queue)]);
        }
        let put = of_queue(model, name).into_iter().find(|item| item.group == Group::Run && item.name == "Put a message");
        if let Some(put) = put
            && ui.button(&put.name).clicked()
        {
            actions.extend(put.actions);
        }
    });
}

fn feeder_ui(ui: &mut Ui, feeder: &Feeder, actions: &mut Vec<Action>) {
    let (icon, name, how, about) = match feeder {
        Feeder::Queue { name, max_receive_count } => {
            let times = counted(*max_receive_count, "receive");
            (icons::QUEUE, name, format!("after {times}"), Selection::Queue(name.clone()))
        }
        Feeder::Function { name, outlet } => {
            (icons::FUNCTION, name, outlet_words(*outlet).to_owned(), Selection::Function(name.clone()))
        }
    };
    if row(ui, icon, name, &how).accessible_name(format!("{name}, {how}")).clicked() {
        actions.push(Action::Select(about));
    }
}

fn message_ui(
    ui: &mut Ui,
    model: &Model,
    queue: &QueueName,
    id: MessageId,
    right: &str,
    now: Timestamp,
    actions: &mut Vec<Action>,
) {
    let origin = model.origin(id);
    let words = origin.as_ref().map_or("", |origin| &origin.words);
    let text = format!("{}  {words}", short(id));
    let mut response = row(ui, icons::MESSAGE, &text, right).accessible_name(format!("Message {}, {words}", short(id)));
    if let Some(origin) = &origin {
        let ago = crate::ui::status_bar::whole_seconds(now.since(origin.at));
        response = response.on_hover_text(format!("Message {id}\nHere since {}, {ago} ago", origin.at.iso_millis()));
    }
    if response.clicked() {
        actions.push(Action::Select(Selection::Message(queue.clone(), id)));
    }
    if let Some(cause) = origin.and_then(|origin| origin.cause) {
        cause_ui(ui, &cause, actions);
    }
}

/// Below its message: the attempt that went wrong, which opens.
fn cause_ui(ui: &mut Ui, cause: &Cause, actions: &mut Vec<Action>) {
    let colour = Palette::of(ui).error;
    ui.horizontal(|ui| {
        ui.add_space(theme::GRID * 6.0);
        let text = RichText::new(&cause.words).size(SMALL).color(colour).underline();
        let link = ui.add(Label::new(text).truncate().selectable(false).sense(egui::Sense::click()));
        link.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Link, true, &cause.words));
        if link.on_hover_text("Click to see why it failed").clicked() {
            actions.push(Action::Select(cause.about.clone()));
        }
    });
}

fn row(ui: &mut Ui, icon: &str, text: &str, right: &str) -> Response {
    let palette = Palette::of(ui);
    let icon = RichText::new(icon).font(theme::icon(15.0)).color(palette.second);
    let right = RichText::new(right).size(SMALL).color(palette.second);
    let width = ui.available_width();
    ui.add(Button::selectable(false, (icon, text)).truncate().shortcut_text(right).min_size(Vec2::new(width, ROW)))
}
