//! A message of a queue in a line; the whole line is the button that selects it.

use egui::{Align2, Button, Color32, CornerRadius, Rect, RichText, Sense, Ui, Vec2, pos2};

use super::history_row::cell;
use crate::model::queues::{Message, MessageState};
use crate::model::selection::Selection;
use crate::model::why::short;
use crate::service::ids::{MessageId, QueueName};
use crate::service::time::Timestamp;
use crate::ui::action::Action;
use crate::ui::icons;
use crate::ui::menus::{item_menu, of_message};
use crate::ui::status_bar::{countdown, whole_seconds};
use crate::ui::theme::{self, Palette, ROW, SMALL};

/// Characters of a body that are looked at: more than a line can show.
const LOOKED_AT: usize = 600;
const ICON: f32 = 24.0;
const STATE: f32 = 112.0;
const RECEIVED: f32 = 96.0;
const ID: f32 = 72.0;
const DELETE: f32 = 60.0;

pub fn message_row_ui(
    ui: &mut Ui,
    queue: &QueueName,
    (id, message): (MessageId, &Message),
    selection: &Selection,
    now: Timestamp,
    actions: &mut Vec<Action>,
) {
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW), Sense::click());
    if !ui.is_rect_visible(rect) {
        return;
    }
    let short = short(id);
    let enabled = ui.is_enabled();
    let (state, _) = state(message, now, &Palette::of(ui));
    response.widget_info(|| egui::WidgetInfo {
        current_text_value: Some(format!("{state}, received {}×", message.receive_count)),
        ..egui::WidgetInfo::labeled(egui::accesskit::Role::Button, enabled, format!("Message {short}"))
    });
    let palette = Palette::of(ui);
    if matches!(selection, Selection::Message(_, chosen) if *chosen == id) {
        ui.painter().rect_filled(rect, CornerRadius::same(theme::CORNER), palette.raised);
    } else if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, CornerRadius::same(theme::CORNER), palette.tint(palette.raised, 0.6));
    }
    paint(ui, rect, &short, message, now);
    let place = Rect::from_min_max(pos2(rect.right() - DELETE, rect.top() + 1.0), rect.max - Vec2::new(0.0, 1.0));
    let button = Button::new(RichText::new("Delete").font(theme::medium(SMALL))).min_size(place.size());
    if ui.place(place, button).clicked() {
        actions.push(Action::DeleteMessage(queue.clone(), id));
    }
    if response.clicked() {
        actions.push(Action::Select(Selection::Message(queue.clone(), id)));
    }
    item_menu(&response, || of_message(queue, id, &message.body, true), actions);
    let age = whole_seconds(now.since(message.sent_at));
    response.on_hover_text(format!("Message {id}\nSent {}, {age} ago", message.sent_at.iso_millis()));
}

fn state(message: &Message, now: Timestamp, palette: &Palette) -> (String, Color32) {
    match message.state {
        MessageState::Waiting => ("waiting".to_owned(), palette.second),
        MessageState::InvisibleUntil(until) => (format!("visible in {}", countdown(until.since(now))), palette.throttle),
        MessageState::Collected => ("collected".to_owned(), palette.batch),
        MessageState::InBatch(_) => ("in a batch".to_owned(), palette.batch),
    }
}

/// State, receives, id and the beginning of the body.
fn paint(ui: &Ui, rect: Rect, id: &str, message: &Message, now: Timestamp) {
    let palette = Palette::of(ui);
    let (state, colour) = state(message, now, &palette);
    let icon = pos2(rect.left() + ICON * 0.5, rect.center().y);
    ui.painter().text(icon, Align2::CENTER_CENTER, icons::MESSAGE, theme::icon(14.0), colour);
    let body = (rect.width() - ICON - STATE - RECEIVED - ID - DELETE - theme::GRID * 2.0).max(0.0);
    let received = format!("received {}×", message.receive_count);
    let cells = [
        (STATE, state.as_str(), egui::FontId::proportional(SMALL), colour),
        (RECEIVED, &received, theme::mono(SMALL), palette.second),
        (ID, id, theme::mono(SMALL), palette.second),
        (body, &in_a_line(&message.body), theme::mono(SMALL), palette.text),
    ];
    let mut left = rect.left() + ICON;
    for (width, words, font, colour) in cells {
        cell(ui, Rect::from_x_y_ranges(left..=left + width - theme::GRID, rect.y_range()), words, font, colour);
        left += width;
    }
}

/// The beginning of a body in a single line, without the white space that lays it out.
pub(super) fn in_a_line(body: &str) -> String {
    let looked_at = body.char_indices().nth(LOOKED_AT).map_or(body, |(end, _)| &body[..end]);
    looked_at.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_of_several_lines_is_read_in_one() {
        assert_eq!(in_a_line("{\n  \"order\": 1,\n\t\"a\": \"ä\"\n}\n"), "{ \"order\": 1, \"a\": \"ä\" }");
        assert_eq!(in_a_line(&"ä".repeat(5_000)).chars().count(), LOOKED_AT);
    }
}
