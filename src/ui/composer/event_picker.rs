//! The menu behind the event's name: saved events and templates, found by typing.

use egui::containers::menu::MenuConfig;
use egui::{Align2, Button, Key, Modifiers, PopupCloseBehavior, RichText, ScrollArea, TextEdit, Ui};

use super::Composer;
use crate::events_catalog::{Template, templates};
use crate::model::Model;
use crate::ui::action::Action;
use crate::ui::theme::{self, BODY, Palette, SMALL};
use crate::ui::{icons, widgets};

/// Height of the list of events.
const LIST: f32 = 420.0;

/// What is typed and chosen while the menu is open.
#[derive(Default)]
pub(super) struct EventPicker {
    open: bool,
    typed: String,
    chosen: usize,
}

/// What a document without a name is called.
const UNNAMED: &str = "unsaved event";

/// A line of the menu.
#[derive(Clone, Copy)]
enum Choice<'a> {
    /// A saved event, and whether it was edited since.
    Saved(&'a str, bool),
    /// A document that no file holds.
    NotSaved(Option<&'a str>),
    Template(&'static Template),
}

impl Choice<'_> {
    fn is_found(&self, wanted: &str) -> bool {
        match self {
            Self::Saved(name, _) => name.to_lowercase().contains(wanted),
            Self::NotSaved(name) => name.unwrap_or(UNNAMED).to_lowercase().contains(wanted),
            Self::Template(template) => {
                let words = format!("{} {} {}", template.kind, template.title, template.service);
                words.to_lowercase().contains(wanted)
            }
        }
    }

    fn heading(&self) -> &'static str {
        match self {
            Self::Saved(..) => "Saved events",
            Self::NotSaved(_) => "Not saved",
            Self::Template(_) => "Templates",
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Saved(name, _) => name,
            Self::NotSaved(name) => name.unwrap_or(UNNAMED),
            Self::Template(template) => template.title,
        }
    }

    fn button(&self, chosen: bool) -> Button<'_> {
        match self {
            Self::Saved(name, true) => Button::selectable(chosen, format!("{name} *")),
            Self::Saved(_, false) | Self::NotSaved(_) => Button::selectable(chosen, self.name()),
            Self::Template(template) => {
                Button::selectable(chosen, template.title).shortcut_text(RichText::new(template.service).size(SMALL))
            }
        }
    }
}

impl Composer {
    pub(super) fn picker(&mut self, ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
        let drafts = self.drafts_here();
        let name = drafts.name().map(str::to_owned);
        let title = match name {
            Some(name) if drafts.is_unsaved(&name) => format!("{name} *"),
            Some(name) => name,
            None => UNNAMED.to_owned(),
        };
        let text = RichText::new(title.as_str()).font(theme::medium(BODY));
        let atoms =
            (RichText::new(icons::FILE).font(theme::icon(15.0)), text, RichText::new(icons::DOWN).font(theme::icon(12.0)));
        // A click into the field is not a choice yet.
        let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
        let menu = widgets::menu_button(atoms).config(config);
        let button = |ui: &mut Ui| {
            ui.spacing_mut().button_padding.x = theme::GRID;
            menu.ui(ui, |ui| self.picker_menu(ui, model, actions))
        };
        let (response, shown) = ui.scope(button).inner;
        let response = response.accessible_name("Choose an event");
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_value(title));
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
        let field = widgets::field(ui, field).accessible_name("Find an event or a template");
        if opened {
            field.request_focus();
        }
        let wanted = self.picker.typed.to_lowercase();
        let function = model.workspace.functions.iter().find(|view| view.configuration.name == self.function);
        let saved = function.map(|view| view.saved_events.as_slice()).unwrap_or_default();
        let drafts = self.drafts_here();
        let saved = saved.iter().map(|name| Choice::Saved(name, drafts.is_unsaved(name)));
        let saved: Vec<Choice<'_>> = saved.collect();
        let without_file = drafts.without_file();
        let not_saved = without_file.iter().map(|name| Choice::NotSaved(name.as_deref()));
        let all = saved.into_iter().chain(not_saved).chain(templates().iter().map(Choice::Template));
        let found: Vec<Choice<'_>> = all.filter(|choice| choice.is_found(&wanted)).collect();
        let last = found.len().saturating_sub(1);
        let before = if field.changed() { 0 } else { self.picker.chosen };
        self.picker.chosen = (before + usize::from(down)).saturating_sub(usize::from(up)).min(last);
        let clicked = choices(ui, &found, self.picker.chosen, up || down);
        let taken = clicked.or(enter.then_some(self.picker.chosen)).and_then(|index| found.get(index));
        if let Some(choice) = taken {
            self.take(*choice, model, actions);
            ui.close();
        }
    }

    fn take(&mut self, choice: Choice<'_>, model: &Model, actions: &mut Vec<Action>) {
        match choice {
            Choice::Saved(name, _) => self.open_event(name.to_owned(), actions),
            Choice::NotSaved(name) => self.drafts_here().open_without_file(name),
            Choice::Template(template) => {
                let text = template.text_from(&model.workspace.region, &model.workspace.account_id);
                self.drafts_here().compose(&text, None);
            }
        }
        self.draft().edited.editor.request_focus();
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
            let before = index.checked_sub(1).and_then(|before| found.get(before));
            if before.is_none_or(|before| before.heading() != choice.heading()) {
                ui.add_space(if index > 0 { 6.0 } else { 0.0 });
                ui.horizontal(|ui| {
                    ui.add_space(8.0);
                    heading(ui, choice.heading());
                });
            }
            let mut response = ui.add(choice.button(index == chosen)).accessible_name(choice.name());
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
