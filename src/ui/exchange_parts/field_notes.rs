//! Both translations of a door, field by field: request to event, result to response.

use egui::{Color32, Frame, Label, Margin, RichText, Ui};

use crate::event::{AnsweredBy, Exchange};
use crate::http_model::field_note::{Change, FieldNote};
use crate::ui::theme::{self, Palette, SMALL, TINY};

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

/// A word on a tinted ground.
pub fn word_chip(ui: &mut Ui, word: &str, colour: Color32) -> egui::Response {
    let tint = Palette::of(ui).tint(colour, 0.14);
    let frame = Frame::new().fill(tint).corner_radius(4).inner_margin(Margin::symmetric(4, 0));
    frame
        .show(ui, |ui| {
            ui.spacing_mut().interact_size.y = 0.0;
            ui.add(Label::new(RichText::new(word).font(theme::medium(TINY)).color(colour)).extend().selectable(false))
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
