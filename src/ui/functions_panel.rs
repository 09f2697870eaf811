//! What I have, how warm it is, how it last went: functions, queues, and what is wrong in the files.

use egui::{Frame, Id, Key, Margin, Modifiers, Response, RichText, ScrollArea, TextEdit, Ui, vec2};

use super::action::Action;
use super::file_place::problem_ui;
use super::list_keys::{KeyRow, ListKeys, Wish};
use super::list_row::Chosen;
use super::listed::{Composed, Listed, listed};
use super::listed_rows::{Look, function_row, queue_row};
use super::theme::{self, Palette, SMALL, TINY};
use super::{icons, menus, shortcuts, widgets};
use crate::model::Model;
use crate::service::time::Timestamp;

/// A panel lower than this shows its rows in one line each where two have no room.
const LOW: f32 = 440.0;
/// What is seen above and below a row that is brought into view.
const BESIDE: f32 = 36.0;
/// What stands above the rows: the search, and each of the two headings.
const SEARCH: f32 = 46.0;
const HEADING: f32 = 40.0;

/// What is searched for, and where the keyboard is.
#[derive(Default)]
pub struct FunctionsPanel {
    search: String,
    /// The keyboard is to be put into the search field.
    focus: bool,
    keys: ListKeys,
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

    /// Whether this is a row of the lists.
    #[must_use]
    pub fn is_row(&self, focused: Id) -> bool {
        self.keys.is_row(focused)
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
        let is_first = self.chosen.is_none();
        self.chosen = chosen.cloned();
        self.reveal = chosen.filter(|_| !is_first).cloned();
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
                // To the next row, or at the end of its kind to the one before.
                let beside = [Some(at + 1), at.checked_sub(1)].into_iter().flatten();
                let beside: Vec<&Listed> = beside.filter_map(|index| found.get(index)).collect();
                let of_kind = beside.iter().find(|listed| section(listed) == section(&found[at]));
                self.go(ui, of_kind.or(beside.first()).copied());
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
        }
        if self.reveal.take_if(|reveal| reveal == listed).is_some() {
            // With what is above and below, so that one sees where one is.
            ui.scroll_to_rect(response.rect.expand2(vec2(0.0, BESIDE)), None);
        }
        menus::item_menu(&response, || listed.menu(look.model), actions);
    }
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
