//! The repair, what else is worth knowing, what a real browser saw, and the wire: where the inspector stands while the tab
//! is in front.

use egui::{Frame, Label, Margin, RichText, ScrollArea, Ui};

use super::browser_report::agreement;
use super::live::Live;
use super::notes::{also_worth_knowing, code_words};
use super::repair::{self, Repair};
use super::tab::{HttpTab, Situation};
use super::target::Target;
use crate::command::SettingOwner;
use crate::event::Exchange;
use crate::http_model::cors_case::Judged;
use crate::model::Model;
use crate::model::callers::LookedAt;
use crate::model::selection::{InvocationModel, Selection};
use crate::service::ids::FunctionName;
use crate::ui::action::{Action, RequestAction};
use crate::ui::exchange_parts::{ExchangePart, Known, differences, exchange_wire_ui, lines_ui, merged, plain};
use crate::ui::theme::{self, LARGE, Palette, SMALL};
use crate::ui::widgets;

impl HttpTab {
    /// The whole pane.
    pub fn side_ui(
        &mut self,
        ui: &mut Ui,
        model: &Model,
        function: &FunctionName,
        wanted: InvocationModel,
        actions: &mut Vec<Action>,
    ) {
        ScrollArea::vertical().id_salt("http side").auto_shrink(false).show(ui, |ui| {
            Frame::new().inner_margin(Margin::symmetric(14, 12)).show(ui, |ui| {
                if self.situation(model, function).is_none() {
                    return no_door_ui(ui, wanted);
                }
                self.repair_ui(ui, model, function, actions);
            });
        });
    }

    /// The way back to it, while something else that was clicked stands in its place.
    pub fn back_ui(ui: &mut Ui, actions: &mut Vec<Action>) {
        let margin = Margin { left: 10, right: 10, top: 12, bottom: 0 };
        Frame::new().inner_margin(margin).show(ui, |ui| {
            if widgets::small_button(ui, "← Back to the repair").on_hover_text("Esc").clicked() {
                actions.push(Action::Select(Selection::Nothing));
            }
        });
    }

    /// Its contents; they also stand below the steps when there is no pane for them.
    pub(super) fn repair_ui(&mut self, ui: &mut Ui, model: &Model, function: &FunctionName, actions: &mut Vec<Action>) {
        let Some(now) = self.situation(model, function) else { return };
        ui.spacing_mut().item_spacing.y = 6.0;
        let judged = match self.predict(&now) {
            Some(Ok(judged)) => judged.clone(),
            Some(Err(error)) => {
                let colour = Palette::of(ui).second;
                ui.add(Label::new(RichText::new(format!("Nothing is predicted: {error}.")).color(colour)).wrap());
                return;
            }
            None => return,
        };
        self.live_error(ui, model, &now);
        self.repair(ui, model, &now, &judged, actions);
        also_worth_knowing(ui, &now, &judged, actions);
        self.report(ui, model, &now, actions);
        ui.separator();
        self.parts.tabs_ui(ui);
        ui.add_space(2.0);
        let exchange = newest(model, &now, self.parts.part);
        match (self.parts.part, exchange) {
            (ExchangePart::Wire, _) => self.wire(ui, model, &now, &judged, actions),
            (ExchangePart::Policy, None) => self.parts.policy_ui(ui, model, function, looked_at(&now), actions),
            (ExchangePart::ToEvent, None) => crate::ui::exchange_parts::to_event_ui(ui, None),
            (ExchangePart::ToResponse, None) => crate::ui::exchange_parts::to_response_ui(ui, None),
            (_, Some(exchange)) => self.parts.part_ui(ui, model, exchange, actions),
        }
    }

    fn live_error(&self, ui: &mut Ui, model: &Model, now: &Situation<'_>) {
        let live = self.live_of(model, now);
        if let Some(Err(error)) = live.and_then(|live| live.result.as_ref()) {
            let text = format!("It could not be sent for real: {error}");
            ui.add(Label::new(RichText::new(text).color(Palette::of(ui).error)).wrap().selectable(true));
        }
    }

    fn repair(&mut self, ui: &mut Ui, model: &Model, now: &Situation<'_>, judged: &Judged, actions: &mut Vec<Action>) {
        let palette = Palette::of(ui);
        widgets::section(ui, "Repair", |_| {});
        let refusal = now.assumed.refusal(&judged.verdict);
        let Some(message) = &judged.message else {
            let text = match (refusal, judged.verdict.readable) {
                (Some(refused), _) if !refused.repair.is_empty() => refused.repair.clone(),
                (Some(refused), _) => format!("No CORS setting repairs this: {}.", refused.why),
                (None, true) => "Nothing to repair: the page reads the answer.".into(),
                (None, false) => "Nothing to repair.".into(),
            };
            ui.add(Label::new(code_words(&text, LARGE, palette.text)).wrap().selectable(true));
            return;
        };
        let origin = now.step.origin.clone().unwrap_or_default();
        if let Some(words) = repair::in_the_function(message, now.door.api, &now.view.configuration.name, &origin) {
            // Nothing that the function returns helps while it is not asked.
            let words = match refusal {
                Some(refused) => format!("No header repairs this: {}. {}", refused.why, refused.repair).trim_end().to_owned(),
                None => words,
            };
            ui.add(Label::new(code_words(&words, LARGE, palette.text)).wrap().selectable(true));
            return;
        }
        // A CORS header lets the page read the refusal; what ends it comes first.
        if let Some(refused) = refusal.filter(|refused| !refused.repair.is_empty()) {
            ui.add(Label::new(code_words(&refused.repair, LARGE, palette.text)).wrap().selectable(true));
            ui.label(RichText::new("And so that the page can read such an answer:").color(palette.second));
        }
        ui.add(Label::new(code_words(&message.fix, LARGE, palette.text)).wrap().selectable(true));
        let Some(repair) = repair::repair(judged, now.door.cors.as_ref(), &origin) else { return };
        diff_ui(ui, &repair);
        ui.horizontal_wrapped(|ui| {
            let apply = widgets::filled_button(ui, "Apply and send again", "", palette.http, !model.workspace.read_only);
            if apply.clicked() {
                actions.push(Action::Request(RequestAction::Repair));
            }
            if let Some((owner, key)) = now.cors_setting(repair.setting) {
                show_in_file(ui, model, &owner, &key, actions);
            }
        });
    }

    /// What went out for real, if it is what the form holds now.
    fn live_of(&self, model: &Model, now: &Situation<'_>) -> Option<&Live> {
        self.live.as_ref().filter(|live| live.is_of(model, now.view, &now.door, &now.step))
    }

    fn wire(&self, ui: &mut Ui, model: &Model, now: &Situation<'_>, judged: &Judged, actions: &mut Vec<Action>) {
        let palette = Palette::of(ui);
        let live = self.live_of(model, now);
        match live.and_then(|live| live.browsed().map(|browsed| (live, browsed))) {
            Some((live, browsed)) => {
                let predicted = live.predicted.as_ref().unwrap_or(judged);
                // That the service answers by itself is no answer of the function, which nobody could know.
                let by_service = now.assumed.refused.is_some() && live.known == Known::Nothing;
                let known = if by_service { Known::Status } else { live.known };
                agreement(ui, &differences(&predicted.verdict, &browsed.verdict, known));
                lines_ui(ui, &merged(&predicted.exchange.wire, &browsed.exchange.wire, known));
            }
            None => {
                let waits = live.is_some_and(|live| live.result.is_none());
                let text = if waits { "Under way…" } else { "Predicted. Send it to see the live exchange beside it." };
                ui.add(Label::new(RichText::new(text).size(SMALL).color(palette.second)).wrap());
                lines_ui(ui, &plain(&judged.exchange.wire));
            }
        }
        if let Some(exchange) = newest(model, now, ExchangePart::Wire) {
            ui.add_space(4.0);
            let title = RichText::new("The last request as the door saw it").size(SMALL).color(palette.second);
            egui::CollapsingHeader::new(title).id_salt("door's exchange").show_unindented(ui, |ui| {
                exchange_wire_ui(ui, exchange, actions);
            });
        }
    }
}

/// What will stand here once a request can come to the function.
fn no_door_ui(ui: &mut Ui, wanted: InvocationModel) {
    let text = match wanted {
        InvocationModel::Api => "Once a route leads to the function, repairs stand here.",
        _ => "Once the function has a URL, repairs stand here.",
    };
    ui.label(RichText::new(text).color(Palette::of(ui).second));
}

fn looked_at<'a>(now: &'a Situation<'_>) -> LookedAt<'a> {
    match &now.door.target {
        Target::Url => None,
        Target::Route { api, route } => Some((&**api, Some(route.as_str()))),
    }
}

/// The newest request at the door; for the translations the newest that reached the function.
fn newest<'a>(model: &'a Model, now: &Situation<'_>, part: ExchangePart) -> Option<&'a Exchange> {
    let name = &now.view.configuration.name;
    let method = now.step.req.as_ref().and_then(|request| request.method.as_deref()).unwrap_or_default();
    let wanted = |exchange: &Exchange| {
        now.door.is_door_of(exchange, name)
            && (matches!(part, ExchangePart::Wire) || exchange.request.method.eq_ignore_ascii_case(method))
            // A request that no route took says nothing of the function's policy.
            && (!matches!(part, ExchangePart::Policy) || exchange.function.as_ref() == Some(name))
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
        if !repair.after.is_empty() {
            line("+", &repair.after, palette.ok);
        }
    });
}

/// Opens the file where the setting stands, or what it belongs to.
fn show_in_file(ui: &mut Ui, model: &Model, owner: &SettingOwner, key: &str, actions: &mut Vec<Action>) {
    let Some(place) = model.workspace.place_of(owner, key) else { return };
    if ui.button("Show in file").on_hover_text(place.short()).clicked() {
        actions.push(Action::OpenFile(place.clone()));
    }
}
