//! What else is worth knowing about a request, whether or not it is blocked.

use egui::{Label, RichText, Ui};

use super::repair;
use super::tab::Situation;
use super::target::Target;
use crate::http_model::cors::{Setting, check_configuration};
use crate::http_model::cors_case::Judged;
use crate::http_model::cors_lints::{Lint, Severity, Surroundings, lints};
use crate::http_model::cors_messages::{Code, Fix, Message};
use crate::ui::action::Action;
use crate::ui::exchange_parts::OWN;
use crate::ui::theme::{self, BODY, Palette, SMALL};
use crate::ui::{icons, widgets};

/// Notes with their repairs, what AWS would refuse, and where Chromium leaves the standard.
pub fn also_worth_knowing(ui: &mut Ui, now: &Situation<'_>, judged: &Judged, actions: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let problems = now.door.cors.as_ref().filter(|_| now.door.target == Target::Url).map(check_configuration).unwrap_or_default();
    let standard = judged.verdict.standard.as_ref().map(|standard| standard.why.as_slice()).unwrap_or_default();
    let notes = worth_telling(judged);
    let lints = lints_of(now, judged);
    if problems.is_empty() && lints.is_empty() && notes.is_empty() && standard.is_empty() {
        return;
    }
    ui.separator();
    widgets::section(ui, "Also worth knowing", |_| {});
    for problem in problems {
        note(ui, icons::WARNING, palette.throttle, &format!("AWS would refuse to save this: {problem}."), "");
    }
    for lint in &lints {
        let (icon, colour) = match lint.severity {
            Severity::Error => (icons::WARNING, palette.error),
            Severity::Warning => (icons::WARNING, palette.throttle),
            Severity::Info => (icons::INFORMATION, palette.second),
        };
        note(ui, icon, colour, &lint.sentence, "");
        fix_button(ui, now, lint.fix.as_ref(), actions);
    }
    for message in &notes {
        note_of(ui, now, message, actions);
    }
    for why in standard {
        note(ui, icons::INFORMATION, palette.second, &format!("The standard would differ: {why}."), "");
    }
}

/// What is wrong with the configuration, whatever is asked; what a note says already is not said twice.
fn lints_of(now: &Situation<'_>, judged: &Judged) -> Vec<Lint> {
    let Some(cors) = now.door.cors.as_ref() else { return Vec::new() };
    let asked = now.step.req.as_ref();
    let json = |value: &str| value.to_ascii_lowercase().contains("json");
    let surroundings = Surroundings {
        function_headers: (now.door.target == Target::Url && now.assumed.seen).then_some(&now.assumed.response.headers),
        sends_authorization: asked.is_some_and(|request| request.headers.has("authorization")),
        sends_json: asked.is_some_and(|request| request.headers.joined("content-type").is_some_and(|value| json(&value))),
        is_production: now.door.is_production,
        is_http_api: now.door.api.is_some(),
    };
    let told = |lint: &Lint| {
        let repaired = judged.notes.iter().chain(&judged.message).filter_map(|message| message.repair.as_ref());
        lint.setting == Some(Setting::MaxAge) || repaired.into_iter().any(|repair| lint.fix.as_ref() == Some(repair))
    };
    lints(cors, surroundings).into_iter().filter(|lint| !told(lint)).collect()
}

/// The notes without those that tell nothing new: why there is a preflight is the first of the steps, and no page wants to
/// read what every answer of the service has.
fn worth_telling(judged: &Judged) -> Vec<Message> {
    let told = judged.notes.iter().filter(|message| message.code != Code::PreflightBecause);
    told.filter_map(|message| {
        if message.code != Code::HeaderNotExposed {
            return Some(message.clone());
        }
        let hidden = hidden_headers(judged);
        let first = hidden.first()?.clone();
        let repair = message.repair.is_some().then_some(Fix::AddToList { setting: Setting::ExposeHeaders, value: first });
        let text = format!("The page can read the response, but not {}.", hidden.join(", "));
        Some(Message { message: text, repair, ..message.clone() })
    })
    .collect()
}

/// Headers of the function that the page cannot read.
fn hidden_headers(judged: &Judged) -> Vec<String> {
    let of_service = |name: &str| {
        OWN.contains(&name)
            || name.starts_with("access-control-")
            || matches!(name, "vary" | "set-cookie" | "server" | "x-amzn-errortype")
    };
    let headers = judged.exchange.last_response.iter().flat_map(|response| &response.headers.0);
    let mut hidden: Vec<String> = headers.map(|(name, _)| name.to_ascii_lowercase()).collect();
    hidden.retain(|name| !of_service(name) && !judged.verdict.readable_headers.contains(name));
    hidden.sort();
    hidden.dedup();
    hidden
}

fn note_of(ui: &mut Ui, now: &Situation<'_>, message: &Message, actions: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let (icon, colour) =
        if message.repair.is_some() { (icons::WARNING, palette.throttle) } else { (icons::INFORMATION, palette.second) };
    note(ui, icon, colour, &message.message, &message.fix);
    fix_button(ui, now, message.repair.as_ref(), actions);
}

/// Writes a repair into the file, where a URL's setting is one.
fn fix_button(ui: &mut Ui, now: &Situation<'_>, fix: Option<&Fix>, actions: &mut Vec<Action>) {
    let repair = fix.and_then(|fix| repair::of_fix(fix, now.door.cors.as_ref()));
    if let Some((repair, owner)) = repair.zip(now.cors_owner()) {
        ui.horizontal(|ui| {
            ui.add_space(20.0);
            let name = repair.words();
            if ui.small_button(RichText::new(&name).font(theme::mono(theme::TINY))).clicked() {
                actions.push(Action::Command(repair.command(owner)));
            }
        });
    }
}

fn note(ui: &mut Ui, icon: &str, colour: egui::Color32, text: &str, fix: &str) {
    let palette = Palette::of(ui);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.label(RichText::new(icon).font(theme::icon(BODY)).color(colour));
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            ui.add(Label::new(code_words(text, BODY, palette.text)).wrap().selectable(true));
            if !fix.is_empty() {
                ui.add(Label::new(code_words(fix, SMALL, palette.second)).wrap().selectable(true));
            }
        });
    });
}

/// The parts between backticks as code.
pub fn code_words(text: &str, size: f32, color: egui::Color32) -> egui::text::LayoutJob {
    let mut job = egui::text::LayoutJob::default();
    for (index, part) in text.split('`').enumerate() {
        let font_id = if index % 2 == 1 { theme::mono(size) } else { egui::FontId::proportional(size) };
        let line_height = Some(size + 6.0);
        let format = egui::text::TextFormat { font_id, color, line_height, ..Default::default() };
        job.append(part, 0.0, format);
    }
    job
}
