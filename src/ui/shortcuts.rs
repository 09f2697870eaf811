//! Every shortcut, once: for the keyboard, for tooltips and for the sheet behind `?`.

use egui::{Key, KeyboardShortcut, Modifiers};

pub const SEND: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Enter);
pub const STEP: KeyboardShortcut = KeyboardShortcut::new(Modifiers::NONE, Key::F10);
pub const RERUN: KeyboardShortcut = KeyboardShortcut::new(Modifiers::NONE, Key::F5);
pub const PALETTE: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::K);
pub const SAVE: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::S);
pub const FIND: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::F);
pub const PAUSE: KeyboardShortcut = KeyboardShortcut::new(Modifiers::NONE, Key::Space);

/// Keys and what they do, for the sheet.
pub const LIST: [(&str, &str); 15] = [
    ("Ctrl+Enter", "Send what the composer holds"),
    ("F10", "Step to the next thing that is due"),
    ("Space", "Pause, or go back to live"),
    ("F5", "Send the selected invocation again"),
    ("Ctrl+K", "Command palette"),
    ("Ctrl+S", "Save the event or the handler"),
    ("Ctrl+F, Ctrl+H", "Find, replace in the editor"),
    ("Ctrl+Z, Ctrl+Y", "Undo, redo"),
    ("Ctrl+1 to Ctrl+4", "Go to functions, composer, inspector, timeline"),
    ("Up, Down", "Scroll the inspector"),
    ("Left, Right", "Next bar of the timeline"),
    ("+, -, 0", "Zoom the timeline, fit it"),
    ("Ctrl++, Ctrl+-", "Zoom the whole window"),
    ("Esc", "Close, or select nothing"),
    ("?", "This list"),
];
