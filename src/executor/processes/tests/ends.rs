//! How processes end, by themselves and by us; nothing may stay behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Environment, write};
use crate::executor::environment::ToEnvironment;
use crate::executor::guard::{self, Guard};
use crate::service::effect::StopReason;
use crate::service::input::Exit;
use crate::workspace::definition::Runtime;

/// Set for the program of this very test that plays the guard.
const PLAYS_GUARD: &str = "INVOKELAB_TEST_PLAYS_GUARD";
/// The folder of the program of this very test that plays Invokelab.
const PLAYS_PROGRAM: &str = "INVOKELAB_TEST_PLAYS_PROGRAM";

/// Starts a grandchild that ignores what a person may send, holds the pipes open and lives on without its parent.
const STUBBORN: &str =
    "trap '' TERM INT HUP\n(trap '' TERM INT HUP; while :; do sleep 1; done) &\necho $! > child\necho started\n";

async fn process(f: &Environment) -> PathBuf {
    let file = f.folder.path().join("child");
    let number = fs::read_to_string(file).unwrap();
    let process = Path::new("/proc").join(number.trim());
    assert!(process.exists());
    process
}

async fn gone(process: &Path) {
    let gone = async {
        // Somebody has to collect a zombie; that is not up to us once its parent is gone.
        while process.exists() && !fs::read_to_string(process.join("stat")).is_ok_and(|stat| stat.contains(") Z ")) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone).await.unwrap();
}

#[tokio::test]
async fn ends_are_told_apart() {
    for (text, exit) in [
        ("exit 0", Exit::Code(0)),
        ("exit 127", Exit::Code(127)),
        ("kill -SEGV $$", Exit::Signal("segmentation fault".into())),
        ("kill -KILL $$", Exit::Signal("killed".into())),
        ("kill -ABRT $$", Exit::Signal("aborted".into())),
    ] {
        assert_eq!(Environment::shell(text).exited().await, exit, "{text}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_stop_and_a_dropped_handle_end_grandchildren_that_ignore_signals() {
    for stop in [true, false] {
        let mut f = Environment::shell(&format!("{STUBBORN}wait"));
        f.log_until(|line| line == "started").await;
        let child = process(&f).await;
        let handle = f.handle.take().unwrap();
        if stop {
            handle.send(ToEnvironment::Stop(StopReason::Timeout));
            gone(&child).await;
        } else {
            drop(handle);
            gone(&child).await;
        }
        assert!(f.reports.recv().await.is_none(), "a stop is not reported as an end");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn grandchildren_that_hold_the_pipes_end_with_their_leader() {
    let mut f = Environment::shell(&format!("{STUBBORN}printf 'last words'\nexit 3"));
    assert_eq!(f.exited().await, Exit::Code(3));
    assert_eq!(f.log, ["started", "last words"]);
    gone(&process(&f).await).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_runtime_that_is_dropped_ends_its_processes() {
    let child = tokio::task::spawn_blocking(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut f = runtime.block_on(async {
            let mut f = Environment::shell(&format!("{STUBBORN}wait"));
            f.log_until(|line| line == "started").await;
            f
        });
        let number = fs::read_to_string(f.folder.path().join("child")).unwrap();
        // The handle stays: it is the runtime that goes.
        runtime.shutdown_background();
        f.reports.close();
        Path::new("/proc").join(number.trim())
    });
    gone(&child.await.unwrap()).await;
}

/// Not a test of its own: the program that the next tests start as their guard.
#[test]
fn plays_guard() {
    if std::env::var_os(PLAYS_GUARD).is_some() {
        let _ = guard::run();
    }
}

/// Words for a shell that make this test program run one test of this file.
fn this_test(name: &str) -> String {
    let path = module_path!().split_once("::").map_or("", |(_, path)| path);
    format!("exec '{}' --exact {path}::{name} --nocapture --test-threads 1", std::env::current_exe().unwrap().display())
}

/// A script that starts this test program as guard.
fn real_guard(folder: &Path) -> Guard {
    let script = format!("#!/bin/sh\n{PLAYS_GUARD}=1\nexport {PLAYS_GUARD}\n{}\n", this_test("plays_guard"));
    write(&folder.join("guard"), &script);
    Guard::new(Some(folder.join("guard")))
}

/// Starts a group of its own as `start` does, without anybody who would end it.
async fn stubborn_group(guard: &Guard, folder: &Path) -> PathBuf {
    write(&folder.join("leader"), &format!("#!/bin/sh\n{STUBBORN}wait\n"));
    let mut command = tokio::process::Command::new(folder.join("leader"));
    command.current_dir(folder).process_group(0).stdin(std::process::Stdio::null()).stdout(std::process::Stdio::null());
    let _ = guard.watch(&mut command).unwrap();
    let child = command.spawn().unwrap();
    drop(command);
    let leader = Path::new("/proc").join(child.id().unwrap().to_string());
    let file = folder.join("child");
    while !fs::read_to_string(&file).is_ok_and(|text| text.ends_with('\n')) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let grandchild = Path::new("/proc").join(fs::read_to_string(&file).unwrap().trim());
    assert!(leader.exists() && grandchild.exists());
    // Not killed on drop; the runtime only collects it.
    drop(child);
    grandchild
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_guard_ends_every_group_when_its_pipe_closes() {
    let folder = tempfile::tempdir().unwrap();
    let guard = real_guard(folder.path());
    let grandchild = stubborn_group(&guard, folder.path()).await;
    let second = guard.clone();
    drop(guard);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(grandchild.exists(), "somebody still has the pipe");
    drop(second);
    gone(&grandchild).await;
}

/// Not a test of its own: the program that the next test kills.
#[tokio::test]
async fn plays_program() {
    let Some(folder) = std::env::var_os(PLAYS_PROGRAM) else { return };
    let folder = Path::new(&folder);
    let (sender, mut reports) = tokio::sync::mpsc::channel(16);
    let start = super::environment_start(Runtime::Command(Vec::new()), "", folder);
    let _handle =
        crate::executor::processes::start(start, &real_guard(folder), sender, crate::executor::log_gate::LogGate::default());
    while reports.recv().await.is_some() {}
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn nothing_outlives_a_program_that_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("bootstrap"), &format!("#!/bin/sh\n{STUBBORN}wait\n"));
    let mut program = std::process::Command::new("/bin/sh");
    program.arg("-c").arg(this_test("plays_program")).env(PLAYS_PROGRAM, folder.path()).stdout(std::process::Stdio::null());
    let mut program = program.spawn().unwrap();
    let file = folder.path().join("child");
    while !fs::read_to_string(&file).is_ok_and(|text| text.ends_with('\n')) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let grandchild = Path::new("/proc").join(fs::read_to_string(&file).unwrap().trim());
    assert!(grandchild.exists());
    // SIGKILL: no code of the program runs any more.
    program.kill().unwrap();
    program.wait().unwrap();
    gone(&grandchild).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_guard_that_was_killed_is_started_again() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("guard");
    write(&program, "#!/bin/sh\necho x >> starts\n");
    let text = fs::read_to_string(&program).unwrap().replace("starts", &folder.path().join("starts").display().to_string());
    write(&program, &text);
    let guard = Guard::new(Some(program));
    for _ in 0..2 {
        let mut command = tokio::process::Command::new("true");
        guard.watch(&mut command).unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(fs::read_to_string(folder.path().join("starts")).unwrap(), "x\nx\n");
}

#[tokio::test]
async fn without_a_guard_nothing_starts() {
    let folder = tempfile::tempdir().unwrap();
    let guard = Guard::new(Some(folder.path().join("nowhere")));
    write(&folder.path().join("bootstrap"), "#!/bin/sh\ntouch started\n");
    let mut started = None;
    let mut f = Environment::start_with(Runtime::Command(Vec::new()), "", &[], |start| started = Some(start.clone()));
    assert!(matches!(f.exited().await, Exit::NotStarted { .. }));
    let mut start = started.unwrap();
    start.code = folder.path().to_path_buf();
    let mut f = Environment::begin(start, &guard, folder);
    let Exit::NotStarted { error_type, message } = f.exited().await else { panic!("it started") };
    assert_eq!(&*error_type, "Sandbox.Failure");
    assert!(message.contains("process guard"), "{message}");
    assert!(!f.folder.path().join("started").exists());
}
