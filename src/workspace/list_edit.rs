//! Changing a list in `invokelab.toml` entry by entry, so that its comments, line breaks and spaces stay.
//!
//! In a list a comment belongs to the entry behind it: what follows `"GET", # keep me` stands before the next entry, or
//! before the closing bracket.

use toml_edit::{Array, Value};

/// Makes the entries of `list` those of `wanted`; `false` if they are not all texts, and nothing was changed.
pub(super) fn change(list: &mut Array, wanted: &Array) -> bool {
    let Some(wanted) = texts(wanted).filter(|_| texts(list).is_some()) else { return false };
    for (index, text) in wanted.iter().enumerate() {
        let holds = |list: &Array, from: usize, text: &str| list.iter().skip(from).any(|entry| entry.as_str() == Some(text));
        let is_wanted = |entry: &str| wanted[index..].iter().any(|text| text == entry);
        while list.get(index).and_then(Value::as_str).is_some_and(|entry| !is_wanted(entry)) {
            if holds(list, index, text) {
                remove(list, index);
            } else {
                replace(list, index, text);
            }
        }
        match list.get(index).map(Value::as_str) {
            Some(Some(entry)) if entry == text => {}
            Some(_) => insert(list, index, text),
            None => push(list, text.as_str()),
        }
    }
    while list.len() > wanted.len() {
        remove(list, list.len() - 1);
    }
    true
}

fn texts(list: &Array) -> Option<Vec<String>> {
    list.iter().map(|entry| entry.as_str().map(str::to_owned)).collect()
}

fn replace(list: &mut Array, index: usize, text: &str) {
    let Some(entry) = list.get_mut(index) else { return };
    let decor = entry.decor().clone();
    *entry = text.into();
    *entry.decor_mut() = decor;
}

/// Before another entry, which goes to a line of its own if the entries stand on lines.
fn insert(list: &mut Array, index: usize, text: &str) {
    let before = prefix(list, index);
    let between = between(list);
    if let Some(next) = list.get_mut(index) {
        next.decor_mut().set_prefix(between);
    }
    list.insert_formatted(index, Value::from(text).decorated(before, ""));
}

/// Behind the last entry and the comments that follow it.
pub(super) fn push(list: &mut Array, value: impl Into<Value>) {
    let value = value.into();
    let last = list.len().checked_sub(1);
    let after = last.map(|last| suffix(list, last)).unwrap_or_default() + &trailing(list);
    if let Some(last) = last.and_then(|last| list.get_mut(last)) {
        last.decor_mut().set_suffix("");
    }
    let separator = between(list);
    let Some((comments, closing)) = after.rsplit_once('\n') else {
        let before = if list.is_empty() { "" } else { &separator };
        list.push_formatted(value.decorated(before, ""));
        list.set_trailing(after);
        return;
    };
    let indent = separator.rsplit_once('\n').map_or_else(|| format!("{closing}  "), |(_, indent)| indent.to_owned());
    list.push_formatted(value.decorated(format!("{comments}\n{indent}"), ""));
    list.set_trailing(format!("\n{closing}"));
}

/// The comments on both sides stay.
pub(super) fn remove(list: &mut Array, index: usize) {
    let before = prefix(list, index);
    let after = suffix(list, index);
    list.remove(index);
    if index < list.len() {
        let joined = joined(&before, &(after + &prefix(list, index)));
        if let Some(next) = list.get_mut(index) {
            next.decor_mut().set_prefix(joined);
        }
        return;
    }
    let after = after + &trailing(list);
    let trailing = match (before.contains('#'), after.trim().is_empty()) {
        (false, true) => after,
        (true, true) if after.contains('\n') => format!("{}{after}", before.trim_end()),
        (true, true) => before,
        (_, false) => joined(&before, &after),
    };
    list.set_trailing(trailing);
}

/// What stood before a removed entry, and the comments behind it.
fn joined(before: &str, after: &str) -> String {
    let comments = after.trim_start();
    format!("{before}{comments}")
}

/// White space between two entries of the list, with the line break if they stand on lines.
fn between(list: &Array) -> String {
    let prefixes: Vec<String> = (0..list.len()).map(|index| prefix(list, index)).collect();
    let on_lines = prefixes.iter().find_map(|prefix| prefix.rsplit_once('\n'));
    match on_lines {
        Some((_, indent)) => format!("\n{indent}"),
        None => prefixes.get(1).filter(|prefix| prefix.trim().is_empty()).cloned().unwrap_or_else(|| " ".to_owned()),
    }
}

fn prefix(list: &Array, index: usize) -> String {
    let default = if index == 0 { "" } else { " " };
    let written = list.get(index).and_then(|entry| entry.decor().prefix());
    written.map_or(default, |raw| raw.as_str().unwrap_or(default)).to_owned()
}

fn suffix(list: &Array, index: usize) -> String {
    let written = list.get(index).and_then(|entry| entry.decor().suffix());
    written.and_then(|raw| raw.as_str()).unwrap_or_default().to_owned()
}

fn trailing(list: &Array) -> String {
    list.trailing().as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use toml_edit::DocumentMut;

    use super::*;

    fn changed(before: &str, wanted: &str) -> String {
        let mut document: DocumentMut = format!("list = {before} # behind\n").parse().unwrap();
        let wanted: Value = wanted.parse().unwrap();
        let list = document["list"].as_array_mut().unwrap();
        assert!(change(list, wanted.as_array().unwrap()), "{before}");
        assert_eq!(texts(list), texts(wanted.as_array().unwrap()), "{before}");
        let after = document.to_string();
        after.parse::<DocumentMut>().unwrap_or_else(|error| panic!("{after}: {error}"));
        after.strip_prefix("list = ").and_then(|rest| rest.strip_suffix(" # behind\n")).unwrap().to_owned()
    }

    #[test]
    fn entries_come_behind_the_comments_of_the_last() {
        let lines = "[\n  \"GET\", # keep me\n  # and me\n]";
        assert_eq!(changed(lines, r#"["GET", "PUT"]"#), "[\n  \"GET\", # keep me\n  # and me\n  \"PUT\",\n]");
        assert_eq!(changed("[\n    'a' # one\n]", r#"["a", "b"]"#), "[\n    'a', # one\n    \"b\"\n]");
        assert_eq!(changed("[\n # none\n]", r#"["a"]"#), "[\n # none\n  \"a\"\n]");
        for (before, after) in [
            ("[]", r#"["x"]"#),
            (r#"["a"]"#, r#"["a", "x"]"#),
            (r#"["a","b"]"#, r#"["a","b","x"]"#),
            (r#"[ "a",  "b" ]"#, r#"[ "a",  "b",  "x" ]"#),
            (r#"["a", "b", ]"#, r#"["a", "b", "x", ]"#),
        ] {
            let before_list: Value = before.parse().unwrap();
            let mut wanted = before_list.as_array().unwrap().clone();
            wanted.push("x");
            assert_eq!(changed(before, &wanted.to_string()), after);
        }
    }

    #[test]
    fn entries_go_and_comments_stay() {
        let lines = "[\n  \"a\", # first\n  \"b\", # second\n  # own line\n  \"c\", # third\n]";
        for (wanted, after) in [
            (r#"["b", "c"]"#, "[\n  # first\n  \"b\", # second\n  # own line\n  \"c\", # third\n]"),
            (r#"["a", "c"]"#, "[\n  \"a\", # first\n  # second\n  # own line\n  \"c\", # third\n]"),
            (r#"["a", "b"]"#, "[\n  \"a\", # first\n  \"b\", # second\n  # own line\n  # third\n]"),
            ("[]", "[\n  # first\n  # second\n  # own line\n  # third\n]"),
        ] {
            assert_eq!(changed(lines, wanted), after, "{wanted}");
        }
        assert_eq!(changed("[\n  \"a\",\n  \"b\",\n]", r#"["a"]"#), "[\n  \"a\",\n]");
        assert_eq!(changed("[\n  \"a\",\n  \"b\"\n]", r#"["a"]"#), "[\n  \"a\"\n]");
        assert_eq!(changed("[\"a\", # first\n  \"b\"]", r#"["a"]"#), "[\"a\" # first\n  ]");
        assert_eq!(changed(r#"[ "a","b" ]"#, r#"["b"]"#), r#"[ "b" ]"#);
        assert_eq!(changed(r#"[ "a","b" ]"#, r#"["a"]"#), r#"[ "a" ]"#);
    }

    #[test]
    fn entries_are_replaced_and_moved_in_place() {
        let lines = "[\n  \"a,b\", # both\n  \"c\",\n]";
        assert_eq!(changed(lines, r#"["a", "b", "c"]"#), "[\n  \"a\", # both\n  \"b\",\n  \"c\",\n]");
        assert_eq!(changed(r#"["a", "b", "a"]"#, r#"["b", "a"]"#), r#"["b", "a"]"#);
        assert_eq!(changed(r#"["put","get"]"#, r#"["PUT","get"]"#), r#"["PUT","get"]"#);
        let mut numbers: Value = "[1]".parse().unwrap();
        assert!(!change(numbers.as_array_mut().unwrap(), &Array::from_iter(["a"])));
    }
}
