//! `build = [...]` of a function that is served.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::program::{Server, installed};

/// A workspace whose only function is copied from `source.txt` by its build, which takes `seconds`.
fn workspace(seconds: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let build = format!("echo built >> builds.log; cp source.txt index.mjs; sleep {seconds}");
    let text = format!("[functions.f]\nruntime = \"javascript\"\ncode = \"index.mjs\"\nbuild = [\"sh\", \"-c\", \"{build}\"]\n");
    fs::write(folder.path().join("invokelab.toml"), text).unwrap();
    fs::write(folder.path().join("index.mjs"), "").unwrap();
    write_source(folder.path(), "one");
    folder
}

fn write_source(folder: &Path, answer: &str) {
    fs::write(folder.join("source.txt"), format!("export const handler = () => '{answer}';")).unwrap();
}

fn builds(folder: &Path) -> usize {
    fs::read_to_string(folder.join("builds.log")).unwrap_or_default().lines().count()
}

fn answer(server: &Server) -> String {
    server.invoke("f", "RequestResponse", "{}").lines().last().unwrap_or_default().to_owned()
}

#[test]
fn what_a_build_writes_beside_its_sources_is_no_reason_to_build_again() {
    if !installed("curl") || cfg!(windows) {
        return;
    }
    let folder = workspace("0");
    let server = Server::start(&folder.path().join("data"), folder.path());
    assert_eq!(answer(&server), "\"one\"");
    // The first time, index.mjs might have been changed by anybody.
    let first = builds(folder.path());
    assert!((1..=2).contains(&first), "{first}");
    for _ in 0..4 {
        assert_eq!(answer(&server), "\"one\"");
    }
    assert_eq!(builds(folder.path()), first);
    write_source(folder.path(), "two");
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(answer(&server), "\"two\"");
    assert_eq!(builds(folder.path()), first + 1);
}

#[test]
fn code_that_changes_during_a_build_is_built_before_anything_starts() {
    if !installed("curl") || cfg!(windows) {
        return;
    }
    let folder = workspace("1");
    let server = Server::start(&folder.path().join("data"), folder.path());
    let answered = std::thread::scope(|scope| {
        let invoke = scope.spawn(|| answer(&server));
        while builds(folder.path()) == 0 {
            std::thread::sleep(Duration::from_millis(10));
        }
        std::thread::sleep(Duration::from_millis(200));
        write_source(folder.path(), "two");
        invoke.join().unwrap()
    });
    assert_eq!(answered, "\"two\"");
    assert_eq!(answer(&server), "\"two\"");
    assert_eq!(builds(folder.path()), 2);
}
