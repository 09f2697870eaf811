//! Everything about the thing I clicked, the question "why?" first.

use egui::text::{LayoutJob, TextFormat};
use egui::{AtomExt as _, Button, EventFilter, Frame, Key, Label, Margin, RichText, ScrollArea, Sense, Ui, Vec2};

use super::action::Action;
use super::deeds::{deeds_menu, of_line};
use super::docking::Pane;
use super::exchange_parts::{ExchangePart, ExchangeParts};
use super::log_view::{LogView, line_ui};
use super::message_view::MessageView;
use super::theme::{self, BODY, LARGE, Palette, SMALL};
use super::{icons, widgets};
use crate::command::Command;
use crate::model::Model;
use crate::model::invocations::{Attempt, Invocation, Start};
use crate::model::lengths::due_in;
use crate::model::selection::Selection;
use crate::model::why::{Deciding, Standing, Why, why};
use crate::service::ids::RequestId;
use crate::service::input::{InvocationType, LogLine};
use crate::service::time::Timestamp;

/// Characters of a payload that are shown; copying takes all of it.
const SHOWN: usize = 30_000;
/// The last lines of a function's live log that are shown.
const LIVE: usize = 200;
/// How far an arrow key scrolls, in points.
const ARROW: f32 = 40.0;
/// Points that a chip has around its words: margins, icon and the space behind it.
const CHIP_AROUND: f32 = 34.0;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Tab {
    Request,
    #[default]
    Response,
    Log,
    Record,
    /// Of the request at a door that the invocation was made for.
    Door(ExchangePart),
}

#[derive(Default)]
pub struct Inspector {
    tab: Tab,
    exchange: ExchangeParts,
    log: LogView,
    message: MessageView,
}

impl Inspector {
    /// Opens the log of whatever is selected.
    pub fn show_log(&mut self) {
        self.tab = Tab::Log;
    }

    pub fn ui(&mut self, ui: &mut Ui, model: &Model, selection: &Selection, now: Timestamp, actions: &mut Vec<Action>) {
        let scrolled = keyboard(ui);
        let Some(why) = why(model, selection, now) else {
            return widgets::empty(
                ui,
                icons::SEARCH,
                "Why did that happen?",
                "Send an event, then click its bar in the timeline. This panel says what happened, why, and which setting decided it.",
            );
        };
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            if scrolled != 0.0 {
                ui.scroll_with_delta(Vec2::new(0.0, scrolled));
            }
            Frame::new().inner_margin(Margin::symmetric(14, 12)).show(ui, |ui| {
                head(ui, &why, selection, actions);
                if let Some(id) = selection.request_id()
                    && let Some(invocation) = model.invocations.get(&id)
                {
                    buttons(ui, id, invocation, actions);
                    attempts(ui, model, id, invocation, selection, now, actions);
                    facts(ui, invocation, selection);
                    self.parts(ui, model, id, invocation, selection, actions);
                } else if let Selection::Exchange(exchange) = selection
                    && let Some(exchange) = model.exchange_of(*exchange)
                {
                    ui.add_space(8.0);
                    self.exchange.ui(ui, model, exchange, actions);
                } else if let Selection::Message(_, id) = selection {
                    self.message.ui(ui, model, *id, now, actions);
                } else {
                    other(ui, model, selection, actions);
                }
            });
        });
    }

    /// Request, response, log, record.
    fn parts(
        &mut self,
        ui: &mut Ui,
        model: &Model,
        id: RequestId,
        invocation: &Invocation,
        selection: &Selection,
        actions: &mut Vec<Action>,
    ) {
        let exchange = model.exchange_of_invocation(id);
        ui.add_space(8.0);
        let mut options =
            vec![(Tab::Request, "Request".to_owned()), (Tab::Response, "Response".into()), (Tab::Log, "Log".into())];
        if !invocation.delivered.is_empty() {
            options.push((Tab::Record, "Record".into()));
        }
        let spacing = std::mem::take(&mut ui.spacing_mut().item_spacing.y);
        if let Some(tab) = widgets::tabs(ui, self.tab, &options) {
            self.tab = tab;
        }
        let of_door = ExchangePart::ALL.map(|(part, name)| (Tab::Door(part), name.to_owned()));
        if exchange.is_some()
            && let Some(tab) = widgets::tabs(ui, self.tab, &of_door)
        {
            self.tab = tab;
        }
        ui.add(egui::Separator::default().spacing(2.0));
        ui.spacing_mut().item_spacing.y = spacing;
        match self.tab {
            Tab::Door(part) => {
                self.exchange.part = part;
                match exchange {
                    Some(exchange) => self.exchange.part_ui(ui, model, exchange, actions),
                    None => self.tab = Tab::default(),
                }
            }
            Tab::Request => text(ui, "request", &pretty(&invocation.payload), actions),
            Tab::Response => response(ui, invocation, selection, actions),
            Tab::Log => {
                let lines = log(invocation, selection);
                if lines.is_empty() {
                    let colour = Palette::of(ui).second;
                    ui.label(RichText::new("No lines yet.").color(colour));
                } else {
                    self.log.ui(ui, selection, &lines, invocation.log_left_out, actions);
                }
            }
            Tab::Record => {
                for delivery in &invocation.delivered {
                    ui.label(RichText::new(format!("{:?} to {}", delivery.outlet, delivery.target)).font(theme::medium(BODY)));
                    text(ui, "record", &pretty(&delivery.body), actions);
                }
            }
        }
    }
}

/// The panel as a place for the keyboard; gives back how far its keys scroll, in points.
fn keyboard(ui: &Ui) -> f32 {
    let panel = ui.interact(ui.max_rect(), Pane::Inspector.id(), Sense::focusable_noninteractive());
    panel.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Pane, true, "Inspector"));
    if !panel.has_focus() {
        return 0.0;
    }
    widgets::focused(ui, &panel, EventFilter { vertical_arrows: true, ..EventFilter::default() });
    let page = panel.rect.height() * 0.8;
    let keys = [(Key::ArrowUp, ARROW), (Key::ArrowDown, -ARROW), (Key::PageUp, page), (Key::PageDown, -page)];
    ui.input(|input| keys.iter().filter(|(key, _)| input.key_pressed(*key)).map(|(_, distance)| distance).sum())
}

/// The name with how it stands at its right, or below it where both have no room in one line.
fn title(ui: &mut Ui, why: &Why) {
    let palette = Palette::of(ui);
    let icon = match why.standing {
        Standing::Running => icons::PLAY,
        Standing::Waiting => icons::HOURGLASS,
        Standing::Ok => icons::OK,
        Standing::Failed => icons::FAILED,
        Standing::Throttled => icons::WARNING,
        Standing::Neutral => icons::CIRCLE,
    };
    let width = |text: &str, font| ui.painter().layout_no_wrap(text.to_owned(), font, palette.text).size().x;
    let name = RichText::new(&why.title).font(theme::semibold(LARGE));
    let chip_width = width(&why.chip, theme::medium(SMALL)) + CHIP_AROUND;
    let together = width(&why.title, theme::semibold(LARGE)) + chip_width + ui.spacing().item_spacing.x;
    let chip = |ui: &mut Ui| widgets::chip(ui, icon, &why.chip, palette.standing(why.standing));
    if together <= ui.available_width() {
        ui.horizontal(|ui| {
            ui.label(name);
            ui.add_space((ui.available_width() - chip_width).max(0.0));
            chip(ui);
        });
    } else {
        ui.add(Label::new(name).wrap());
        ui.horizontal(chip);
    }
}

fn head(ui: &mut Ui, why: &Why, selection: &Selection, actions: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    title(ui, why);
    if let Some(id) = selection.request_id() {
        let id = id.to_string();
        if widgets::copyable(ui, &id, "request id") {
            actions.push(Action::Copy(id));
        }
    }
    ui.add_space(8.0);
    ui.add(Label::new(sentence(ui, &why.text, why.standing)).wrap().selectable(true));
    if !why.decided_by.is_empty() {
        ui.add_space(4.0);
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = Vec2::new(5.0, 3.0);
            ui.spacing_mut().interact_size.y = 0.0;
            ui.label(RichText::new("Decided by").color(palette.second));
            for (index, deciding) in why.decided_by.iter().enumerate() {
                if index > 0 {
                    ui.label(RichText::new("and").color(palette.second));
                }
                self::deciding(ui, deciding, actions);
            }
        });
    }
}

/// What can be changed is underlined and goes to its setting.
fn deciding(ui: &mut Ui, deciding: &Deciding, actions: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    if !deciding.lead.is_empty() {
        ui.label(RichText::new(&deciding.lead).color(palette.second));
    }
    let Some(key) = deciding.key else {
        ui.label(RichText::new(&deciding.value).color(palette.text)).on_hover_text(deciding.gloss);
        return;
    };
    let text = RichText::new(&deciding.value).font(theme::mono(SMALL)).color(palette.text).underline();
    let label = ui.add(Label::new(text).sense(Sense::click()).selectable(false));
    if label.on_hover_text(format!("{}\nClick to change it", deciding.gloss)).clicked() {
        actions.push(Action::OpenSetting { owner: deciding.owner.clone(), key: key.to_owned() });
    }
}

/// The parts between `*` in a heavier cut.
fn sentence(ui: &Ui, marked: &str, standing: Standing) -> LayoutJob {
    let palette = Palette::of(ui);
    let mut job = LayoutJob::default();
    for (index, part) in marked.split('*').enumerate() {
        let strong = index % 2 == 1;
        let color = if strong && standing == Standing::Failed { palette.error } else { palette.text };
        let font_id = if strong { theme::semibold(LARGE) } else { egui::FontId::proportional(LARGE) };
        job.append(part, 0.0, TextFormat { font_id, color, line_height: Some(22.0), ..TextFormat::default() });
    }
    job
}

fn buttons(ui: &mut Ui, id: RequestId, invocation: &Invocation, actions: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let accent = palette.model(invocation.model());
    ui.add_space(8.0);
    ui.horizontal_wrapped(|ui| {
        if invocation.is_running() {
            if ui.button("Stop").clicked() {
                actions.push(Action::Command(Command::StopInvocation(id)));
            }
        } else if let Some(retry) = invocation.retry.as_ref().filter(|_| invocation.outcome.is_none()) {
            if widgets::filled_button(ui, &format!("Step to attempt {}", retry.attempt), "", accent, true).clicked() {
                actions.push(Action::Command(Command::StepTo(id)));
            }
            if ui.button("Edit and retry").clicked() {
                actions.push(Action::ComposeRetry { request_id: id, text: pretty(&invocation.payload) });
            }
            if ui.button("Retry now").clicked() {
                actions.push(Action::Command(Command::RetryNow(id)));
            }
            if ui.button("Drop").clicked() {
                actions.push(Action::Command(Command::DropEvent(id)));
            }
        } else {
            let compose = Action::Compose {
                function: invocation.function.clone(),
                model: invocation.model(),
                text: pretty(&invocation.payload),
                label: invocation.label.as_deref().map(str::to_owned),
            };
            if ui.button("Run again").on_hover_text("F5").clicked() {
                actions.push(rerun(invocation));
            }
            if ui.button("Edit and run again").clicked() {
                actions.push(compose);
            }
        }
    });
}

/// The same event once more.
pub fn rerun(invocation: &Invocation) -> Action {
    Action::Command(Command::Invoke {
        function: invocation.function.clone(),
        invocation_type: invocation.invocation_type,
        payloads: vec![invocation.payload.clone()],
        label: invocation.label.clone(),
        source: crate::service::input::InvocationSource::Workbench,
        ticket: super::app::RERUN_TICKET,
    })
}

fn attempts(
    ui: &mut Ui,
    model: &Model,
    id: RequestId,
    invocation: &Invocation,
    selection: &Selection,
    now: Timestamp,
    actions: &mut Vec<Action>,
) {
    if invocation.attempts.is_empty() && invocation.retry.is_none() {
        return;
    }
    let palette = Palette::of(ui);
    ui.add_space(10.0);
    ui.separator();
    widgets::section(ui, "Attempts", |_| {});
    let spacing = std::mem::replace(&mut ui.spacing_mut().item_spacing.y, 2.0);
    if let Some(words) = invocation.before_words() {
        ui.label(RichText::new(words).size(SMALL).color(palette.second));
    }
    let mut before: Option<Timestamp> = None;
    for attempt in &invocation.attempts {
        if let Some(before) = before {
            let wait = attempt.started.since(before);
            ui.label(RichText::new(format!("            waits {wait}")).size(SMALL).color(palette.third));
        }
        let chosen = *selection == Selection::Attempt(id, attempt.number);
        let back = model.back_words(invocation);
        if attempt_row(ui, attempt, invocation.accepted_at, back.as_deref(), chosen) {
            actions.push(Action::Select(Selection::Attempt(id, attempt.number)));
        }
        before = attempt.ended.as_ref().map(|ended| ended.at);
    }
    if let Some(retry) = invocation.retry.as_ref().filter(|_| invocation.outcome.is_none()) {
        ui.label(RichText::new(format!("            waits {}", retry.due.since(retry.since))).size(SMALL).color(palette.third));
        let text = (
            RichText::new(icons::DUE).font(theme::icon(15.0)).color(palette.asynchronous),
            RichText::new(due_offset(retry.due, invocation.accepted_at)).font(theme::mono(SMALL)),
            RichText::new(format!("attempt {} is due {}", retry.attempt, due_in(retry.due.since(now)))).atom_shrink(true),
        );
        // As the rows above it, but there is nothing to look at yet.
        let width = ui.available_width();
        let row = Button::selectable(false, text).truncate().sense(egui::Sense::hover()).stroke(egui::Stroke::NONE);
        ui.add(row.min_size(Vec2::new(width, 28.0)));
    }
    ui.spacing_mut().item_spacing.y = spacing;
}

/// `1:00.400` after the event was accepted.
fn offset(at: Timestamp, accepted: Timestamp) -> String {
    clock(at.since(accepted).0 / 1_000)
}

/// The same for what is still to come: a begun millisecond counts whole, or it would look overdue before it is due.
fn due_offset(due: Timestamp, accepted: Timestamp) -> String {
    clock(due.since(accepted).ceil_millis())
}

fn clock(millis: u64) -> String {
    format!("{}:{:02}.{:03}", millis / 60_000, millis / 1_000 % 60, millis % 1_000)
}

/// `back` says how much of its batch came back, if anything did.
fn attempt_row(ui: &mut Ui, attempt: &Attempt, accepted: Timestamp, back: Option<&str>, chosen: bool) -> bool {
    let palette = Palette::of(ui);
    let (icon, colour, took) = match &attempt.ended {
        None => (icons::PLAY, palette.synchronous, "running".to_owned()),
        Some(ended) if ended.result.is_ok() && back.is_none() => (icons::OK, palette.ok, ended.duration.to_string()),
        Some(ended) => (icons::FAILED, palette.error, ended.duration.to_string()),
    };
    let start = match attempt.start {
        Start::Cold(Some(init)) => format!("cold, init {init}"),
        Start::Cold(None) => "cold".into(),
        Start::InitWithin(Some(init)) => format!("init {init} within the invoke"),
        Start::InitWithin(None) => "init within the invoke".into(),
        Start::InitFailed => "init failed".into(),
        Start::Warm => format!("warm, environment {}", attempt.environment_number),
    };
    let start = back.map_or_else(|| start.clone(), |back| format!("{start}, {back}"));
    let text = (
        RichText::new(icon).font(theme::icon(15.0)).color(colour),
        RichText::new(offset(attempt.started, accepted)).font(theme::mono(SMALL)),
        RichText::new(start).atom_shrink(true),
    );
    let button = Button::selectable(chosen, text)
        .truncate()
        .shortcut_text(RichText::new(took).font(theme::mono(SMALL)).color(palette.second));
    let width = ui.available_width();
    ui.add(button.min_size(Vec2::new(width, 28.0))).accessible_name(format!("Attempt {}", attempt.number)).clicked()
}

/// The attempt that is looked at: the selected one, else the last.
fn chosen<'a>(invocation: &'a Invocation, selection: &Selection) -> Option<&'a Attempt> {
    match selection {
        Selection::Attempt(_, number) => invocation.attempts.iter().find(|attempt| attempt.number == *number),
        _ => invocation.attempts.last(),
    }
}

fn facts(ui: &mut Ui, invocation: &Invocation, selection: &Selection) {
    let palette = Palette::of(ui);
    let status = match (&invocation.refused, invocation.invocation_type) {
        (Some(error), _) => error.status_and_name().0.to_string(),
        (None, InvocationType::RequestResponse) => "200".into(),
        (None, InvocationType::Event) => "202".into(),
        (None, InvocationType::DryRun) => "204".into(),
    };
    let mut facts =
        vec![("status", status), ("type", invocation.invocation_type.name().to_owned()), ("version", "$LATEST".to_owned())];
    if let Some(ended) = chosen(invocation, selection).and_then(|attempt| attempt.ended.as_ref()) {
        facts.push(("duration", ended.duration.to_string()));
        facts.push(("billed", format!("{} ms", ended.billed_millis)));
        if ended.memory_megabytes > 0 {
            facts.push(("memory", format!("{} MB", ended.memory_megabytes)));
        }
        if ended.result.is_err() {
            facts.push(("X-Amz-Function-Error", "Unhandled".into()));
        }
    }
    ui.add_space(8.0);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = Vec2::new(5.0, 3.0);
        ui.spacing_mut().interact_size.y = 0.0;
        for (name, value) in facts {
            ui.label(RichText::new(name).size(SMALL).color(palette.third));
            // A figure and its unit stay on one line.
            ui.label(RichText::new(value.replace(' ', "\u{a0}")).font(theme::mono(SMALL)));
            ui.add_space(6.0);
        }
    });
}

fn response(ui: &mut Ui, invocation: &Invocation, selection: &Selection, actions: &mut Vec<Action>) {
    match chosen(invocation, selection).and_then(|attempt| attempt.ended.as_ref()).map(|ended| &ended.result) {
        Some(Ok(payload)) => text(ui, "response", &pretty(payload), actions),
        Some(Err(error)) => text(ui, "error", &pretty(&error.payload), actions),
        None => {
            let text = match invocation.before_words() {
                Some(before) => format!("No attempt has ended since the program was started again. {before}"),
                None => "No attempt has ended yet.".to_owned(),
            };
            let colour = Palette::of(ui).second;
            ui.label(RichText::new(text).color(colour));
        }
    }
}

/// The lines of the attempt that was chosen, else of all of them.
fn log<'a>(invocation: &'a Invocation, selection: &Selection) -> Vec<&'a LogLine> {
    let (from, to) = match (selection, chosen(invocation, selection)) {
        (Selection::Attempt(..), Some(attempt)) => {
            (attempt.started, attempt.ended.as_ref().map_or(Timestamp(u64::MAX), |ended| ended.at))
        }
        _ => (Timestamp(0), Timestamp(u64::MAX)),
    };
    invocation.log.iter().filter(|line| line.at >= from && line.at <= to).collect()
}

fn text(ui: &mut Ui, name: &str, text: &str, actions: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    ui.add_space(theme::GRID);
    if widgets::small_button(ui, format!("Copy {name}")).clicked() {
        actions.push(Action::Copy(text.to_owned()));
    }
    ui.add_space(theme::GRID);
    let shown: String = text.chars().take(SHOWN).collect();
    let frame =
        Frame::new().fill(palette.ground).corner_radius(egui::CornerRadius::same(theme::CORNER)).inner_margin(Margin::same(8));
    frame.show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ui.add(Label::new(RichText::new(&shown).font(theme::mono(SMALL))).wrap().selectable(true));
        if shown.len() < text.len() {
            widgets::figure(ui, format!("{} of {} shown; copy takes all", widgets::size(shown.len()), widgets::size(text.len())));
        }
    });
}

/// JSON with line breaks; anything else as it is.
fn pretty(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).into_owned();
    if text.len() > SHOWN * 4 { text } else { crate::events_catalog::json_text::format(&text).unwrap_or(text) }
}

/// Functions, queues, batches.
fn other(ui: &mut Ui, model: &Model, selection: &Selection, actions: &mut Vec<Action>) {
    match selection {
        Selection::Function(name) => {
            let Some(function) = model.functions.get(name) else { return };
            ui.add_space(8.0);
            if let Some(last) = function.last
                && ui.button("Show the last invocation").clicked()
            {
                actions.push(Action::Select(Selection::Invocation(last)));
            }
            ui.separator();
            widgets::section(ui, "Live log", |_| {});
            let earlier = function.log.len().saturating_sub(LIVE);
            if earlier > 0 {
                widgets::figure(ui, format!("{} earlier lines are not shown", widgets::grouped(earlier)));
            }
            for line in function.log.iter().skip(earlier) {
                let response = line_ui(ui, line, "the invocation's log has all");
                deeds_menu(&response, || of_line(line, function.log.iter()), actions);
            }
            if function.log.is_empty() {
                let colour = Palette::of(ui).second;
                ui.label(RichText::new("Nothing written yet.").color(colour));
            }
        }
        Selection::Batch(id) => {
            let Some(batch) = model.batches.get(id) else { return };
            ui.add_space(8.0);
            if ui.button("Show the invocation").clicked() {
                actions.push(Action::Select(Selection::Invocation(batch.request_id)));
            }
            widgets::section(ui, "Records", |_| {});
            let failed = batch.finished.as_ref().map(|(failed, _)| failed.as_slice()).unwrap_or_default();
            let palette = Palette::of(ui);
            for (id, body) in batch.messages.iter().take(200) {
                let (colour, state) = match failed.contains(id) {
                    true => (palette.error, "back  "),
                    false => (palette.text, ""),
                };
                let body: String = body.chars().take(300).collect();
                let text = RichText::new(format!("{state}{body}")).font(theme::mono(SMALL)).color(colour);
                ui.add(Label::new(text).truncate());
            }
        }
        Selection::Queue(_)
        | Selection::Message(..)
        | Selection::Environment(_)
        | Selection::Exchange(_)
        | Selection::Nothing
        | Selection::Invocation(_)
        | Selection::Attempt(..) => {}
    }
}
