//! What went over the wire, line by line.

use egui::{Label, RichText, Ui};

use super::compared::{Side, WireLine, reason};
use crate::event::{AnsweredBy, Exchange};
use crate::http_model::message::HeaderList;
use crate::ui::action::Action;
use crate::ui::theme::{self, Palette, SMALL};
use crate::ui::widgets;

/// Characters of a body that are shown.
const SHOWN: usize = 4_000;

/// Lines of which some stand on one side only.
pub fn lines_ui(ui: &mut Ui, lines: &[WireLine]) {
    let palette = Palette::of(ui);
    ui.spacing_mut().item_spacing.y = 1.0;
    for line in lines {
        let (mark, colour) = match line.side {
            Side::Both if line.first => ("", palette.text),
            Side::Both => ("", palette.second),
            Side::Predicted => ("− predicted  ", palette.error),
            Side::Live => ("+ live  ", palette.ok),
            Side::Quiet => ("", palette.third),
        };
        let text = RichText::new(format!("{mark}{}", line.text)).font(theme::mono(SMALL)).color(colour);
        let label = ui.add(Label::new(text).wrap().selectable(true));
        if line.side == Side::Quiet {
            label.on_hover_text("Only live; it means nothing to CORS");
        }
    }
}

/// A request that happened, with its answer; headers that the service added name their setting.
pub fn exchange_wire_ui(ui: &mut Ui, exchange: &Exchange, actions: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let (request, response) = (&exchange.request, &exchange.response);
    let who = match &exchange.answered_by {
        AnsweredBy::Function => "answered by the function".to_owned(),
        AnsweredBy::Service { why } => format!("answered by the service: {why}"),
    };
    ui.label(RichText::new(who).size(SMALL).color(palette.second));
    let preflight = request.method == "OPTIONS" && request.headers.contains("access-control-request-method");
    if exchange.function.is_some() && !preflight {
        let edit = widgets::small_button(ui, "Edit and send again").on_hover_text("Puts it into the form of URL & CORS");
        if edit.clicked() {
            actions.push(Action::ComposeRequest(exchange.id));
        }
    }
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
        strong(ui, &format!("{} {}{query}", request.method, request.path));
        headers(ui, &request.headers, &[]);
        body(ui, "request", &request.body, actions);
        ui.add_space(8.0);
        strong(ui, format!("{} {}", response.status, reason(response.status)).trim_end());
        headers(ui, &response.headers, &exchange.cors);
        body(ui, "response", &response.body, actions);
    });
}

fn strong(ui: &mut Ui, text: &str) {
    let colour = Palette::of(ui).text;
    ui.add(Label::new(RichText::new(text).font(theme::mono(SMALL)).color(colour)).wrap().selectable(true));
}

fn headers(ui: &mut Ui, headers: &HeaderList, added: &[crate::http_model::cors::ProducedHeader]) {
    let palette = Palette::of(ui);
    for (name, value) in headers.iter() {
        let line = RichText::new(format!("{}: {value}", name.to_ascii_lowercase())).font(theme::mono(SMALL));
        let made = added.iter().find(|header| header.name.eq_ignore_ascii_case(name) && header.value == value);
        let colour = if made.is_some() { palette.http } else { palette.second };
        let label = ui.add(Label::new(line.color(colour)).wrap().selectable(true));
        if let Some(made) = made {
            let setting = made.setting.map_or_else(|| "always added".to_owned(), |setting| format!("from {}", setting.key()));
            let fact = made.fact.map(|fact| format!("\n{} {}: {}", fact.confidence.mark(), fact.number, fact.sentence));
            label.on_hover_text(format!("Added by the service, {setting}{}", fact.unwrap_or_default()));
        }
    }
}

fn body(ui: &mut Ui, name: &str, bytes: &[u8], actions: &mut Vec<Action>) {
    if bytes.is_empty() {
        return;
    }
    let text = String::from_utf8_lossy(bytes);
    let shown: String = text.chars().take(SHOWN).collect();
    ui.add_space(4.0);
    ui.add(Label::new(RichText::new(&shown).font(theme::mono(SMALL))).wrap().selectable(true));
    ui.horizontal(|ui| {
        if widgets::small_button(ui, format!("Copy the {name}'s body")).clicked() {
            actions.push(Action::Copy(text.clone().into_owned()));
        }
        widgets::figure(ui, widgets::size(bytes.len()));
    });
}
