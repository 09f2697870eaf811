//! What *Step* will do, said beforehand in one line of the toolbar.

use egui::{FontId, RichText, Sense, TextWrapMode, Ui, Vec2, WidgetText, pos2};

use super::theme::{Palette, ROW, SMALL};
use crate::model::lengths::due_in;
use crate::service::happened::{Due, DueKind};
use crate::service::time::Timestamp;

/// The line has this much room at most, and is left out where it has less than that, in points.
pub const MOST: f32 = 250.0;
pub const LEAST: f32 = 64.0;

/// The line, in a place that is as wide whatever is due, so that nothing beside it moves.
pub fn forecast_ui(ui: &mut Ui, due: Option<&Due>, now: Timestamp, width: f32) {
    let colour = Palette::of(ui).second;
    let text = due_line(due, now);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(width, ROW), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Label, true, &text));
    let font = FontId::proportional(SMALL);
    let galley = WidgetText::from(RichText::new(&text).color(colour)).into_galley(ui, Some(TextWrapMode::Truncate), width, font);
    ui.painter().galley(pos2(rect.left(), rect.center().y - galley.size().y * 0.5), galley, colour);
    response.on_hover_text(due_sentence(due, now));
}

/// `due 08:10:01.6, attempt 3 of order-1042`, by the same clock as the toolbar's. The time comes first: where there is no room
/// for all, the end of a name is what can be missed.
#[must_use]
pub fn due_line(due: Option<&Due>, now: Timestamp) -> String {
    let Some(due) = due else { return "nothing is due".into() };
    let what = match &due.what {
        DueKind::WindowCloses { queue, .. } => format!("{queue}: window closes"),
        DueKind::MessageVisible { queue, .. } => format!("{queue}: visible again"),
        what => what.to_string(),
    };
    let (at, today) = (due.at.iso_millis(), now.iso_millis());
    // The time of another day would be taken for one of today.
    if at[..10] == today[..10] {
        format!("due {}, {what}", &at[11..21])
    } else {
        format!("due {}, {what}", due_in(due.at.since(now)))
    }
}

/// All of it, for the tooltips of the line and of *Step*.
#[must_use]
pub fn due_sentence(due: Option<&Due>, now: Timestamp) -> String {
    match due {
        Some(due) => format!(
            "Step goes to the next thing that is due: {}, {}, at {} UTC",
            due.what,
            due_in(due.at.since(now)),
            &due.at.iso_millis()[11..23]
        ),
        None => "Nothing is due: send an event first".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
        for (what, after, line, sentence) in [
            (
                attempt(Some("order-1042")),
                minutes,
                "due 10:03:00.9, attempt 3 of order-1042",
                "attempt 3 of order-1042, in 3 min 1 s",
            ),
            (visible, minutes, "due 10:03:00.9, incoming: visible again", "a message is visible again, in 3 min 1 s"),
            (closes, Micros(0), "due 10:00:00.0, incoming: window closes", "window closes on 2 messages, now"),
            (attempt(Some("a")), Micros::from_secs(50_400), "due in 14 h, attempt 3 of a", "at 00:00:00.000 UTC"),
        ] {
            let due = Due { at: NOW + after, what };
            assert_eq!(due_line(Some(&due), NOW), line);
            assert!(due_sentence(Some(&due), NOW).contains(sentence), "{}", due_sentence(Some(&due), NOW));
        }
        assert_eq!(due_line(None, NOW), "nothing is due");
    }
}
