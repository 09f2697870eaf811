//! The rules that the compiler does not check: who may mention whom, first lines, lengths.

use std::fs;
use std::path::{Path, PathBuf};

/// Longest file of the program, in lines.
const LONGEST: usize = 700;

/// A room and the words that must not stand in it outside comments.
const RULES: &[(&str, &[&str])] = &[
    (
        "service",
        &[
            "std::time::",
            "std::thread",
            "std::fs",
            "std::net",
            "tokio",
            "egui",
            "rusqlite",
            "crate::executor",
            "crate::ui",
            "crate::model",
            "crate::store",
            "crate::workspace",
            "crate::event::",
            "crate::command",
            "crate::scenario",
        ],
    ),
    (
        "http_model",
        &[
            "std::time::",
            "std::thread",
            "std::fs",
            "TcpStream",
            "Timestamp::now",
            "tokio",
            "hyper",
            "egui",
            "rusqlite",
            "crate::executor",
            "crate::ui",
            "crate::model",
            "crate::store",
            "crate::workspace",
            "crate::event::",
            "crate::command",
            "crate::scenario",
        ],
    ),
    ("events_catalog", &["tokio", "egui", "rusqlite", "crate::ui", "crate::model", "crate::executor"]),
    ("workspace", &["tokio", "egui", "crate::ui", "crate::model", "crate::executor"]),
    ("store", &["tokio", "egui", "crate::ui", "crate::model", "crate::executor"]),
    ("scenario", &["tokio", "egui", "crate::ui", "crate::model", "crate::executor"]),
    ("executor", &["egui", "rusqlite", "crate::ui", "crate::model"]),
    ("model", &["egui", "tokio", "rusqlite", "crate::executor", "crate::store", "crate::ui"]),
    ("ui", &["tokio", "rusqlite", "crate::executor", "crate::store", "LambdaService"]),
    ("command.rs", &["tokio", "egui", "rusqlite", "crate::executor", "crate::ui", "crate::store", "crate::workspace"]),
    ("event.rs", &["tokio", "egui", "rusqlite", "crate::executor", "crate::ui", "crate::store", "crate::workspace"]),
    ("channel.rs", &["tokio", "egui", "rusqlite", "crate::executor", "crate::ui", "crate::store"]),
];

#[test]
fn rooms_keep_to_themselves() {
    let mut faults = Vec::new();
    for (room, words) in RULES {
        for file in rust_files(&source().join(room)) {
            for (number, line) in code_lines(&file) {
                for word in words.iter().filter(|word| mentions(&line, word)) {
                    faults.push(format!("{}:{number}: {room} must not mention {word}", file.display()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn files_say_what_they_are_for_and_stay_short() {
    let mut faults = Vec::new();
    let roots = ["src", "tests", "benches"].map(|root| Path::new(env!("CARGO_MANIFEST_DIR")).join(root));
    for file in roots.iter().flat_map(|root| rust_files(root)) {
        let text = fs::read_to_string(&file).unwrap();
        if !text.starts_with("//! ") {
            faults.push(format!("{}:1: no //! line says what this file is for", file.display()));
        }
        let lines = text.lines().count();
        if lines > LONGEST {
            faults.push(format!("{}: {lines} lines; split it by meaning", file.display()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_mention_in_code_is_found_and_one_in_a_comment_is_not() {
    assert!(mentions("use tokio::sync::mpsc;", "tokio"));
    assert!(!mentions("let tokio_like = 1;", "tokio"));
    assert!(mentions("use crate::event::Event;", "crate::event::"));
    assert!(!mentions("use crate::events_catalog::x;", "crate::event::"));
}

/// Whether `word` stands in `line` as a whole word.
fn mentions(line: &str, word: &str) -> bool {
    let part_of_a_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let after = line[start + word.len()..].chars().next();
        let whole_after = word.ends_with(':') || !after.is_some_and(part_of_a_word);
        !before.is_some_and(part_of_a_word) && whole_after
    })
}

/// Lines with their numbers, comments taken off.
fn code_lines(file: &Path) -> Vec<(usize, String)> {
    let text = fs::read_to_string(file).unwrap();
    let without_comment = |line: &str| line.split("//").next().unwrap_or_default().to_owned();
    text.lines().enumerate().map(|(index, line)| (index + 1, without_comment(line))).collect()
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every `.rs` file under `path`, or `path` itself.
fn rust_files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_path_buf()];
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}
