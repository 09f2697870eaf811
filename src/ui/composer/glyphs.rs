//! Glyphs of Phosphor that only composer and inspector use, by name.

pub const TRASH: &str = "\u{e4a6}";
pub const PENCIL: &str = "\u{e3b4}";
pub const SEND: &str = "\u{e398}";
pub const ARROW_RIGHT: &str = "\u{e06c}";
pub const PREVIOUS: &str = "\u{e138}";
pub const NEXT: &str = "\u{e13a}";
pub const CLOSE: &str = "\u{e4f6}";
pub const AGAIN: &str = "\u{e036}";
pub const BACK: &str = "\u{e038}";
pub const OPEN: &str = "\u{e256}";
pub const STOP: &str = "\u{e46c}";
pub const SETTINGS: &str = "\u{e432}";
pub const LOCK: &str = "\u{e308}";
pub const POINT: &str = "\u{e7c8}";
pub const ENVIRONMENT: &str = "\u{e1da}";
pub const CLOCK: &str = "\u{e19a}";
