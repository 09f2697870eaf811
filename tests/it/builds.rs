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

/// A change is told soon after it was made.
fn noticed() {
    std::thread::sleep(Duration::from_millis(200));
}

#[test]
fn what_a_build_writes_beside_its_sources_is_no_reason_to_build_again() {
    if !installed("curl") || cfg!(windows) {
        return;
    }
    let folder = workspace("0");
    fs::copy(folder.path().join("source.txt"), folder.path().join("index.mjs")).unwrap();
    let server = Server::start(&folder.path().join("data"), folder.path());
    for _ in 0..4 {
        assert_eq!(answer(&server), "\"one\"");
    }
    assert_eq!(builds(folder.path()), 1);
    write_source(folder.path(), "two");
    noticed();
    assert_eq!(answer(&server), "\"two\"");
    let learnt = builds(folder.path());
    // The first time, index.mjs might have been changed by anybody.
    assert!((2..=3).contains(&learnt), "{learnt}");
    write_source(folder.path(), "three");
    noticed();
    assert_eq!(answer(&server), "\"three\"");
    assert_eq!(builds(folder.path()), learnt + 1);
}

#[test]
fn what_a_build_writes_is_still_known_after_a_restart() {
    if !installed("curl") || cfg!(windows) {
        return;
    }
    let folder = workspace("0");
    let data = folder.path().join("data");
    let server = Server::start(&data, folder.path());
    for text in ["one", "two"] {
        write_source(folder.path(), text);
        noticed();
        assert_eq!(answer(&server), format!("\"{text}\""));
    }
    drop(server);
    let known = builds(folder.path());
    write_source(folder.path(), "three");
    let server = Server::start(&data, folder.path());
    assert_eq!(answer(&server), "\"three\"");
    assert_eq!(builds(folder.path()), known + 1, "the first build after the start");
    write_source(folder.path(), "four");
    noticed();
    assert_eq!(answer(&server), "\"four\"");
    assert_eq!(builds(folder.path()), known + 2, "and the first change");
}

#[test]
fn code_that_changes_during_a_build_is_built_before_anything_starts() {
    if !installed("curl") || cfg!(windows) {
        return;
    }
    let folder = workspace("1");
    let server = Server::start(&folder.path().join("data"), folder.path());
    for (before, during) in [("one", "two"), ("three", "four"), ("five", "six")] {
        write_source(folder.path(), before);
        noticed();
        let built = builds(folder.path());
        let answered = std::thread::scope(|scope| {
            let invoke = scope.spawn(|| answer(&server));
            while builds(folder.path()) == built {
                std::thread::sleep(Duration::from_millis(10));
            }
            noticed();
            write_source(folder.path(), during);
            invoke.join().unwrap()
        });
        assert_eq!(answered, format!("\"{during}\""));
        assert_eq!(answer(&server), format!("\"{during}\""));
    }
}

#[test]
fn functions_with_builds_in_one_folder_do_not_make_each_other_build() {
    if !installed("curl") || cfg!(windows) {
        return;
    }
    let folder = workspace("0");
    let function = |name: &str| {
        let build = format!("echo built >> builds.log; cp source.txt {name}.mjs; date +%s%N >> {name}.mjs.txt");
        let code = format!("code = \"{name}.mjs\"\nbuild = [\"sh\", \"-c\", \"{build}\"]");
        fs::write(folder.path().join(format!("{name}.mjs")), "").unwrap();
        format!("[functions.{name}]\nruntime = \"javascript\"\n{code}\n")
    };
    let text = format!("{}{}", function("a"), function("b"));
    fs::write(folder.path().join("invokelab.toml"), text).unwrap();
    let server = Server::start(&folder.path().join("data"), folder.path());
    let both = || {
        for name in ["a", "b"] {
            let answer = server.invoke(name, "RequestResponse", "{}");
            assert!(answer.ends_with("\"one\""), "{answer}");
        }
    };
    // Until it is known who writes what.
    (0..4).for_each(|_| both());
    let known = builds(folder.path());
    (0..4).for_each(|_| both());
    assert_eq!(builds(folder.path()), known);
}
