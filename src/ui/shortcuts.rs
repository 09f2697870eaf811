//! Every shortcut, once: for the keyboard, for tooltips and menus, and for the sheet behind F1.

use egui::{Event, InputState, Key, KeyboardShortcut, Modifiers};

/// Keys that are pressed together.
#[derive(Clone, Copy, Debug)]
pub struct Shortcut {
    keys: KeyboardShortcut,
    /// As people read it.
    pub text: &'static str,
}
/// The key of the functions panel, for its search field.
pub const FUNCTIONS: &str = "Ctrl+1";

impl Shortcut {
    const fn new(modifiers: Modifiers, key: Key, text: &'static str) -> Self {
        Self { keys: KeyboardShortcut::new(modifiers, key), text }
    }

    /// Whether it was pressed, with its modifiers and no others: Shift+F10 is not F10. Nobody else gets the press then.
    #[must_use]
    pub fn consume(&self, input: &mut InputState) -> bool {
        let pressed = |event: &Event| {
            matches!(event, Event::Key { key, modifiers, pressed: true, .. }
                if *key == self.keys.logical_key && modifiers.matches_exact(self.keys.modifiers))
        };
        let before = input.events.len();
        input.events.retain(|event| !pressed(event));
        input.events.len() < before
    }
}

pub const SEND: Shortcut = Shortcut::new(Modifiers::COMMAND, Key::Enter, "Ctrl+Enter");
pub const STEP: Shortcut = Shortcut::new(Modifiers::NONE, Key::F10, "F10");
pub const RERUN: Shortcut = Shortcut::new(Modifiers::NONE, Key::F5, "F5");
pub const PALETTE: Shortcut = Shortcut::new(Modifiers::COMMAND, Key::K, "Ctrl+K");
pub const SAVE: Shortcut = Shortcut::new(Modifiers::COMMAND, Key::S, "Ctrl+S");
pub const SAVE_AS: Shortcut = Shortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::S, "Ctrl+Shift+S");
pub const FIND: Shortcut = Shortcut::new(Modifiers::COMMAND, Key::F, "Ctrl+F");
pub const PAUSE: Shortcut = Shortcut::new(Modifiers::NONE, Key::Space, "Space");
/// Presses the button of what was told last.
pub const OFFERED: Shortcut = Shortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Enter, "Ctrl+Shift+Enter");
pub const HELP: Shortcut = Shortcut::new(Modifiers::NONE, Key::F1, "F1");
const MENU: Shortcut = Shortcut::new(Modifiers::SHIFT, Key::F10, "Shift+F10");
const MENU_KEY: Shortcut = Shortcut::new(Modifiers::NONE, Key::Menu, "Menu");

/// Whether the menu of the widget that has the keyboard is wanted.
pub fn asks_for_menu(input: &mut InputState) -> bool {
    let key = MENU_KEY.consume(input);
    MENU.consume(input) || key
}

/// A part of what a line of the sheet says about keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyWord<'a> {
    Key(&'a str),
    /// What stands between keys: `to`, or a stroke between those that do the same.
    Word(&'a str),
}

/// The keys of `Ctrl+1 to Ctrl+4, Esc`, each for itself: a key that is a `+` stands after another one.
#[must_use]
pub fn key_words(text: &str) -> Vec<KeyWord<'_>> {
    let mut words = Vec::new();
    for (index, alternative) in text.split(", ").enumerate() {
        if index > 0 {
            words.push(KeyWord::Word("/"));
        }
        for (index, keys) in alternative.split(" to ").enumerate() {
            if index > 0 {
                words.push(KeyWord::Word("to"));
            }
            let (held, plus) = match keys.strip_suffix("++") {
                Some(held) => (held, Some("+")),
                None if keys == "+" => ("", Some("+")),
                None => (keys, None),
            };
            let held = held.split('+').filter(|key| !key.is_empty());
            words.extend(held.chain(plus).map(KeyWord::Key));
        }
    }
    words
}

/// Keys and what they do, for the sheet: in the whole window, in a panel, in the editor.
pub const LIST: [(&str, &[(&str, &str)]); 4] = [
    (
        "Everywhere",
        &[
            (SEND.text, "Send what the composer holds"),
            (STEP.text, "Step to the next thing that is due"),
            (PAUSE.text, "Pause, or go back to live (not while typing)"),
            (RERUN.text, "Send the selected invocation again"),
            (PALETTE.text, "Command palette: every action by name"),
            (SAVE.text, "Save the event or the handler"),
            (SAVE_AS.text, "Save the event under another name"),
            (FIND.text, "Find in the event, the handler or the history"),
            ("Ctrl+1 to Ctrl+4", "Go to functions, composer, inspector, timeline"),
            (OFFERED.text, "Press the button of the newest message at the bottom right"),
            ("Shift+F10, Menu", "Menu of what has the keyboard, as the right button"),
            ("Ctrl++, Ctrl+-, Ctrl+0", "Zoom the whole window, or back to its first size"),
            ("Esc", "Close, or select nothing"),
            ("F1, ?", "This list"),
        ],
    ),
    (
        "Functions, queues, history",
        &[
            ("Up, Down, Home, End", "Go to another row"),
            ("A to Z", "Go to the next name that begins so"),
            ("Enter", "Choose it, or open it"),
            ("Delete", "Take a function or queue out of the workspace; this can be undone"),
        ],
    ),
    (
        "Panels",
        &[
            ("Tab, Shift+Tab", "Go to the next button or field, or to the one before"),
            ("Up, Down", "Scroll the inspector"),
            ("Left, Right, Home, End", "Runs of the timeline, in order of time"),
            ("Up, Down", "The nearest bar of the next lane of the timeline"),
            ("Enter", "From a bar of the timeline to the inspector"),
            ("+, -, 0", "Zoom the timeline, fit it"),
            ("Drag in the ruler, Z", "Mark a stretch of the timeline, zoom to it"),
        ],
    ),
    (
        "Editor",
        &[
            ("Ctrl+H", "Find and replace"),
            ("Ctrl+Z, Ctrl+Y", "Undo, redo"),
            ("Ctrl+Shift+[, Ctrl+Shift+]", "Fold and unfold at the caret"),
            ("Alt+Up, Alt+Down", "Move lines"),
            ("Ctrl+Shift+D, Ctrl+Shift+K", "Duplicate, delete lines"),
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortcut_is_told_as_it_is_pressed() {
        for shortcut in [SEND, STEP, RERUN, PALETTE, SAVE, SAVE_AS, FIND, PAUSE, HELP, OFFERED, MENU] {
            let told = shortcut.keys.format(&egui::ModifierNames::NAMES, false);
            assert_eq!(told, shortcut.text);
        }
    }
    #[test]
    fn keys_stand_each_for_itself() {
        use KeyWord::{Key, Word};
        assert_eq!(key_words("Ctrl++, Ctrl+-"), [Key("Ctrl"), Key("+"), Word("/"), Key("Ctrl"), Key("-")]);
        assert_eq!(key_words("Ctrl+1 to Ctrl+4"), [Key("Ctrl"), Key("1"), Word("to"), Key("Ctrl"), Key("4")]);
        assert_eq!(key_words("+, 0"), [Key("+"), Word("/"), Key("0")]);
    }
}
