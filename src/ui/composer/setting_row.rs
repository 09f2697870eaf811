//! One setting of `invokelab.toml`: its name in Lambda's words, its value, and the change when another is typed.

use std::collections::BTreeMap;

use egui::{Align, Id, Key, Label, Response, RichText, Sense, Ui};

use super::pattern_text::{self, Wrong};
use super::setting_value::{FILTER_CRITERIA, OF_SEVERAL_LINES, field, toml_value};
use crate::command::{Command, SettingChange, SettingOwner};
use crate::ui::action::Action;
use crate::ui::theme::{self, BODY, Palette, SMALL};
use crate::ui::widgets;

/// Keys of environment variables begin with this; what follows is the person's own name for it.
pub const VARIABLE: &str = "environment.";

/// Width of what stands behind a field, with the space before it, and of the margin at its right; in points.
const BEHIND: f32 = 140.0;
const MARGIN: f32 = 24.0;

/// What is typed into a row.
#[derive(Default)]
struct Typed {
    text: String,
    /// What went to be written into the file, and what the file said then; until it says something else.
    sent: Option<(String, String)>,
    /// Why it was not written. The text stays to be corrected.
    refused: Option<String>,
    focused: bool,
}

impl Typed {
    fn is_sent(&self) -> bool {
        self.sent.as_ref().is_some_and(|(text, _)| *text == self.text)
    }

    /// The field; once it is left, what is in it is to be taken over.
    fn field_ui(&mut self, ui: &mut Ui, key: &str, (name, gloss): (&str, &str), room: f32) -> Response {
        let hint = if key.starts_with(VARIABLE) { "" } else { "default" };
        let field = field(key, &mut self.text, room).hint_text(hint);
        let mut marked = pattern_text::layout;
        let field = if key == FILTER_CRITERIA { field.layouter(&mut marked) } else { field };
        let response = widgets::field(ui, field).accessible_name(name).on_hover_text(gloss);
        let takes_over = |input: &egui::InputState| input.key_pressed(Key::Enter) && !input.modifiers.shift;
        if response.has_focus() && ui.input(takes_over) {
            response.surrender_focus();
        }
        self.focused = response.has_focus();
        if response.changed() {
            self.refused = None;
        }
        response
    }

    /// What is wrong, and how a value of several lines is taken over; rows of the grid.
    fn below_ui(&self, ui: &mut Ui, key: &str) {
        let palette = Palette::of(ui);
        let several = key == FILTER_CRITERIA;
        let wrong = if several { Wrong::of(&self.text).map(|wrong| wrong.sentence()) } else { None };
        let hint = several.then(|| (OF_SEVERAL_LINES.to_owned(), palette.third));
        let reason = wrong.or_else(|| self.refused.clone()).map(|reason| (reason, palette.error));
        for (text, colour) in reason.into_iter().chain(hint) {
            ui.label("");
            ui.add(Label::new(RichText::new(text).size(SMALL).color(colour)).wrap());
            ui.end_row();
        }
    }

    /// Shows what the file says, unless something else is being typed, written or corrected.
    fn follow(&mut self, present: &str) {
        self.sent.take_if(|(_, before)| before != present);
        if !self.focused && !self.is_sent() && self.refused.is_none() && self.text != present {
            present.clone_into(&mut self.text);
        }
    }
}

/// What is being typed, and the setting that the eye should find.
#[derive(Default)]
pub struct SettingRows {
    typed: BTreeMap<(SettingOwner, String), Typed>,
    marked: Option<(SettingOwner, String)>,
    /// The marked one was not scrolled to yet.
    comes_into_view: bool,
    /// The field that had the keyboard last.
    typing: Option<Id>,
}

impl SettingRows {
    pub fn mark(&mut self, owner: SettingOwner, key: String) {
        (self.marked, self.comes_into_view) = (Some((owner, key)), true);
    }

    /// A row of a grid; `present` is the value as text, empty for a default that is not written.
    pub fn row(&mut self, ui: &mut Ui, owner: &SettingOwner, setting: (&str, &str), present: &str, actions: &mut Vec<Action>) {
        self.typed_row(ui, owner, setting, present, actions, (0.0, |_| ()));
    }

    /// A row with something behind its field: a link or a button.
    pub fn row_with<R>(
        &mut self,
        ui: &mut Ui,
        owner: &SettingOwner,
        setting: (&str, &str),
        present: &str,
        actions: &mut Vec<Action>,
        behind: impl FnOnce(&mut Ui) -> R,
    ) -> R {
        self.typed_row(ui, owner, setting, present, actions, (BEHIND, behind))
    }

    /// `behind` with the width that is left for it.
    fn typed_row<R>(
        &mut self,
        ui: &mut Ui,
        owner: &SettingOwner,
        (key, gloss): (&str, &str),
        present: &str,
        actions: &mut Vec<Action>,
        (width, behind): (f32, impl FnOnce(&mut Ui) -> R),
    ) -> R {
        let variable = key.strip_prefix(VARIABLE);
        let label = self.name(ui, owner, key, variable.unwrap_or(key), gloss);
        place_menu(&label, owner, key, actions);
        let new = || Typed { text: present.to_owned(), ..Typed::default() };
        let typed = self.typed.entry((owner.clone(), key.to_owned())).or_insert_with(new);
        typed.follow(present);
        let name = match owner {
            // There are several of them, each with the same keys.
            SettingOwner::Route { route, .. } => format!("{key} of {route}"),
            _ => key.to_owned(),
        };
        // A cell of a grid stays as wide as it was; what is seen of it does not.
        let room = ui.clip_rect().right() - ui.cursor().left() - MARGIN - width;
        let response = ui.horizontal(|ui| (typed.field_ui(ui, key, (&name, gloss), room), behind(ui)));
        let (field, answer) = response.inner;
        if typed.focused {
            self.typing = Some(field.id);
        }
        if field.lost_focus() && typed.text != present && !typed.is_sent() {
            typed.sent = Some((typed.text.clone(), present.to_owned()));
            let value = match (variable, typed.text.trim()) {
                // Spaces and nothing at all are values, too.
                (Some(_), _) => Some(serde_json::Value::String(typed.text.clone()).to_string()),
                (None, "") => None,
                (None, text) => Some(toml_value(key, text)),
            };
            actions.push(change(owner, key, value));
        }
        ui.end_row();
        typed.below_ui(ui, key);
        answer
    }

    /// Whether what has the keyboard is the field of a setting: Enter is for that, whatever is held with it.
    #[must_use]
    pub fn is_typing(&self, focused: Option<Id>) -> bool {
        focused.is_some() && focused == self.typing
    }

    /// A setting was not changed; whether it was typed into a row, which says why from now on.
    pub fn refuse(&mut self, change: &SettingChange, reason: &str) -> bool {
        let row = self
            .typed
            .iter_mut()
            .find(|((owner, key), typed)| *owner == change.owner && *key == change.key && typed.sent.is_some());
        let Some((_, typed)) = row else { return false };
        (typed.sent, typed.refused) = (None, Some(reason.to_owned()));
        true
    }

    /// A row that is on or off; `values` is what the file says for on and for off.
    pub fn switch(
        &mut self,
        ui: &mut Ui,
        owner: &SettingOwner,
        (key, gloss): (&'static str, &str),
        mut on: bool,
        values: [Option<&str>; 2],
        actions: &mut Vec<Action>,
    ) {
        let label = self.name(ui, owner, key, key, gloss);
        place_menu(&label, owner, key, actions);
        if ui.checkbox(&mut on, "").accessible_name(key).on_hover_text(gloss).changed() {
            let value = values[usize::from(!on)].map(str::to_owned);
            actions.push(change(owner, key, value));
        }
        ui.end_row();
    }

    /// A row whose value is not typed here: `contents` shows it, and where it stands.
    pub fn read(&mut self, ui: &mut Ui, owner: &SettingOwner, (key, gloss): (&str, &str), contents: impl FnOnce(&mut Ui)) {
        self.name(ui, owner, key, key, gloss);
        ui.horizontal(contents);
        ui.end_row();
    }

    fn name(&mut self, ui: &mut Ui, owner: &SettingOwner, key: &str, shown: &str, gloss: &str) -> Response {
        let palette = Palette::of(ui);
        let marked = self.marked.as_ref().is_some_and(|(of, marked)| of == owner && marked == key);
        let name = RichText::new(shown).font(theme::mono(BODY)).color(if marked { palette.asynchronous } else { palette.text });
        // The keyboard goes from field to field and not by way of the names.
        let label = ui.add(Label::new(name).selectable(false).sense(Sense::CLICK)).on_hover_text(gloss);
        if marked {
            let stroke = egui::Stroke::new(1.0, palette.asynchronous);
            if std::mem::take(&mut self.comes_into_view) {
                label.scroll_to_me(Some(Align::Center));
            }
            ui.painter().rect_stroke(label.rect.expand(3.0), 4.0, stroke, egui::StrokeKind::Outside);
        }
        label
    }
}

/// The way to the file from the name of a setting, by the right button.
fn place_menu(label: &Response, owner: &SettingOwner, key: &str, actions: &mut Vec<Action>) {
    label.context_menu(|ui| {
        if ui.button("Show in file").clicked() {
            actions.push(Action::ShowInFile(owner.clone(), key.to_owned()));
            ui.close();
        }
        if ui.button("Copy name").clicked() {
            actions.push(Action::Copy(key.to_owned()));
            ui.close();
        }
    });
}

pub fn change(owner: &SettingOwner, key: &str, value: Option<String>) -> Action {
    Action::Command(Command::ChangeSetting(SettingChange { owner: owner.clone(), key: key.to_owned(), value }))
}
