//! What a real browser saw on its test page, held against what is predicted for that page.

use egui::{Label, RichText, Ui};

use super::at_door::AtDoor;
use super::live::{Comparison, browser_name};
use super::prediction::judge;
use super::repair;
use super::tab::{HttpTab, Situation};
use crate::event::{AnsweredBy, Exchange, PageReport};
use crate::http_model::cors_case::{CaseStep, Judged};
use crate::model::Model;
use crate::ui::action::Action;
use crate::ui::exchange_parts::Known;
use crate::ui::theme::{self, BODY, Palette, SMALL};
use crate::ui::{icons, widgets};

impl HttpTab {
    /// What a real browser saw, beside what is predicted for its page.
    pub(super) fn report(&mut self, ui: &mut Ui, model: &Model, now: &Situation<'_>, actions: &mut Vec<Action>) {
        let palette = Palette::of(ui);
        let name = &now.view.configuration.name;
        let Some(page) = self.page.as_mut().filter(|page| page.function == *name) else { return };
        ui.separator();
        widgets::section(ui, "In a real browser", |_| {});
        if let Some(address) = &page.address
            && widgets::copyable(ui, address, "the page's address")
        {
            actions.push(Action::Copy(address.clone()));
        }
        let second = |ui: &mut Ui, text: &str| {
            ui.add(Label::new(RichText::new(text).size(SMALL).color(palette.second)).wrap());
        };
        let Some(report) = &page.report else {
            second(ui, "Waits for the page to be opened.");
            return;
        };
        ui.add(Label::new(saw(report)).wrap().selectable(true));
        let same_request = page.step.req == now.step.req;
        if page.comparison.is_none() && same_request {
            page.comparison = compare(model, &page.step, report, now);
        }
        match &page.comparison {
            _ if !same_request => second(ui, "The form holds another request now. Test page serves it."),
            Some(comparison) if comparison.config != now.door.cors => {
                second(ui, "The CORS configuration has changed since. Press Send again on the page.");
            }
            Some(comparison) => agreement(ui, &comparison.differences),
            None => {}
        }
        second(ui, &format!("The page has an origin of its own, {}.", report.origin));
        let allow = repair::allow_origin(&report.origin, now.door.cors.as_ref());
        if let Some((allow, owner)) = allow.zip(now.cors_owner())
            && ui.add_enabled(!model.workspace.read_only, egui::Button::new(format!("Allow {}", report.origin))).clicked()
        {
            actions.push(Action::Command(allow.command(owner)));
        }
    }
}

/// Holds a report that has just come in against what is predicted now.
fn compare(model: &Model, asked: &CaseStep, report: &PageReport, now: &Situation<'_>) -> Option<Comparison> {
    let step = CaseStep {
        origin: Some(report.origin.clone()),
        page_kind: None,
        config: now.door.cors.clone(),
        preflight: now.assumed.preflight.clone(),
        function_response: Some(now.assumed.response.clone()),
        ..asked.clone()
    };
    let predicted = judge(&step, now.door.api).ok()?;
    let differences = report_differences(&predicted, report, known(model, asked, report, now));
    Some(Comparison { config: step.config, differences })
}

/// What of the answer was known, or must have been: the service answered this page by itself.
fn known(model: &Model, asked: &CaseStep, report: &PageReport, now: &Situation<'_>) -> Known {
    let known = now.assumed.known();
    let of_page = |exchange: &&Exchange| exchange.request.headers.get("origin") == Some(report.origin.as_str());
    let newest = AtDoor::of(model, now.view, &now.door, asked).requests().find(of_page);
    match newest.map(|exchange| &exchange.answered_by) {
        Some(AnsweredBy::Service { .. }) if known == Known::Nothing => Known::Status,
        _ => known,
    }
}

/// Agreement in a word, or each member that differs.
pub fn agreement(ui: &mut Ui, differences: &[(String, String, String)]) {
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

fn report_differences(predicted: &Judged, report: &PageReport, known: Known) -> Vec<(String, String, String)> {
    let verdict = &predicted.verdict;
    let mut differences = Vec::new();
    if verdict.readable != report.readable {
        differences.push(("readable".to_owned(), verdict.readable.to_string(), report.readable.to_string()));
    } else if report.readable {
        if known != Known::Nothing && verdict.status != Some(report.status) {
            let predicted = verdict.status.unwrap_or_default().to_string();
            differences.push(("status".into(), predicted, report.status.to_string()));
        }
        if known == Known::All && verdict.readable_headers != report.headers {
            differences.push(("headers".into(), verdict.readable_headers.join(", "), report.headers.join(", ")));
        }
    }
    differences
}
