//! The menu behind the event's name: saved events and templates, found by typing.

use egui::containers::menu::{MenuButton, MenuConfig};
use egui::{Align2, Button, Key, Modifiers, PopupCloseBehavior, RichText, ScrollArea, TextEdit, Ui};

use super::Composer;
use crate::command::Command;
use crate::events_catalog::{Template, templates};
use crate::model::Model;
use crate::ui::action::Action;
use crate::ui::icons;
use crate::ui::theme::{self, BODY, Palette, SMALL};

/// Height of the list of events.
const LIST: f32 = 420.0;

/// What is typed and chosen while the menu is open.
#[derive(Default)]
pub(super) struct EventPicker {
    open: bool,
    typed: String,
    chosen: usize,
}

/// A line of the menu.
#[derive(Clone, Copy)]
enum Choice<'a> {
    Saved(&'a str),
    Template(&'static Template),
}

impl Choice<'_> {
    fn is_found(&self, wanted: &str) -> bool {
        match self {
            Self::Saved(name) => name.to_lowercase().contains(wanted),
            Self::Template(template) => {
                let words = format!("{} {} {}", template.kind, template.title, template.service);
                words.to_lowercase().contains(wanted)
            }
        }
    }
}

impl Composer {
    pub(super) fn picker(&mut self, ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
        let draft = self.draft();
        let dirty = draft.document.revision() != draft.clean_at;
        let name = draft.saved_as.clone().unwrap_or_else(|| "unsaved event".into());
        let text = RichText::new(if dirty { format!("{name} *") } else { name }).font(theme::medium(BODY));
        let title =
            (RichText::new(icons::FILE).font(theme::icon(15.0)), text, RichText::new(icons::DOWN).font(theme::icon(12.0)));
        // A click into the field is not a choice yet.
        let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
        let menu = MenuButton::new(title).config(config);
        let (response, shown) = menu.ui(ui, |ui| self.picker_menu(ui, model, actions));
        response.accessible_name("Choose an event");
        self.picker.open = shown.is_some();
    }

    fn picker_menu(&mut self, ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
        ui.set_min_width(360.0);
        ui.spacing_mut().button_padding = egui::vec2(8.0, 4.0);
        ui.spacing_mut().item_spacing.y = 2.0;
        let opened = !self.picker.open;
        if opened {
            self.picker = EventPicker::default();
        }
        let (up, down, enter) = ui.input_mut(|input| {
            let mut pressed = |key| input.consume_key(Modifiers::NONE, key);
            (pressed(Key::ArrowUp), pressed(Key::ArrowDown), pressed(Key::Enter))
        });
        let field = TextEdit::singleline(&mut self.picker.typed)
            .hint_text("Find an event or a template")
            .margin(egui::Margin::symmetric(8, 4))
            .align(Align2::LEFT_CENTER)
            .desired_width(f32::INFINITY);
        let field = ui.add(field).accessible_name("Find an event or a template");
        if opened {
            field.request_focus();
        }
        let wanted = self.picker.typed.to_lowercase();
        let function = model.workspace.functions.iter().find(|view| view.configuration.name == self.function);
        let saved = function.map(|view| view.saved_events.as_slice()).unwrap_or_default();
        let all = saved.iter().map(|name| Choice::Saved(name)).chain(templates().iter().map(Choice::Template));
        let found: Vec<Choice<'_>> = all.filter(|choice| choice.is_found(&wanted)).collect();
        let last = found.len().saturating_sub(1);
        let before = if field.changed() { 0 } else { self.picker.chosen };
        self.picker.chosen = (before + usize::from(down)).saturating_sub(usize::from(up)).min(last);
        let clicked = choices(ui, &found, self.picker.chosen, up || down);
        let taken = clicked.or(enter.then_some(self.picker.chosen)).and_then(|index| found.get(index));
        if let Some(choice) = taken {
            self.take(*choice, actions);
            ui.close();
        }
    }

    fn take(&mut self, choice: Choice<'_>, actions: &mut Vec<Action>) {
        match choice {
            Choice::Saved(name) => {
                let (function, name) = (self.function.clone(), name.to_owned());
                actions.push(Action::Command(Command::LoadSavedEvent { function, name }));
            }
            Choice::Template(template) => {
                let draft = self.draft();
                draft.document.replace_all(template.text);
                draft.saved_as = None;
            }
        }
        self.editor.request_focus();
    }
}

/// Draws the lines under their headings; gives back the one that was clicked.
fn choices(ui: &mut Ui, found: &[Choice<'_>], chosen: usize, moved: bool) -> Option<usize> {
    let colour = Palette::of(ui).second;
    let heading = |ui: &mut Ui, text: &str| ui.label(RichText::new(text).font(theme::medium(SMALL)).color(colour));
    let mut clicked = None;
    // A list that was short before does not keep the next one short.
    ScrollArea::vertical().max_height(LIST).min_scrolled_height(LIST).show(ui, |ui| {
        for (index, choice) in found.iter().enumerate() {
            let first = |other: Option<&Choice<'_>>| {
                other.is_none_or(|other| std::mem::discriminant(other) != std::mem::discriminant(choice))
            };
            let begins = first(index.checked_sub(1).and_then(|before| found.get(before)));
            let (title, name, button) = match choice {
                Choice::Saved(name) => ("Saved events", *name, Button::selectable(index == chosen, *name)),
                Choice::Template(template) => {
                    let service = RichText::new(template.service).size(SMALL);
                    let button = Button::selectable(index == chosen, template.title).shortcut_text(service);
                    ("Templates", template.title, button)
                }
            };
            if begins {
                ui.add_space(if index > 0 { 6.0 } else { 0.0 });
                ui.horizontal(|ui| {
                    ui.add_space(8.0);
                    heading(ui, title);
                });
            }
            let mut response = ui.add(button).accessible_name(name);
            if let Choice::Template(template) = choice {
                response = response.on_hover_text(template.summary);
            }
            if moved && index == chosen {
                response.scroll_to_me(None);
            }
            if response.clicked() {
                clicked = Some(index);
            }
        }
        if found.is_empty() {
            heading(ui, "Nothing is called so.");
        }
    });
    clicked
}
