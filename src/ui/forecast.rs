//! What *Step* will do, said beforehand in one line of the toolbar.

use egui::{FontId, RichText, Sense, TextWrapMode, Ui, Vec2, WidgetText, pos2};

use super::theme::{Palette, ROW, SMALL};
use crate::model::Model;
use crate::model::lengths::due_in;
use crate::service::happened::{Due, DueKind};
use crate::service::time::Timestamp;

/// The line has this much room at most, and is left out where it has less than that, in points.
pub const MOST: f32 = 420.0;
pub const LEAST: f32 = 56.0;
/// Room for the beginning of a name that is worth showing though its end is cut off, in points.
const NAME_BEGINS: f32 = 48.0;

/// The line, in a place that is as wide whatever is due, so that nothing beside it moves.
pub fn forecast_ui(ui: &mut Ui, model: &Model, now: Timestamp, width: f32) {
    let colour = Palette::of(ui).second;
    let forms = due_forms(model, now);
    let text = forms[0].clone();
    let (rect, response) = ui.allocate_exact_size(Vec2::new(width, ROW), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Label, true, &text));
    let font = FontId::proportional(SMALL);
    let length = |form: &String| ui.painter().layout_no_wrap(form.clone(), font.clone(), colour).size().x;
    let lengths: Vec<f32> = forms.iter().map(length).collect();
    let shown = RichText::new(&forms[fitting(&lengths, width)]).color(colour);
    let galley = WidgetText::from(shown).into_galley(ui, Some(TextWrapMode::Truncate), width, font);
    ui.painter().galley(pos2(rect.left(), rect.center().y - galley.size().y * 0.5), galley, colour);
    response.on_hover_text(due_sentence(model, now));
}

/// What *Step* goes to; where that is nothing, what expires by itself.
fn ahead(model: &Model) -> Option<&Due> {
    model.next_step().or_else(|| model.next_expiry())
}

/// Which of several forms, longest first, is shown where there is so much room: the first one that fits, or the one before that,
/// if a part of the name that it ends with has room.
fn fitting(lengths: &[f32], width: f32) -> usize {
    let fits = lengths.iter().position(|length| *length <= width).unwrap_or(lengths.len() - 1);
    if fits == 1 && width - lengths[1] >= NAME_BEGINS { 0 } else { fits }
}

/// `due 3:01.600, attempt 3 of order-1042`, by the same clock as the toolbar's, and shorter forms of it. The time is in all of
/// them: where there is no room, a name is what can be missed, then what happens.
fn due_forms(model: &Model, now: Timestamp) -> Vec<String> {
    let Some(due) = ahead(model) else { return vec!["nothing is due".into(), "none due".into()] };
    if !due.what.is_step() {
        let wait = due_in(due.at.since(now));
        return vec![format!("nothing is due but expiry {wait}"), format!("expiry {wait}"), "none due".into()];
    }
    let (long, short) = match &due.what {
        DueKind::WindowCloses { queue, .. } => (format!("window closes on {queue}"), "window closes".to_owned()),
        DueKind::MessageVisible { queue, .. } => (format!("visible again in {queue}"), "visible again".to_owned()),
        what @ DueKind::Attempt { attempt, .. } => (what.to_string(), format!("attempt {attempt}")),
        what => (what.to_string(), what.to_string()),
    };
    let at = model.on_ruler(due.at);
    vec![format!("due {at}, {long}"), format!("due {at}, {short}"), format!("{at}, {short}"), format!("due {at}"), at]
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
        assert_eq!(due_forms(&model, NOW)[0], "nothing is due");
        let call = BarKind::Call(InvocationModel::Asynchronous);
        model.timeline.mark(LaneKey::Clients, NOW, call, Selection::Nothing, false);
        for (what, after, line, sentence) in [
            (
                attempt(Some("order-1042")),
                minutes,
                "due 3:00.912, attempt 3 of order-1042",
                "of order-1042, in 3 min 1 s, at 3:00.912",
            ),
            (visible, minutes, "due 3:00.912, visible again in incoming", "a message is visible again, in 3 min 1 s"),
            (closes, Micros(0), "due 0:00.000, window closes on incoming", "window closes on 2 messages, now"),
            (attempt(Some("a")), Micros::from_secs(50_400), "due 14:00:00.000, attempt 3 of a", "2026-03-02T00:00:00.000Z"),
        ] {
            model.apply(&Event::Due(vec![Due { at: NOW + after, what }]));
            assert_eq!(due_forms(&model, NOW)[0], line);
            let said = due_sentence(&model, NOW);
            assert!(said.contains(sentence), "{said}");
        }
        let expires = DueKind::MessageExpires { queue: "dlq".into(), message_id: MessageId(1) };
        model.apply(&Event::Due(vec![Due { at: NOW + Micros::from_secs(240), what: expires }]));
        assert_eq!(due_forms(&model, NOW)[0], "nothing is due but expiry in 4 min");
        let sentence = "Nothing is due that a step goes to. dlq: a message expires, in 4 min: to go there, choose the message";
        assert_eq!(due_sentence(&model, NOW), sentence);
    }

    #[test]
    fn where_there_is_little_room_names_go_first_and_the_moment_stays() {
        let mut model = Model::default();
        let call = BarKind::Call(InvocationModel::Asynchronous);
        model.timeline.mark(LaneKey::Clients, NOW, call, Selection::Nothing, false);
        let what = DueKind::Attempt { request_id: RequestId(7), function: "f".into(), attempt: 2, label: Some("order".into()) };
        model.apply(&Event::Due(vec![Due { at: NOW + Micros::from_secs(60), what }]));
        let expected =
            ["due 1:00.000, attempt 2 of order", "due 1:00.000, attempt 2", "1:00.000, attempt 2", "due 1:00.000", "1:00.000"];
        assert_eq!(due_forms(&model, NOW), expected);
        let lengths = [300.0, 150.0, 120.0, 80.0, 55.0];
        let widths = [300.0, 250.0, 160.0, 130.0, 90.0, 60.0, 10.0];
        assert_eq!(widths.map(|width| fitting(&lengths, width)), [0, 0, 1, 2, 3, 4, 4]);
    }
}
