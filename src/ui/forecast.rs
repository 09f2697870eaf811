//! What *Step* will do, said beforehand in one line of the toolbar.

use egui::{FontId, RichText, Sense, TextWrapMode, Ui, Vec2, WidgetText, pos2};

use super::theme::{Palette, ROW, SMALL};
use crate::model::Model;
use crate::model::lengths::due_in;
use crate::service::happened::{Due, DueKind};
use crate::service::time::Timestamp;

/// The line has this much room at most, and is left out where it has less than that, in points.
pub const MOST: f32 = 250.0;
pub const LEAST: f32 = 64.0;

/// The line, in a place that is as wide whatever is due, so that nothing beside it moves.
pub fn forecast_ui(ui: &mut Ui, model: &Model, now: Timestamp, width: f32) {
    let colour = Palette::of(ui).second;
    let text = due_line(model, now);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(width, ROW), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Label, true, &text));
    let font = FontId::proportional(SMALL);
    let galley = WidgetText::from(RichText::new(&text).color(colour)).into_galley(ui, Some(TextWrapMode::Truncate), width, font);
    ui.painter().galley(pos2(rect.left(), rect.center().y - galley.size().y * 0.5), galley, colour);
    response.on_hover_text(due_sentence(model, now));
}

/// What *Step* goes to; where that is nothing, what expires by itself.
fn ahead(model: &Model) -> Option<&Due> {
    model.next_step().or_else(|| model.next_expiry())
}

/// `due 3:01.600, attempt 3 of order-1042`, by the same clock as the toolbar's. The time comes first: where there is no room
/// for all, the end of a name is what can be missed.
#[must_use]
pub fn due_line(model: &Model, now: Timestamp) -> String {
    let Some(due) = ahead(model) else { return "nothing is due".into() };
    if !due.what.is_step() {
        return format!("nothing is due but expiry {}", due_in(due.at.since(now)));
    }
    let what = match &due.what {
        DueKind::WindowCloses { queue, .. } => format!("{queue}: window closes"),
        DueKind::MessageVisible { queue, .. } => format!("{queue}: visible again"),
        what => what.to_string(),
    };
    format!("due {}, {what}", model.on_ruler(due.at))
}

/// All of it, for the tooltips of the line and of *Step*.
#[must_use]
pub fn due_sentence(model: &Model, now: Timestamp) -> String {
    match ahead(model) {
        Some(due) if !due.what.is_step() => format!(
            "Nothing is due that a step goes to. {}, {}: to go there, choose the message",
            due.what,
            due_in(due.at.since(now))
        ),
        Some(due) => format!(
            "Step goes to the next thing that is due: {}, {}, at {}\n{}",
            due.what,
            due_in(due.at.since(now)),
            model.on_ruler(due.at),
            due.at.iso_millis()
        ),
        None => "Nothing is due: send an event first".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::model::selection::{InvocationModel, Selection};
    use crate::model::timeline::{BarKind, LaneKey};
    use crate::service::happened::Due;
    use crate::service::ids::{MessageId, RequestId};
    use crate::service::time::Micros;

    /// 10:00:00 UTC.
    const NOW: Timestamp = Timestamp(1_772_359_200_000_000);

    #[test]
    fn what_is_due_is_one_short_line_and_a_sentence() {
        let attempt = |label: Option<&str>| DueKind::Attempt {
            request_id: RequestId(7),
            function: "confirm".into(),
            attempt: 3,
            label: label.map(Into::into),
        };
        let visible = DueKind::MessageVisible { queue: "incoming".into(), message_id: MessageId(1) };
        let closes = DueKind::WindowCloses { function: "billing".into(), queue: "incoming".into(), records: 2 };
        let minutes = Micros::from_millis(180_912);
        let mut model = Model::default();
        assert_eq!(due_line(&model, NOW), "nothing is due");
        let call = BarKind::Call(InvocationModel::Asynchronous);
        model.timeline.mark(LaneKey::Clients, NOW, call, Selection::Nothing, false);
        for (what, after, line, sentence) in [
            (
                attempt(Some("order-1042")),
                minutes,
                "due 3:00.912, attempt 3 of order-1042",
                "of order-1042, in 3 min 1 s, at 3:00.912",
            ),
            (visible, minutes, "due 3:00.912, incoming: visible again", "a message is visible again, in 3 min 1 s"),
            (closes, Micros(0), "due 0:00.000, incoming: window closes", "window closes on 2 messages, now"),
            (attempt(Some("a")), Micros::from_secs(50_400), "due 14:00:00.000, attempt 3 of a", "2026-03-02T00:00:00.000Z"),
        ] {
            model.apply(&Event::Due(vec![Due { at: NOW + after, what }]));
            assert_eq!(due_line(&model, NOW), line);
            let said = due_sentence(&model, NOW);
            assert!(said.contains(sentence), "{said}");
        }
        let expires = DueKind::MessageExpires { queue: "dlq".into(), message_id: MessageId(1) };
        model.apply(&Event::Due(vec![Due { at: NOW + Micros::from_secs(240), what: expires }]));
        assert_eq!(due_line(&model, NOW), "nothing is due but expiry in 4 min");
        let sentence = "Nothing is due that a step goes to. dlq: a message expires, in 4 min: to go there, choose the message";
        assert_eq!(due_sentence(&model, NOW), sentence);
    }
}
