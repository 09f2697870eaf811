//! Any text, quoted as browsers quote it, is read back.

use proptest::prelude::*;

use super::tests::{body, read_all};

/// As Chromium quotes for bash.
fn chromium_bash(text: &str) -> String {
    let is_special = |c: char| c.is_control() || c == '!';
    if !text.contains(|c| is_special(c) || c == '\'') {
        return format!("'{text}'");
    }
    let mut quoted = String::from("$'");
    for c in text.chars() {
        match c {
            '\\' | '\'' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            c if is_special(c) => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted + "'"
}

/// As Chromium quotes for cmd.exe.
fn chromium_cmd(text: &str) -> String {
    let mut quoted = String::from("^\"");
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    let mut characters = escaped.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\n' => quoted.push_str("^\n\n"),
            c if c.is_ascii_alphanumeric() || c.is_whitespace() || "_-:=+~'/.,?;()*`".contains(c) => quoted.push(c),
            c => quoted.extend(['^', c]),
        }
        if c == '%' && characters.peek().is_some_and(|next| next.is_ascii_alphanumeric() || *next == '_') {
            quoted.push('^');
        }
    }
    quoted + "^\""
}

/// As people quote for a POSIX shell.
fn posix(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

proptest! {
    #[test]
    fn every_quoting_gives_the_text_back(text in "([a-z \"'\\\\^%!&|<>\\{\\}:,$`\n]|[^\\r\\x00\\u{10000}-\\u{10ffff}]){0,40}") {
        let quotings: [fn(&str) -> String; 3] = [chromium_bash, chromium_cmd, posix];
        for quote in quotings {
            let command = format!("curl {} --data-raw {}", quote("https://a.test/"), quote(&text));
            let request = read_all(&command);
            prop_assert_eq!(body(&request), text.as_str(), "{}", command);
        }
    }
}
