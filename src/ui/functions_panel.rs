//! What I have, how warm it is, how it last went: functions, queues, and what is wrong in the files.

use std::collections::BTreeMap;

use egui::{Color32, Frame, Id, Key, Margin, Modifiers, Response, RichText, ScrollArea, TextEdit, Ui};

use super::action::{Action, ComposerTab};
use super::composer::UnsavedMark;
use super::file_place::problem_ui;
use super::list_keys::{KeyRow, ListKeys, Wish};
use super::list_row::{Chosen, ListRow};
use super::status_bar::whole_seconds;
use super::theme::{self, Palette, SMALL, TINY};
use super::{icons, menus, shortcuts, widgets};
use crate::event::FunctionView;
use crate::model::Model;
use crate::model::selection::Selection;
use crate::service::ids::{FunctionName, QueueName};
use crate::service::time::Timestamp;

/// A panel lower than this shows its rows in one line each where two have no room.
const LOW: f32 = 440.0;
/// What stands above the rows: the search, and each of the two headings.
const SEARCH: f32 = 46.0;
const HEADING: f32 = 40.0;

/// What the composer is about, for the rows.
#[derive(Clone, Copy)]
pub struct Composed<'a> {
    pub function: &'a FunctionName,
    /// The queue that was chosen after that.
    pub queue: Option<&'a QueueName>,
    /// Functions with something that is in no file.
    pub unsaved: &'a BTreeMap<FunctionName, UnsavedMark>,
}

impl Composed<'_> {
    /// One row is the chosen one: a queue, or else the function.
    fn is(self, listed: &Listed) -> Chosen {
        match listed {
            Listed::Queue(name) if self.queue == Some(name) => Chosen::Yes,
            Listed::Function(name) if self.function == name && self.queue.is_none() => Chosen::Yes,
            Listed::Function(name) if self.function == name => Chosen::Target,
            _ => Chosen::No,
        }
    }
}

/// What a row stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Listed {
    Function(FunctionName),
    Queue(QueueName),
}

impl Listed {
    fn name(&self) -> &str {
        match self {
            Self::Function(name) | Self::Queue(name) => name,
        }
    }

    fn id(&self) -> Id {
        Id::unique(("listed", matches!(self, Self::Queue(_)), self.name()))
    }

    fn menu(&self, model: &Model) -> Vec<menus::MenuItem> {
        match self {
            Self::Function(name) => menus::of_function(model, name),
            Self::Queue(name) => menus::of_queue(model, name),
        }
    }

    fn choose(&self) -> Vec<Action> {
        match self {
            Self::Function(name) => {
                vec![Action::ChooseFunction(name.clone()), Action::Select(Selection::Function(name.clone()))]
            }
            Self::Queue(name) => vec![
                Action::ChooseQueue(name.clone()),
                Action::Select(Selection::Queue(name.clone())),
                Action::OpenTab(ComposerTab::Queue),
            ],
        }
    }
}

/// What is searched for, and where the keyboard is.
#[derive(Default)]
pub struct FunctionsPanel {
    search: String,
    /// The keyboard is to be put into the search field.
    focus: bool,
    keys: ListKeys,
    rows: Vec<Id>,
    /// The row that was chosen in the last frame: another one is brought into view.
    chosen: Option<Listed>,
    /// The row that is to be brought into view.
    reveal: Option<Listed>,
}

impl FunctionsPanel {
    /// Puts the keyboard into the search field.
    pub fn focus(&mut self) {
        self.focus = true;
    }

    /// Whether this is a row, which takes letters and arrows and yet is no place to type in.
    #[must_use]
    pub fn is_row(&self, focused: Id) -> bool {
        self.rows.contains(&focused)
    }

    pub fn ui(&mut self, ui: &mut Ui, model: &Model, composed: Composed<'_>, now: Timestamp, actions: &mut Vec<Action>) {
        ui.add_space(6.0);
        let field = self.search_ui(ui);
        ui.add_space(4.0);
        let all = listed(model);
        self.follow(&all, composed);
        let found: Vec<Listed> = all.iter().filter(|listed| self.is_found(listed)).cloned().collect();
        self.search_keys(ui, &field, &found, actions);
        self.row_keys(ui, model, &found, actions);
        self.rows = found.iter().map(Listed::id).collect();
        let low = ui.available_height() + SEARCH < LOW;
        #[expect(clippy::cast_precision_loss, reason = "a few dozen rows")]
        let compact = low && found.len() as f32 * (theme::TWO_LINES + 1.0) + 2.0 * HEADING > ui.available_height();
        let look = Look { model, composed, now, compact };
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            self.functions(ui, &found, look, actions);
            ui.add_space(if compact { 4.0 } else { 10.0 });
            self.queues(ui, &found, look, actions);
            if found.is_empty() && !all.is_empty() {
                note(ui, &format!("No function or queue is called “{}”.", self.search.trim()));
            }
            problems(ui, model, actions);
        });
    }

    fn is_found(&self, listed: &Listed) -> bool {
        listed.name().to_lowercase().contains(&self.search.trim().to_lowercase())
    }

    /// Brings a row into view that was chosen elsewhere, or has just come.
    fn follow(&mut self, all: &[Listed], composed: Composed<'_>) {
        let chosen = all.iter().find(|listed| composed.is(listed) == Chosen::Yes);
        if self.chosen.as_ref() == chosen {
            return;
        }
        self.chosen = chosen.cloned();
        self.reveal = chosen.cloned();
        if chosen.is_some_and(|chosen| !self.is_found(chosen)) {
            self.search.clear();
        }
    }

    /// The field with its magnifier, and the key that leads there while nothing is typed.
    fn search_ui(&mut self, ui: &mut Ui) -> Response {
        let key = if self.search.is_empty() { shortcuts::FUNCTIONS } else { "" };
        let field = TextEdit::singleline(&mut self.search)
            .hint_text("Find")
            .prefix(widgets::field_icon(ui, icons::SEARCH))
            .suffix(RichText::new(key).size(TINY).color(Palette::of(ui).third))
            .desired_width(f32::INFINITY);
        let field = widgets::field(ui, field).accessible_name("Find");
        if std::mem::take(&mut self.focus) {
            field.request_focus();
        }
        field.on_hover_text("Functions and queues by their names; Enter takes the first one, Down goes to the rows")
    }

    /// Enter takes the first row that was found, Down goes to it, and Escape finds everything again.
    fn search_keys(&mut self, ui: &Ui, field: &Response, found: &[Listed], actions: &mut Vec<Action>) {
        let pressed = |key| ui.input(|input| input.key_pressed(key));
        if field.lost_focus() && pressed(Key::Escape) {
            self.search.clear();
        }
        if field.lost_focus() && pressed(Key::Enter) && !self.search.trim().is_empty() {
            actions.extend(found.first().map(Listed::choose).unwrap_or_default());
            self.search.clear();
        }
        if field.has_focus() && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::ArrowDown)) {
            let chosen = found.iter().find(|listed| self.chosen.as_ref() == Some(listed));
            self.go(ui, chosen.or(found.first()));
        }
    }

    fn row_keys(&mut self, ui: &Ui, model: &Model, found: &[Listed], actions: &mut Vec<Action>) {
        let section = |listed: &Listed| usize::from(matches!(listed, Listed::Queue(_)));
        let rows = found.iter().map(|listed| KeyRow { id: listed.id(), name: listed.name(), section: section(listed) });
        let rows: Vec<KeyRow<'_>> = rows.collect();
        match self.keys.wish(ui, &rows) {
            Some(Wish::Go(to)) => self.go(ui, found.get(to)),
            Some(Wish::Remove(at)) => {
                let removes =
                    found[at].menu(model).into_iter().rfind(|item| item.group == menus::Group::Remove && item.can_be_done());
                actions.extend(removes.map(|item| item.actions).unwrap_or_default());
                self.go(ui, found.get(at + 1).or(at.checked_sub(1).and_then(|before| found.get(before))));
            }
            None => {}
        }
    }

    /// Puts the keyboard on a row.
    fn go(&mut self, ui: &Ui, to: Option<&Listed>) {
        let Some(to) = to else { return };
        ui.memory_mut(|memory| memory.request_focus(to.id()));
        self.reveal = Some(to.clone());
    }

    fn functions(&mut self, ui: &mut Ui, found: &[Listed], look: Look<'_>, actions: &mut Vec<Action>) {
        heading(ui, "Functions", |ui| {
            if widgets::icon_button(ui, icons::PLUS, "Add function", "").clicked() {
                actions.push(Action::OpenAddFunction);
            }
        });
        let views = &look.model.workspace.functions;
        for listed in found {
            if let Listed::Function(name) = listed
                && let Some(view) = views.iter().find(|view| view.configuration.name == *name)
            {
                self.row(ui, listed, look, actions, |ui, id| function_row(ui, id, view, look));
            }
        }
        if views.is_empty() {
            widgets::empty(ui, icons::FUNCTION, "No functions yet", "Press + to add one: JavaScript needs nothing installed.");
        }
    }

    fn queues(&mut self, ui: &mut Ui, found: &[Listed], look: Look<'_>, actions: &mut Vec<Action>) {
        heading(ui, "Queues", |ui| {
            if widgets::icon_button(ui, icons::PLUS, "Add queue", "").clicked() {
                actions.push(Action::OpenAddQueue);
            }
        });
        for listed in found {
            if let Listed::Queue(name) = listed {
                self.row(ui, listed, look, actions, |ui, id| queue_row(ui, id, name, look));
            }
        }
        if look.model.queues.is_empty() {
            note(ui, "None yet. A queue gives a function its messages in batches.");
        }
    }

    /// What every row does: a click chooses it and leaves the keyboard there, the right button opens its menu.
    fn row(
        &mut self,
        ui: &mut Ui,
        listed: &Listed,
        look: Look<'_>,
        actions: &mut Vec<Action>,
        draw: impl FnOnce(&mut Ui, Id) -> Response,
    ) {
        let response = draw(ui, listed.id());
        if response.clicked() {
            response.request_focus();
            actions.extend(listed.choose());
            // It is in view already.
            self.chosen = Some(listed.clone());
        }
        if self.reveal.take_if(|reveal| reveal == listed).is_some() {
            response.scroll_to_me(None);
        }
        menus::item_menu(&response, || listed.menu(look.model), actions);
    }
}

/// What the rows are drawn from.
#[derive(Clone, Copy)]
struct Look<'a> {
    model: &'a Model,
    composed: Composed<'a>,
    now: Timestamp,
    compact: bool,
}

fn listed(model: &Model) -> Vec<Listed> {
    let functions = model.workspace.functions.iter().map(|view| Listed::Function(view.configuration.name.clone()));
    functions.chain(model.queues.keys().cloned().map(Listed::Queue)).collect()
}

/// A heading, a little further in than the ground of a row.
fn heading(ui: &mut Ui, title: &str, right: impl FnOnce(&mut Ui)) {
    let margin = Margin { left: 6, ..Margin::ZERO };
    Frame::new().inner_margin(margin).show(ui, |ui| widgets::section(ui, title, right));
}

/// What an empty part of the list says.
fn note(ui: &mut Ui, text: &str) {
    let colour = Palette::of(ui).second;
    let margin = Margin { left: 6, top: 2, ..Margin::ZERO };
    Frame::new().inner_margin(margin).show(ui, |ui| ui.label(RichText::new(text).size(SMALL).color(colour)));
}

fn function_row(ui: &mut Ui, id: Id, view: &FunctionView, look: Look<'_>) -> Response {
    let palette = Palette::of(ui);
    let name = &view.configuration.name;
    let Standing { icon, colour, words: last, short } = standing(look.model, view, &palette);
    let runtime = view.runtime_found.as_deref().unwrap_or(&view.runtime);
    let long = if last.is_empty() { runtime.to_owned() } else { format!("{runtime} · {last}") };
    let unsaved = look.composed.unsaved.get(name);
    let second = match unsaved {
        Some(UnsavedMark::BroughtBack) => UnsavedMark::BroughtBack.words().to_owned(),
        _ if look.compact && !short.is_empty() => short,
        _ => long.clone(),
    };
    let dots = dots(look.model, name, &palette);
    let chosen = look.composed.is(&Listed::Function(name.clone()));
    let marked = unsaved.is_some();
    let row = ListRow { name, second: &second, icon, colour, chosen, marked, dots: &dots, compact: look.compact };
    let response = row.show(ui, id);
    let target = (chosen == Chosen::Target).then_some("What you send goes to this function, or to the chosen queue.");
    let tips = [view.broken.as_deref(), unsaved.map(|mark| mark.sentence()), target];
    let compact = look.compact.then(|| format!("{name}\n{long}"));
    let tips: Vec<&str> = compact.as_deref().into_iter().chain(tips.into_iter().flatten()).collect();
    if tips.is_empty() { response } else { response.on_hover_text(tips.join("\n")) }
}

/// How it last went: an icon, its colour, a few words, and fewer where the icon says the rest.
struct Standing {
    icon: &'static str,
    colour: Color32,
    words: String,
    short: String,
}

fn standing(model: &Model, view: &FunctionView, palette: &Palette) -> Standing {
    let told = |icon, colour, words: String| Standing { icon, colour, short: words.clone(), words };
    if view.broken.is_some() {
        return told(icons::WARNING, palette.error, "cannot run".into());
    }
    let last = model.functions.get(&view.configuration.name).and_then(|function| function.last);
    let last = last.and_then(|id| model.invocations.get(&id));
    let Some((attempt, ended)) = last.and_then(|invocation| invocation.last_ended()) else {
        return told(icons::CIRCLE, palette.third, String::new());
    };
    if let Some(failed) = last.and_then(|invocation| model.failed_words(invocation)) {
        return told(icons::FAILED, palette.error, failed);
    }
    match &ended.result {
        Ok(_) => told(icons::OK, palette.ok, ended.duration.to_string()),
        Err(_) => Standing {
            short: format!("attempt {}", attempt.number),
            ..told(icons::FAILED, palette.error, format!("attempt {} failed", attempt.number))
        },
    }
}

fn dots(model: &Model, name: &FunctionName, palette: &Palette) -> Vec<(Color32, bool)> {
    let own = model.environments.values().filter(|environment| environment.function == *name);
    own.map(|environment| match (environment.ready, environment.running) {
        (true, Some(id)) => {
            (model.invocations.get(&id).map_or(palette.second, |invocation| palette.model(invocation.model())), true)
        }
        (true, None) => (palette.ok, true),
        (false, _) => (palette.third, false),
    })
    .collect()
}

fn queue_row(ui: &mut Ui, id: Id, name: &QueueName, look: Look<'_>) -> Response {
    let palette = Palette::of(ui);
    let (waiting, invisible) = look.model.queues.get(name).map_or((0, 0), |queue| queue.depth());
    let oldest = look.model.queues.get(name).and_then(|queue| queue.oldest());
    let long = match (waiting, invisible, oldest) {
        (0, 0, _) => "SQS · empty".to_owned(),
        (waiting, 0, Some(oldest)) => {
            format!("SQS · {waiting} waiting, oldest {}", whole_seconds(look.now.since(oldest)))
        }
        (waiting, invisible, _) => format!("SQS · {waiting} waiting, {invisible} invisible"),
    };
    let short = match (waiting, invisible) {
        (0, 0) => "empty".to_owned(),
        (waiting, 0) => format!("{waiting} waiting"),
        (0, invisible) => format!("{invisible} invisible"),
        (waiting, invisible) => format!("{waiting} + {invisible}"),
    };
    let dead = name.contains("dlq") || name.contains("dead");
    let icon = if dead { icons::DEAD_LETTER } else { icons::QUEUE };
    let colour = if dead && waiting > 0 { palette.error } else { palette.second };
    let chosen = look.composed.is(&Listed::Queue(name.clone()));
    let second = if look.compact { &short } else { &long };
    let row = ListRow { name, second, icon, colour, chosen, marked: false, dots: &[], compact: look.compact };
    let response = row.show(ui, id);
    if look.compact { response.on_hover_text(format!("{name}\n{long}")) } else { response }
}

fn problems(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    if model.problems().next().is_none() {
        return;
    }
    ui.add_space(10.0);
    heading(ui, "Problems in files", |_| {});
    let margin = Margin { left: 6, ..Margin::ZERO };
    Frame::new().inner_margin(margin).show(ui, |ui| {
        for problem in model.problems() {
            problem_ui(ui, model, problem, actions);
            ui.add_space(4.0);
        }
    });
}
