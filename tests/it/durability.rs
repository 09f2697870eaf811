//! `kill -9` in the middle: no accepted event is lost, and no process stays.

use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use invokelab::command::{ClockMode, Command, TextPlace, UnsavedText};
use invokelab::event::Event;
use invokelab::executor::Database;
use invokelab::service::happened::{Happened, RetryReason};
use invokelab::service::input::{InvocationSource, InvocationType};
use invokelab::service::time::Timestamp;

use crate::program::{Server, installed};
use crate::workbench::Workbench;

/// Waits until something holds, at most 20 s.
#[expect(clippy::disallowed_methods, reason = "a test waits in real time")]
fn until(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < end, "{what}");
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn every_event_that_was_accepted_runs_after_a_kill() {
    if !installed("curl") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (data, workspace) = (folder.path().join("data"), folder.path().join("workspace"));
    fs::create_dir(&workspace).unwrap();
    // Ten events one at a time: most of them wait when the program is killed.
    let code = "export const handler = async (event) => { await new Promise((r) => setTimeout(r, 300)); console.log('ran ' + event.n); };";
    fs::write(workspace.join("f.mjs"), code).unwrap();
    let toml = "[functions.f]\nruntime = 'javascript'\ncode = 'f.mjs'\nreserved_concurrent_executions = 1\n[functions.f.event_invoke]\non_success = 'queue:done'\n[queues.done]\n";
    fs::write(workspace.join("invokelab.toml"), toml).unwrap();
    let mut server = Server::start(&data, &workspace);
    for n in 0..10 {
        let answer = server.invoke("f", "Event", &format!("{{\"n\":{n}}}"));
        assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    }
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    drop(server);
    // In another run, fast: what was accepted runs to its end, and each leaves a record.
    let server = Server::with(&data, &workspace, &["--port", "0", "--clock", "fast:600"]);
    sleep(Duration::from_secs(8));
    drop(server);
    let sqlite = "import sqlite3,sys,glob,json\nn=set()\nfor f in glob.glob(sys.argv[1]+'/workspaces/*.sqlite'):\n  c=sqlite3.connect(f)\n  for (b,) in c.execute('select body from message'):\n    n.add(json.loads(b)['requestPayload']['n'])\n  w=[json.loads(p)['n'] for (p,) in c.execute('select payload from event')]\n  n.update(w)\nprint(sorted(n))\n";
    if installed("python3") {
        let output = std::process::Command::new("python3").arg("-c").arg(sqlite).arg(&data).output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(told.trim(), "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]", "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn no_process_outlives_a_kill_of_the_program() {
    if !installed("curl") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let workspace = folder.path().join("workspace");
    fs::create_dir_all(workspace.join("code")).unwrap();
    let script = workspace.join("code/bootstrap");
    fs::write(&script, "#!/bin/sh\n(trap '' TERM HUP; sleep 600 & echo $! > grandchild; wait) &\nsleep 600\n").unwrap();
    fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    fs::write(
        workspace.join("invokelab.toml"),
        "[functions.f]\nruntime = 'command'\ncommand = ['code/bootstrap']\ncode = 'code'\ntimeout = 600\n",
    )
    .unwrap();
    let mut server = Server::start(&folder.path().join("data"), &workspace);
    assert!(server.invoke("f", "Event", "{}").starts_with("HTTP/1.1 202"));
    let file = workspace.join("code/grandchild");
    until("the grandchild starts", || fs::read_to_string(&file).is_ok_and(|text| text.ends_with('\n')));
    let process = Path::new("/proc").join(fs::read_to_string(&file).unwrap().trim());
    assert!(process.exists());
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    let gone = || !process.exists() || fs::read_to_string(process.join("stat")).is_ok_and(|stat| stat.contains(") Z "));
    until("the guard ends the grandchild", gone);
}

/// Opens a workspace as the window does and gives back the clock that is told first.
fn opened(data: &Path, workspace: &Path, work: impl Fn(&Workbench)) -> ClockMode {
    let workbench = Workbench::with(workspace, Database::Folder(data.to_path_buf()), None);
    let mode = workbench.wait(|event| match event {
        Event::Clock(state) => Some(state.mode),
        _ => None,
    });
    work(&workbench);
    mode
}

#[test]
fn a_clock_that_was_stopped_over_a_retry_stays_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let (data, workspace) = (folder.path().join("data"), folder.path().join("workspace"));
    fs::create_dir(&workspace).unwrap();
    fs::write(workspace.join("invokelab.toml"), "[functions.f]\nscript = [{ throw = 'Boom' }]\n").unwrap();
    let reached = std::cell::Cell::new(Timestamp(0));
    let nothing = |_: &Workbench| {};
    let stop = |workbench: &Workbench| workbench.send(Command::SetClock(ClockMode::Paused));
    assert_eq!(opened(&data, &workspace, stop), ClockMode::Live);
    assert_eq!(opened(&data, &workspace, nothing), ClockMode::Live, "nothing waits, so nothing has to stand still");
    let fail = |workbench: &Workbench| {
        workbench.send(Command::SetClock(ClockMode::Paused));
        let source = InvocationSource::Workbench;
        let (function, payloads) = ("f".into(), vec!["{}".into()]);
        let invocation_type = InvocationType::Event;
        workbench.send(Command::Invoke { function, invocation_type, payloads, label: None, source, ticket: 1 });
        workbench.wait(|event| match event {
            Event::Service(event) => matches!(event.what, Happened::RetryScheduled { .. }).then_some(()),
            _ => None,
        });
    };
    assert_eq!(opened(&data, &workspace, fail), ClockMode::Live);
    let step = |workbench: &Workbench| {
        workbench.send(Command::Step);
        let stepped = workbench.wait(|event| match event {
            Event::Service(event) => matches!(event.what, Happened::RetryScheduled { .. }).then_some(event.at),
            _ => None,
        });
        reached.set(stepped);
    };
    assert_eq!(opened(&data, &workspace, step), ClockMode::Paused);
    let goes_on = |workbench: &Workbench| {
        workbench.send(Command::Step);
        let ended = workbench.wait(|event| match event {
            Event::Service(event) => matches!(event.what, Happened::InvocationEnded { .. }).then_some(event.at),
            _ => None,
        });
        let waited = ended.since(reached.get()).0 / 1_000_000;
        assert!((119..=121).contains(&waited), "a step ahead of the wall clock is not taken back: {waited} s");
    };
    assert_eq!(opened(&data, &workspace, goes_on), ClockMode::Paused);
}

/// What a query of the only database in a data folder gives first, as Python prints it.
fn asked_of_database(data: &Path, query: &str) -> String {
    let program = "import sqlite3,sys,glob\nprint(sqlite3.connect(glob.glob(sys.argv[1]+'/workspaces/*.sqlite')[0]).execute(sys.argv[2]).fetchone()[0])";
    let output = std::process::Command::new("python3").args(["-c", program]).arg(data).arg(query).output().unwrap();
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn a_fast_clock_over_messages_that_merely_lie_there_is_found_again_after_a_kill() {
    if !installed("curl") || !installed("python3") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (data, workspace) = (folder.path().join("data"), folder.path().join("workspace"));
    fs::create_dir(&workspace).unwrap();
    let toml = "[functions.f]\nscript = [{ throw = 'Boom' }]\n[functions.f.dead_letter]\ntarget = 'queue:dead'\n[functions.f.event_invoke]\nmaximum_retry_attempts = 0\n[queues.dead]\n";
    fs::write(workspace.join("invokelab.toml"), toml).unwrap();
    let mut server = Server::with(&data, &workspace, &["--port", "0", "--clock", "fast:3600"]);
    assert!(server.invoke("f", "Event", "{}").starts_with("HTTP/1.1 202"));
    let passed = "SELECT (SELECT value FROM meta WHERE name = 'service_now') - (SELECT max(sent_at) FROM message)";
    let an_hour = |text: String| text.parse::<i64>().is_ok_and(|micros| micros > 3_600_000_000);
    until("the clock of a fast hour is kept though nothing is due", || an_hour(asked_of_database(&data, passed)));
    server.child.kill().unwrap();
    server.child.wait().unwrap();
}

#[test]
fn an_attempt_that_a_kill_cut_off_is_told_after_the_restart() {
    if !installed("curl") || !installed("python3") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (data, workspace) = (folder.path().join("data"), folder.path().join("workspace"));
    fs::create_dir(&workspace).unwrap();
    fs::write(workspace.join("f.mjs"), "export const handler = () => new Promise(() => {});").unwrap();
    let toml = "[functions.f]\nruntime = 'javascript'\ncode = 'f.mjs'\ntimeout = 600\n";
    fs::write(workspace.join("invokelab.toml"), toml).unwrap();
    let mut server = Server::start(&data, &workspace);
    assert!(server.invoke("f", "Event", "{}").starts_with("HTTP/1.1 202"));
    let begun = "SELECT count(*) FROM invocation WHERE attempts = 1";
    until("the history knows that it runs", || asked_of_database(&data, begun) == "1");
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    let workbench = Workbench::with(&workspace, Database::Folder(data), Some(ClockMode::Paused));
    let reason = workbench.wait(|event| match event {
        Event::Service(event) => match &event.what {
            Happened::RetryScheduled { next_attempt: 1, reason, .. } => Some(reason.clone()),
            _ => None,
        },
        _ => None,
    });
    assert_eq!(reason, RetryReason::CutOff);
}

#[test]
fn texts_that_no_file_holds_come_back_until_they_are_let_go_of() {
    let folder = tempfile::tempdir().unwrap();
    let (data, workspace) = (folder.path().join("data"), folder.path().join("workspace"));
    fs::create_dir(&workspace).unwrap();
    fs::write(workspace.join("invokelab.toml"), "[functions.f]\nscript = [{ respond = 1 }]\n").unwrap();
    let open = || Workbench::with(&workspace, Database::Folder(data.clone()), None);
    let back = |workbench: &Workbench| {
        workbench.wait(|event| match event {
            Event::UnsavedTexts { workspace, texts } => Some((workspace.clone(), texts.clone())),
            _ => None,
        })
    };
    let place = TextPlace::Event { function: "f".into(), name: Some("new".to_owned()) };
    let mine = UnsavedText { place, text: "{\"n\":1}".to_owned(), file: None };
    let workbench = open();
    let (told, texts) = back(&workbench);
    assert_eq!(texts, []);
    workbench.send(Command::KeepTexts { workspace: told.clone(), texts: vec![mine.clone()] });
    drop(workbench);
    let workbench = open();
    assert_eq!(back(&workbench), (told.clone(), vec![mine.clone()]));
    workbench.send(Command::SaveText { workspace: told.clone(), text: mine });
    let saved = workbench.wait(|event| match event {
        Event::TextSaved { result, .. } => Some(result.clone()),
        _ => None,
    });
    assert_eq!((saved, fs::read_to_string(workspace.join("events/f/new.json")).unwrap().as_str()), (Ok(()), "{\"n\":1}"));
    workbench.send(Command::KeepTexts { workspace: told, texts: Vec::new() });
    drop(workbench);
    let left = fs::read_dir(data.join("workspaces")).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(left.into_iter().all(|name| !name.to_string_lossy().contains("unsaved")), "nothing is left of it");
}
