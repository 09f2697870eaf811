//! The tab's state: what is typed for each function, what is predicted for it, and what went out for real.

use std::collections::BTreeMap;

use egui::{Frame, Margin, Panel, ScrollArea, Ui};

use super::at_door::{AtDoor, newest_id};
use super::draft::RequestDraft;
use super::live::{Ended, Live, TestPage};
use super::paste::{PasteDialog, Pasted};
use super::prediction::{Assumed, Predictor, assumed};
use super::target::{Target, TargetDoor, cors_key, targets};
use super::{absent_door, door_facts, form, repair, snippets, steps};
use crate::command::{Command, SettingOwner};
use crate::event::{Event, Exchange, ExchangeDoor, FunctionView, NoticeLevel};
use crate::http_model::cors::{CorsConfiguration, Setting};
use crate::http_model::cors_case::{CaseStep, Judged};
use crate::http_model::door::DoorContext;
use crate::http_model::event_from_request::{EventTooLarge, function_url_event};
use crate::http_model::field_note::Trace;
use crate::http_model::message::HttpRequest;
use crate::model::Model;
use crate::model::foresight::Moment;
use crate::model::selection::{InvocationModel, Selection};
use crate::service::ids::FunctionName;
use crate::ui::action::{Action, RequestAction};
use crate::ui::exchange_parts::ExchangeParts;
use crate::ui::window::TypedRequest;

/// From this width on the form stands beside the steps.
const TWO_COLUMNS: f32 = 600.0;
/// Narrowest and widest form beside the steps.
const FORM: std::ops::RangeInclusive<f32> = 292.0..=372.0;

/// What is sent, where, and what is taken for the function's answer; made from the model every frame.
pub(super) struct Situation<'a> {
    pub view: &'a FunctionView,
    pub doors: Vec<TargetDoor>,
    pub door: TargetDoor,
    /// What is sent for real.
    pub step: CaseStep,
    pub assumed: Assumed,
    /// How it ended, once this request went out for real.
    pub live: Option<Ended>,
}

impl Situation<'_> {
    /// What owns the CORS configuration in the file, if there can be one.
    pub(super) fn cors_owner(&self) -> Option<SettingOwner> {
        self.door.cors_owner(&self.view.configuration.name)
    }

    /// Where a CORS setting of the door is changed; `None` for a door that has none.
    pub(super) fn cors_setting(&self, setting: Setting) -> Option<(SettingOwner, String)> {
        let owner = self.cors_owner()?;
        let key = cors_key(&owner, setting);
        Some((owner, key))
    }
}

#[derive(Default)]
pub struct HttpTab {
    drafts: BTreeMap<FunctionName, RequestDraft>,
    predictor: Predictor,
    pub(super) live: Option<Live>,
    pub(super) page: Option<TestPage>,
    /// Sent again as soon as the workspace says this.
    resend: Option<CorsConfiguration>,
    pub(super) parts: ExchangeParts,
    ticket: u64,
    /// The dialog for a pasted request, while it is open.
    paste: Option<PasteDialog>,
    /// When this frame is drawn.
    pub moment: Moment,
    /// The inspector is closed: repair and wire stand below the steps.
    pub alone: bool,
}

impl HttpTab {
    /// Answers to commands that were sent from here.
    pub fn answer(&mut self, event: &Event, actions: &mut Vec<Action>) {
        match event {
            Event::Browsed { ticket, result } => {
                if let Some(live) = self.live.as_mut().filter(|live| live.ticket == *ticket) {
                    live.result = Some(result.clone());
                }
            }
            Event::TestPage { ticket, result } => {
                let Some(page) = self.page.as_mut().filter(|page| page.ticket == *ticket) else { return };
                match result {
                    Ok(address) => {
                        page.address = Some(address.to_string());
                        actions.push(Action::OpenUrl(address.to_string()));
                    }
                    Err(error) => {
                        self.page = None;
                        actions.push(Action::Notify(NoticeLevel::Error, format!("There is no test page: {error}.")));
                    }
                }
            }
            Event::PageReport(report) => {
                if let Some(page) = self.page.as_mut().filter(|page| page.ticket == report.ticket) {
                    page.report = Some((**report).clone());
                    page.comparison = None;
                }
            }
            _ => {}
        }
    }

    /// Goes to the door that a model of the toolbar means, if the function has such a door.
    pub fn choose_model(&mut self, model: &Model, function: &FunctionName, chosen: InvocationModel) {
        let Some(view) = view_of(model, function) else { return };
        let doors = targets(model, view);
        let present = self.door(function, &doors);
        if present.is_some_and(|door| door.model() == chosen) {
            return;
        }
        if let Some(door) = doors.iter().find(|door| door.model() == chosen) {
            self.draft(function, &doors).choose(&door.target);
        }
    }

    /// The model that the chosen door belongs to.
    pub fn model(&self, model: &Model, function: &FunctionName) -> InvocationModel {
        let doors = view_of(model, function).map(|view| targets(model, view)).unwrap_or_default();
        self.door(function, &doors).map_or(InvocationModel::Url, TargetDoor::model)
    }

    /// Types a request.
    pub fn type_request(&mut self, model: &Model, function: &FunctionName, typed: &TypedRequest) {
        let doors = view_of(model, function).map(|view| targets(model, view)).unwrap_or_default();
        let draft = self.draft(function, &doors);
        draft.origin = typed.origin.into();
        draft.method = typed.method.into();
        draft.path = typed.path.into();
        draft.headers = typed.headers.into();
        draft.body = typed.body.into();
    }

    /// Types a request that came to a door.
    pub fn take(&mut self, model: &Model, function: &FunctionName, exchange: &Exchange) {
        let Some(view) = view_of(model, function) else { return };
        let doors = targets(model, view);
        let route = match &exchange.door {
            ExchangeDoor::Api { route, .. } => route.as_deref(),
            ExchangeDoor::FunctionUrl(_) | ExchangeDoor::Nowhere => None,
        };
        let is_route =
            |door: &&TargetDoor| matches!(&door.target, Target::Route { route: own, .. } if Some(own.as_str()) == route);
        let of_door = || doors.iter().filter(|door| door.is_door_of(exchange, function));
        let target = of_door().find(is_route).or_else(|| of_door().next()).map(|door| door.target.clone());
        self.draft(function, &doors).type_again(&exchange.request, target);
    }

    /// Sends the request for real.
    pub fn send(&mut self, model: &Model, function: &FunctionName, actions: &mut Vec<Action>) {
        let refuse = |why: String| Action::Notify(NoticeLevel::Error, format!("Nothing was sent: {why}."));
        let Some(now) = self.situation(model, function) else {
            return actions.push(refuse(format!("{function} has no URL, and no route leads to it")));
        };
        if let Some(why) = self.drafts.get(function).and_then(RequestDraft::obstacle) {
            return actions.push(refuse(why));
        }
        self.ticket += 1;
        self.resend = None;
        let predicted = self.predict(&now).and_then(|predicted| predicted.ok()).cloned();
        self.live = Some(Live {
            ticket: self.ticket,
            view: now.view.clone(),
            api: now.door.api_of(model).cloned(),
            signers: model.workspace.signers.clone(),
            after: newest_id(model),
            step: now.step.clone(),
            predicted,
            known: now.assumed.known(),
            result: None,
        });
        actions.push(Action::Command(Command::Browse { ticket: self.ticket, step: Box::new(now.step) }));
        // The repair of what is sent stands where another selection would.
        actions.push(Action::Select(Selection::Nothing));
    }

    /// Has a page served that makes the request in a real browser.
    fn serve_page(&mut self, function: &FunctionName, step: &CaseStep, actions: &mut Vec<Action>) {
        self.ticket += 1;
        self.page = Some(TestPage::new(self.ticket, function.clone(), step.clone()));
        actions.push(Action::Command(Command::ServeTestPage { ticket: self.ticket, step: Box::new(step.clone()) }));
    }

    /// Does what a button of the form or an entry of the palette asks for.
    pub fn act(&mut self, model: &Model, function: &FunctionName, action: RequestAction, actions: &mut Vec<Action>) {
        if action == RequestAction::Paste {
            self.paste = Some(PasteDialog::default());
            return;
        }
        let Some(now) = self.situation(model, function) else { return };
        match action {
            RequestAction::TestPage => self.serve_page(function, &now.step, actions),
            RequestAction::Repair => self.apply_repair(model, &now, actions),
            RequestAction::CopyFetch => actions.push(Action::Copy(snippets::fetch(&now.step))),
            RequestAction::CopyCurl => actions.push(Action::Copy(snippets::curl(&now.step))),
            RequestAction::Paste => {}
        }
    }

    /// Changes the setting that is in the way; the request follows as soon as the workspace has it.
    fn apply_repair(&mut self, model: &Model, now: &Situation<'_>, actions: &mut Vec<Action>) {
        let judged = self.predict(now).and_then(|predicted| predicted.ok());
        let origin = now.step.origin.clone().unwrap_or_default();
        let found = judged.and_then(|judged| repair::repair(judged, now.door.cors.as_ref(), &origin));
        let owner = now.cors_owner().filter(|_| !model.workspace.read_only);
        match found.zip(owner) {
            Some((found, owner)) => {
                actions.push(Action::Command(found.command(owner)));
                self.resend = Some(found.changed);
            }
            None => actions.push(Action::Notify(NoticeLevel::Information, "No setting repairs this request.".into())),
        }
    }

    /// `wanted` is the model of the toolbar; a function that has no door of it is reached by another one.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        model: &Model,
        function: &FunctionName,
        wanted: InvocationModel,
        actions: &mut Vec<Action>,
    ) {
        // Another function may have been chosen since.
        self.choose_model(model, function, wanted);
        let Some(now) = self.situation(model, function) else {
            return absent_door::no_door_ui(ui, model, function, wanted, actions);
        };
        if self.resend.is_some() && self.resend == now.door.cors {
            self.send(model, function, actions);
        }
        self.paste_ui(ui, function, &now, actions);
        if wanted.is_http() && now.door.model() != wanted {
            inside(ui, |ui| absent_door::other_door_ui(ui, model, &now, wanted, actions));
        }
        let width = ui.available_width();
        if width < TWO_COLUMNS {
            ScrollArea::vertical().id_salt("http narrow").auto_shrink(false).show(ui, |ui| {
                inside(ui, |ui| {
                    // The verdict is seen before anything is scrolled.
                    if let Some(Ok(judged)) = self.predict(&now) {
                        steps::headline_ui(ui, &judged.verdict, &now);
                        ui.add_space(6.0);
                    }
                    self.form_ui(ui, model, function, &now, actions);
                });
                ui.separator();
                inside(ui, |ui| self.steps_ui(ui, model, function, &now, actions));
            });
            return;
        }
        let form = (width * 0.42).clamp(*FORM.start(), *FORM.end());
        Panel::left("http form").exact_size(form).resizable(false).frame(Frame::NONE).show(ui, |ui| {
            ScrollArea::vertical().id_salt("http form").auto_shrink(false).show(ui, |ui| {
                inside(ui, |ui| self.form_ui(ui, model, function, &now, actions));
            });
        });
        egui::CentralPanel::default().frame(Frame::NONE).show(ui, |ui| {
            ScrollArea::vertical().id_salt("http steps").auto_shrink(false).show(ui, |ui| {
                inside(ui, |ui| self.steps_ui(ui, model, function, &now, actions));
            });
        });
    }

    fn paste_ui(&mut self, ui: &Ui, function: &FunctionName, now: &Situation<'_>, actions: &mut Vec<Action>) {
        let Some(dialog) = &mut self.paste else { return };
        let (pasted, close) = dialog.ui(ui);
        if close {
            self.paste = None;
        }
        match pasted {
            Some(Pasted::Request(imported)) => self.draft(function, &now.doors).take(&imported),
            Some(Pasted::Event(imported)) => {
                let (function, model) = (function.clone(), InvocationModel::Synchronous);
                actions.push(match event_of(&imported.request, now) {
                    Ok(text) => Action::Compose { function, model, text, label: None },
                    Err(error) => Action::Notify(NoticeLevel::Error, error.to_string()),
                });
            }
            None => {}
        }
    }

    fn form_ui(&mut self, ui: &mut Ui, model: &Model, function: &FunctionName, now: &Situation<'_>, actions: &mut Vec<Action>) {
        let draft = self.draft(function, &now.doors);
        let asked = form::form_ui(ui, draft, now);
        match asked {
            Some(form::Asked::Send) => actions.push(Action::Send),
            Some(form::Asked::Request(action)) => actions.push(Action::Request(action)),
            Some(form::Asked::Model(model)) => actions.push(Action::ChooseModel(model)),
            None => {}
        }
        ui.add_space(14.0);
        let repair = self.predict(now).and_then(|predicted| predicted.ok()).and_then(|judged| judged.message.as_ref());
        let repair = repair.and_then(|message| message.repair.as_ref()).cloned();
        door_facts::door_facts_ui(ui, model, now, repair.as_ref(), actions);
    }

    fn steps_ui(&mut self, ui: &mut Ui, model: &Model, function: &FunctionName, now: &Situation<'_>, actions: &mut Vec<Action>) {
        match self.predict(now) {
            Some(Ok(judged)) => steps::steps_ui(ui, judged, now, actions),
            Some(Err(error)) => steps::error_ui(ui, error),
            None => {}
        }
        if self.alone {
            ui.separator();
            self.repair_ui(ui, model, function, actions);
        }
    }

    /// The chosen door, or the first.
    fn door<'d>(&self, function: &FunctionName, doors: &'d [TargetDoor]) -> Option<&'d TargetDoor> {
        let chosen: Option<&Target> = self.drafts.get(function).and_then(|draft| draft.target.as_ref());
        doors.iter().find(|door| chosen == Some(&door.target)).or_else(|| doors.first())
    }

    fn draft(&mut self, function: &FunctionName, doors: &[TargetDoor]) -> &mut RequestDraft {
        self.drafts.entry(function.clone()).or_insert_with(|| RequestDraft::of(doors.first()))
    }

    pub(super) fn situation<'a>(&mut self, model: &'a Model, function: &FunctionName) -> Option<Situation<'a>> {
        let view = view_of(model, function)?;
        let doors = targets(model, view);
        let door = self.door(function, &doors)?.clone();
        let step = self.draft(function, &doors).step(&door);
        let live = self.live.as_ref().filter(|live| live.is_of(model, view, &door, &step));
        let assumed = assumed(model, view, &door, &step, live.map(|live| live.after), self.moment);
        let live = live.and_then(|live| {
            let verdict = &live.browsed()?.verdict;
            let told = AtDoor::of(model, view, &door, &step).function_ran(live.after);
            // A door that was not heard of since is judged by its settings.
            let ran = told.unwrap_or_else(|| assumed.function_runs(verdict));
            Some(Ended { outcome: verdict.outcome, status: verdict.status, ran })
        });
        Some(Situation { view, doors, door, step, assumed, live })
    }

    pub(super) fn predict(&mut self, now: &Situation<'_>) -> Option<Result<&Judged, &String>> {
        let (preflight, function_response) = (now.assumed.preflight.clone(), Some(now.assumed.response.clone()));
        let step = CaseStep { preflight, function_response, ..now.step.clone() };
        self.predictor.predict(step, now.door.api).map(Result::as_ref)
    }
}

/// The event that the URL would pass on for a request, as text to be edited; id and time are those of a sample.
fn event_of(request: &HttpRequest, now: &Situation<'_>) -> Result<String, EventTooLarge> {
    let url_id = now.view.access.url.as_ref().map_or("sample", |url| url.url_id.as_str());
    let domain = crate::http_model::url_id::url_domain(url_id);
    let moment = jiff::Timestamp::default();
    let context = DoorContext::new("anonymous", url_id, &domain, "00000000-0000-4000-8000-000000000000", moment);
    let event = function_url_event(request, &context, &mut Trace::ignored())?;
    let text = String::from_utf8_lossy(&event).into_owned();
    Ok(crate::events_catalog::json_text::format(&text).unwrap_or(text))
}

fn view_of<'a>(model: &'a Model, function: &FunctionName) -> Option<&'a FunctionView> {
    model.workspace.functions.iter().find(|view| view.configuration.name == *function)
}

fn inside(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    Frame::new().inner_margin(Margin::symmetric(14, 8)).show(ui, contents);
}
