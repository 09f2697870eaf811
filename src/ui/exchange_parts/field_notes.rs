//! Both translations of a door, field by field: request to event, result to response.

use egui::{Color32, Frame, Label, Margin, RichText, TextStyle, TextWrapMode, Ui, WidgetText};

use crate::event::{AnsweredBy, Exchange};
use crate::http_model::cors::ProducedHeader;
use crate::http_model::field_note::{Change, FieldNote};
use crate::ui::theme::{self, Palette, SMALL, TINY};

/// Left and right of a word on a tinted ground.
const CHIP_MARGIN: i8 = 4;

/// How the request became the event.
pub fn to_event_ui(ui: &mut Ui, exchange: Option<&Exchange>) {
    let notes = exchange.map(|exchange| exchange.translations.to_event(&exchange.request)).unwrap_or_default();
    if notes.is_empty() {
        return nothing(ui, exchange, "The request became no event");
    }
    lead(ui, "Each field of the request, and where it stands in the event.");
    table(ui, notes);
}

/// How the result became the response.
pub fn to_response_ui(ui: &mut Ui, exchange: Option<&Exchange>) {
    let palette = Palette::of(ui);
    if let Some(malformed) = exchange.and_then(|exchange| exchange.malformed.as_ref()) {
        Frame::new().fill(palette.tint(palette.error, 0.12)).corner_radius(theme::CORNER).inner_margin(Margin::same(8)).show(
            ui,
            |ui| {
                ui.set_min_width(ui.available_width());
                ui.label(RichText::new("The result has not the shape that this door wants").font(theme::medium(SMALL)));
                ui.add(Label::new(RichText::new(&malformed.reason).size(SMALL).color(palette.error)).wrap().selectable(true));
                let becomes = format!("becomes {} {}", malformed.becomes_status, malformed.becomes_body);
                ui.add(Label::new(RichText::new(becomes).font(theme::mono(SMALL))).wrap().selectable(true));
            },
        );
    }
    let notes = exchange.map(|exchange| exchange.translations.to_response()).unwrap_or_default();
    match (notes.is_empty(), exchange.is_some_and(|exchange| exchange.malformed.is_some())) {
        (true, true) => {}
        (true, false) => nothing(ui, exchange, "No result became this response"),
        (false, _) => {
            lead(ui, "Each member of the function's result, and where it stands in the response.");
            table(ui, notes);
        }
    }
    let added: Vec<_> = exchange.iter().flat_map(|exchange| &exchange.cors).map(note_of_cors).collect();
    if !added.is_empty() {
        ui.add_space(6.0);
        lead(ui, "What the door added for CORS, and the setting that made it.");
        table(ui, &added);
    }
}

/// A header that no member of the result became.
fn note_of_cors(header: &ProducedHeader) -> FieldNote {
    FieldNote {
        from: header.setting.map(|setting| format!("cors.{}", setting.key())).unwrap_or_default(),
        to: format!("header {}", header.name),
        change: Change::Added,
        note: header.value.clone(),
    }
}

fn nothing(ui: &mut Ui, exchange: Option<&Exchange>, what: &str) {
    let why = match exchange.map(|exchange| &exchange.answered_by) {
        Some(AnsweredBy::Service { why }) => format!("{what}: the service answered by itself, because {why}."),
        Some(AnsweredBy::Function) => format!("{what}."),
        None => "No such request has reached this door yet.".into(),
    };
    lead(ui, &why);
}

fn lead(ui: &mut Ui, text: &str) {
    let colour = Palette::of(ui).second;
    ui.add(Label::new(RichText::new(text).size(SMALL).color(colour)).wrap());
    ui.add_space(2.0);
}

/// A line a field: from, a word for the change, to; the reason below.
fn table(ui: &mut Ui, notes: &[FieldNote]) {
    let palette = Palette::of(ui);
    ui.spacing_mut().item_spacing.y = 3.0;
    ui.spacing_mut().interact_size.y = theme::LINE;
    for note in notes {
        let (word, colour) = change(note.change, &palette);
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 5.0;
            if !note.from.is_empty() {
                value(ui, &note.from, palette.second);
                ui.label(RichText::new("→").size(SMALL).color(palette.third));
            }
            if !note.to.is_empty() {
                value(ui, &note.to, palette.text);
            }
            word_chip(ui, word, colour);
        });
        if !note.note.is_empty() {
            ui.horizontal(|ui| {
                ui.add_space(12.0);
                ui.add(Label::new(RichText::new(&*note.note).size(TINY).color(palette.third)).wrap().selectable(true));
            });
        }
    }
}

fn value(ui: &mut Ui, text: &str, colour: Color32) {
    ui.add(Label::new(RichText::new(text).font(theme::mono(SMALL)).color(colour)).wrap().selectable(true));
}

/// A word on a tinted ground. In a row that wraps it goes to the next line rather than over the edge.
pub fn word_chip(ui: &mut Ui, word: &str, colour: Color32) -> egui::Response {
    let tint = Palette::of(ui).tint(colour, 0.14);
    let text = WidgetText::from(RichText::new(word).font(theme::medium(TINY)).color(colour));
    let galley = text.into_galley(ui, Some(TextWrapMode::Extend), f32::INFINITY, TextStyle::Body);
    let frame = Frame::new().fill(tint).corner_radius(4).inner_margin(Margin::symmetric(CHIP_MARGIN, 0));
    let width = galley.size().x + 2.0 * f32::from(CHIP_MARGIN);
    if ui.layout().main_wrap && ui.available_size_before_wrap().x < width {
        ui.end_row();
    }
    frame
        .show(ui, |ui| {
            ui.spacing_mut().interact_size.y = 0.0;
            ui.add(Label::new(galley).extend().selectable(false))
        })
        .response
}

fn change(change: Change, palette: &Palette) -> (&'static str, Color32) {
    match change {
        Change::Kept => ("kept", palette.third),
        Change::Renamed => ("renamed", palette.second),
        Change::LowerCased => ("lower case", palette.second),
        Change::Joined => ("joined", palette.http),
        Change::Decoded => ("decoded", palette.http),
        Change::Base64Encoded => ("base64", palette.http),
        Change::Dropped => ("dropped", palette.error),
        Change::Added => ("added", palette.ok),
    }
}

#[cfg(test)]
mod tests {
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable;

    use super::*;

    #[test]
    fn the_word_for_a_change_stays_inside_the_panel() {
        for width in 200_u16..320 {
            let width = f32::from(width);
            let note = FieldNote {
                from: "query parameter state".into(),
                to: "/queryStringParameters/state".into(),
                change: Change::Decoded,
                note: String::new(),
            };
            let setup = |ctx: &egui::Context| {
                crate::ui::fonts::install(ctx);
                theme::apply(ctx);
            };
            let builder = Harness::builder().with_size([width, 200.0]).with_context_setup(setup);
            let harness = builder.build_ui(move |ui| table(ui, std::slice::from_ref(&note)));
            let chip = harness.get_by_label("decoded").rect();
            assert!(chip.right() <= width, "{chip:?} in {width}");
        }
    }

    #[test]
    fn headers_for_cors_name_their_setting() {
        let cors = crate::http_model::cors::CorsConfiguration {
            allow_origins: vec!["https://app.test".into()],
            ..crate::http_model::cors::CorsConfiguration::default()
        };
        let request = crate::http_model::browser::HeaderList::from([("Origin", "https://app.test")]);
        let answer = crate::http_model::cors::add_headers(
            Some(&cors),
            crate::http_model::cors::Switches::default(),
            &request,
            crate::http_model::browser::WireResponse::default(),
        );
        let notes: Vec<_> = answer.produced.iter().map(note_of_cors).collect();
        let lines: Vec<_> = notes.iter().map(|note| format!("{} -> {}: {}", note.from, note.to, note.note)).collect();
        assert!(
            lines.contains(&"cors.allow_origins -> header Access-Control-Allow-Origin: https://app.test".to_owned()),
            "{lines:?}"
        );
        assert!(lines.iter().any(|line| line.contains("header Vary: ")), "{lines:?}");
    }
}
