//! The repair, what else is worth knowing, what a real browser saw, and the wire: where the inspector stands while the tab
//! is in front.

use egui::{Frame, Label, Margin, RichText, ScrollArea, Ui};

use super::live::browser_name;
use super::prediction::judge;
use super::repair::{self, Repair};
use super::tab::{HttpTab, Situation};
use super::target::Target;
use crate::event::{Exchange, PageReport};
use crate::http_model::cors::{Setting, check_configuration};
use crate::http_model::cors_case::{CaseStep, Judged};
use crate::http_model::cors_messages::{Code, Fix, Message};
use crate::model::Model;
use crate::service::ids::FunctionName;
use crate::ui::action::Action;
use crate::ui::exchange_parts::{ExchangePart, OWN, differences, exchange_wire_ui, lines_ui, merged, plain};
use crate::ui::theme::{self, BODY, LARGE, Palette, SMALL};
use crate::ui::{icons, widgets};

impl HttpTab {
    /// The whole pane.
    pub fn side_ui(&mut self, ui: &mut Ui, model: &Model, function: &FunctionName, actions: &mut Vec<Action>) {
        ScrollArea::vertical().id_salt("http side").auto_shrink(false).show(ui, |ui| {
            Frame::new().inner_margin(Margin::symmetric(14, 12)).show(ui, |ui| {
                self.repair_ui(ui, model, function, actions);
            });
        });
    }

    /// Its contents; they also stand below the steps when there is no pane for them.
    pub(super) fn repair_ui(&mut self, ui: &mut Ui, model: &Model, function: &FunctionName, actions: &mut Vec<Action>) {
        let Some(now) = self.situation(model, function) else {
            let colour = Palette::of(ui).second;
            ui.label(RichText::new("Once the function has a URL, repairs stand here.").color(colour));
            return;
        };
        ui.spacing_mut().item_spacing.y = 6.0;
        let judged = match self.predict(&now) {
            Some(Ok(judged)) => judged.clone(),
            _ => return,
        };
        self.live_error(ui, &now);
        self.repair(ui, model, &now, &judged, actions);
        also_worth_knowing(ui, &now, &judged, actions);
        self.report(ui, model, &now, actions);
        ui.separator();
        self.parts.tabs_ui(ui);
        ui.add_space(2.0);
        let exchange = newest(model, &now, self.parts.part);
        match (self.parts.part, exchange) {
            (ExchangePart::Wire, exchange) => self.wire(ui, &now, &judged, exchange, actions),
            (ExchangePart::Policy, None) => self.parts.policy_ui(ui, model, function, actions),
            (ExchangePart::ToEvent, None) => crate::ui::exchange_parts::to_event_ui(ui, None),
            (ExchangePart::ToResponse, None) => crate::ui::exchange_parts::to_response_ui(ui, None),
            (_, Some(exchange)) => self.parts.part_ui(ui, model, exchange, actions),
        }
    }

    fn live_error(&self, ui: &mut Ui, now: &Situation<'_>) {
        let live = self.live.as_ref().filter(|live| live.is_of(&now.view.configuration.name, &now.step));
        if let Some(Err(error)) = live.and_then(|live| live.result.as_ref()) {
            let text = format!("It could not be sent for real: {error}");
            ui.add(Label::new(RichText::new(text).color(Palette::of(ui).error)).wrap().selectable(true));
        }
    }

    fn repair(&mut self, ui: &mut Ui, model: &Model, now: &Situation<'_>, judged: &Judged, actions: &mut Vec<Action>) {
        let palette = Palette::of(ui);
        widgets::section(ui, "Repair", |_| {});
        let Some(message) = &judged.message else {
            let text =
                if judged.verdict.readable { "Nothing to repair: the page reads the answer." } else { "Nothing to repair." };
            ui.add(Label::new(RichText::new(text).size(LARGE)).wrap());
            return;
        };
        ui.add(Label::new(code_words(&message.fix, LARGE, &palette)).wrap().selectable(true));
        let origin = now.step.origin.clone().unwrap_or_default();
        let Some(repair) = repair::repair(judged, now.door.cors.as_ref(), &origin) else { return };
        diff_ui(ui, &repair);
        let Target::Route { api, .. } = &now.door.target else {
            let name = now.view.configuration.name.clone();
            ui.horizontal_wrapped(|ui| {
                let apply = widgets::filled_button(ui, "Apply and send again", "", palette.http, !model.workspace.read_only);
                if apply.clicked() {
                    actions.push(Action::Command(repair.command(&name)));
                    self.send_after(repair.changed.clone());
                }
                show_in_file(ui, model, &name, &repair, actions);
            });
            return;
        };
        let text = format!("Write it into the cors of [[apis]] name = \"{api}\" in invokelab.toml.");
        ui.add(Label::new(RichText::new(text).size(SMALL).color(palette.second)).wrap());
        if ui.button("Copy line").clicked() {
            actions.push(Action::Copy(repair.after.clone()));
        }
    }

    /// What a real browser saw, beside what is predicted for its page.
    fn report(&mut self, ui: &mut Ui, model: &Model, now: &Situation<'_>, actions: &mut Vec<Action>) {
        let palette = Palette::of(ui);
        let Some(page) = &self.page else { return };
        ui.separator();
        widgets::section(ui, "In a real browser", |_| {});
        if let Some(address) = &page.address
            && widgets::copyable(ui, address, "the page's address")
        {
            actions.push(Action::Copy(address.clone()));
        }
        let Some(report) = &page.report else {
            ui.label(RichText::new("Waits for the page to be opened.").size(SMALL).color(palette.second));
            return;
        };
        ui.add(Label::new(saw(report)).wrap().selectable(true));
        let step = CaseStep {
            origin: Some(report.origin.clone()),
            page_kind: None,
            config: now.door.cors.clone(),
            function_response: Some(now.assumed.response.clone()),
            ..page.step.clone()
        };
        if let Ok(predicted) = judge(&step, now.door.api) {
            agreement(ui, &report_differences(&predicted, report, now.assumed.seen));
        }
        let text = format!("The page has an origin of its own, {}.", report.origin);
        ui.add(Label::new(RichText::new(text).size(SMALL).color(palette.second)).wrap());
        let allow = repair::allow_origin(&report.origin, now.door.cors.as_ref()).filter(|_| now.door.target == Target::Url);
        if let Some(allow) = allow
            && ui.add_enabled(!model.workspace.read_only, egui::Button::new(format!("Allow {}", report.origin))).clicked()
        {
            actions.push(Action::Command(allow.command(&now.view.configuration.name)));
        }
    }

    fn wire(&self, ui: &mut Ui, now: &Situation<'_>, judged: &Judged, exchange: Option<&Exchange>, actions: &mut Vec<Action>) {
        let palette = Palette::of(ui);
        let live = self.live.as_ref().filter(|live| live.is_of(&now.view.configuration.name, &now.step));
        match live.and_then(|live| live.browsed().map(|browsed| (live, browsed))) {
            Some((live, browsed)) => {
                let predicted = live.predicted.as_ref().unwrap_or(judged);
                agreement(ui, &differences(&predicted.verdict, &browsed.verdict, live.known));
                lines_ui(ui, &merged(&predicted.exchange.wire, &browsed.exchange.wire, live.known));
            }
            None => {
                let waits = live.is_some_and(|live| live.result.is_none());
                let text = if waits { "Under way…" } else { "Predicted. Send it to see the live exchange beside it." };
                ui.add(Label::new(RichText::new(text).size(SMALL).color(palette.second)).wrap());
                lines_ui(ui, &plain(&judged.exchange.wire));
            }
        }
        if let Some(exchange) = exchange {
            ui.add_space(4.0);
            let title = RichText::new("The last request as the door saw it").size(SMALL).color(palette.second);
            egui::CollapsingHeader::new(title).id_salt("door's exchange").show_unindented(ui, |ui| {
                exchange_wire_ui(ui, exchange, actions);
            });
        }
    }
}

/// The newest request at the door; for the translations the newest that reached the function.
fn newest<'a>(model: &'a Model, now: &Situation<'_>, part: ExchangePart) -> Option<&'a Exchange> {
    let name = &now.view.configuration.name;
    let method = now.step.req.as_ref().and_then(|request| request.method.as_deref()).unwrap_or_default();
    let wanted = |exchange: &Exchange| {
        now.door.is_door_of(exchange, name)
            && (matches!(part, ExchangePart::Wire) || exchange.request.method.eq_ignore_ascii_case(method))
    };
    model.exchanges.iter().rev().map(|exchange| &**exchange).find(|exchange| wanted(exchange))
}

fn diff_ui(ui: &mut Ui, repair: &Repair) {
    let palette = Palette::of(ui);
    Frame::new().stroke(egui::Stroke::new(1.0, palette.hairline)).corner_radius(theme::CORNER).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut line = |sign: &str, text: &str, colour| {
            Frame::new().fill(palette.tint(colour, 0.12)).inner_margin(Margin::symmetric(10, 4)).show(ui, |ui| {
                ui.set_min_width(ui.available_width());
                let text = RichText::new(format!("{sign} {text}")).font(theme::mono(SMALL)).color(colour);
                ui.add(Label::new(text).wrap().selectable(true));
            });
        };
        if let Some(before) = &repair.before {
            line("-", before, palette.error);
        }
        line("+", &repair.after, palette.ok);
    });
}

/// Goes to the setting; a right click copies where it stands.
fn show_in_file(ui: &mut Ui, model: &Model, function: &FunctionName, repair: &Repair, actions: &mut Vec<Action>) {
    let file = model.workspace.file.display().to_string();
    let response = ui.button("Show in file").on_hover_text(format!("{file}\nOpens the setting; right-click for the path"));
    if response.clicked() {
        let key = format!("url.cors.{}", repair.setting.key());
        actions.push(Action::OpenSetting { function: function.clone(), key });
    }
    response.context_menu(|ui| {
        if ui.button("Copy the file's path").clicked() {
            actions.push(Action::Copy(file.clone()));
            ui.close();
        }
    });
}

fn also_worth_knowing(ui: &mut Ui, now: &Situation<'_>, judged: &Judged, actions: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let problems = now.door.cors.as_ref().filter(|_| now.door.target == Target::Url).map(check_configuration).unwrap_or_default();
    let standard = judged.verdict.standard.as_ref().map(|standard| standard.why.as_slice()).unwrap_or_default();
    let notes = worth_telling(judged);
    if problems.is_empty() && notes.is_empty() && standard.is_empty() {
        return;
    }
    ui.separator();
    widgets::section(ui, "Also worth knowing", |_| {});
    for problem in problems {
        note(ui, icons::WARNING, palette.throttle, &format!("AWS would refuse to save this: {problem}."), "");
    }
    for message in &notes {
        note_of(ui, now, message, actions);
    }
    for why in standard {
        note(ui, icons::INFORMATION, palette.second, &format!("The standard would differ: {why}."), "");
    }
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
        OWN.contains(&name) || name.starts_with("access-control-") || matches!(name, "vary" | "set-cookie" | "server")
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
    let repair = message.repair.as_ref().filter(|_| now.door.target == Target::Url);
    if let Some(repair) = repair.and_then(|fix| repair::of_fix(fix, now.door.cors.as_ref())) {
        ui.horizontal(|ui| {
            ui.add_space(20.0);
            let name = format!("Set {}", repair.after);
            if ui.small_button(RichText::new(&name).font(theme::mono(theme::TINY))).clicked() {
                actions.push(Action::Command(repair.command(&now.view.configuration.name)));
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
            ui.add(Label::new(code_words(text, BODY, &palette)).wrap().selectable(true));
            if !fix.is_empty() {
                ui.add(Label::new(RichText::new(fix).size(SMALL).color(palette.second)).wrap().selectable(true));
            }
        });
    });
}

/// Agreement in a word, or each member that differs.
fn agreement(ui: &mut Ui, differences: &[(String, String, String)]) {
    let palette = Palette::of(ui);
    if differences.is_empty() {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            ui.label(RichText::new("Predicted and live agree").color(palette.second));
            ui.label(RichText::new(icons::CHECK).font(theme::icon(BODY)).color(palette.ok));
        });
        return;
    }
    ui.label(RichText::new("Predicted and live differ").color(palette.error));
    for (name, predicted, live) in differences {
        let text = format!("{name}: predicted {predicted}, live {live}");
        ui.add(Label::new(RichText::new(text).font(theme::mono(SMALL))).wrap().selectable(true));
    }
}

/// `Chromium 156 saw: readable, 200, headers content-type`.
fn saw(report: &PageReport) -> String {
    let name = browser_name(&report.user_agent);
    if !report.readable {
        return format!("{name} saw: {}", if report.error.is_empty() { "an error" } else { &report.error });
    }
    let headers = if report.headers.is_empty() { "no header".into() } else { format!("headers {}", report.headers.join(", ")) };
    format!("{name} saw: readable, {}, {headers}", report.status)
}

fn report_differences(predicted: &Judged, report: &PageReport, known: bool) -> Vec<(String, String, String)> {
    let verdict = &predicted.verdict;
    let mut differences = Vec::new();
    if verdict.readable != report.readable {
        differences.push(("readable".to_owned(), verdict.readable.to_string(), report.readable.to_string()));
    } else if known && report.readable {
        if verdict.status != Some(report.status) {
            let predicted = verdict.status.unwrap_or_default().to_string();
            differences.push(("status".into(), predicted, report.status.to_string()));
        }
        if verdict.readable_headers != report.headers {
            differences.push(("headers".into(), verdict.readable_headers.join(", "), report.headers.join(", ")));
        }
    }
    differences
}

/// The parts between backticks as code.
fn code_words(text: &str, size: f32, palette: &Palette) -> egui::text::LayoutJob {
    let mut job = egui::text::LayoutJob::default();
    for (index, part) in text.split('`').enumerate() {
        let font_id = if index % 2 == 1 { theme::mono(size) } else { egui::FontId::proportional(size) };
        let line_height = Some(size + 6.0);
        let format = egui::text::TextFormat { font_id, color: palette.text, line_height, ..Default::default() };
        job.append(part, 0.0, format);
    }
    job
}
