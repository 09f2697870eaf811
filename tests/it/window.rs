//! The real window on a display without a screen.

use std::fs;
use std::process::Command;

use invokelab::command::TextPlace;
use invokelab::event::Event;
use invokelab::executor::Database;

use crate::program::installed;
use crate::workbench::Workbench;

/// Whether there is a display without a screen; with `CI=true` there must be.
fn has_display() -> bool {
    let found = Command::new("xvfb-run").arg("--help").output().is_ok();
    assert!(found || std::env::var_os("CI").is_none(), "xvfb-run is missing");
    if !found {
        println!("skipped: xvfb-run is not installed");
    }
    found
}

/// Opens the window, types a word into the event, waits until that is kept, and kills the program.
const TYPE_AND_KILL: &str = r#"
"$1" "$2" & program=$!
# Only a program that is wholly gone has given its database back.
trap 'kill -9 $program 2>/dev/null; wait $program 2>/dev/null' EXIT
tries=0
until window=$(xdotool search --name Invokelab 2>/dev/null | tail -1) && [ -n "$window" ]; do
    sleep 0.2; tries=$((tries + 1)); [ $tries -lt 150 ] || { echo 'no window' >&2; exit 1; }
done
sleep 2
tries=0
until ls "$INVOKELAB_DATA_DIR"/workspaces/*.unsaved.json >/dev/null 2>&1; do
    # The window may not have had the keyboard yet.
    if [ $((tries % 25)) = 0 ]; then xdotool windowfocus "$window" key ctrl+2; sleep 0.5; xdotool type mine; fi
    sleep 0.2; tries=$((tries + 1)); [ $tries -lt 150 ] || { echo 'nothing is kept' >&2; exit 1; }
done
"#;

#[cfg(target_os = "linux")]
#[test]
fn what_was_typed_into_the_window_comes_back_after_a_kill() {
    if !has_display() || !installed("xdotool") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (data, workspace) = (folder.path().join("data"), folder.path().join("workspace"));
    fs::create_dir(&workspace).unwrap();
    let toml = "[workspace]\nendpoint_port = 0\ndoors_port = 0\n[functions.f]\nscript = [{ respond = 1 }]\n";
    fs::write(workspace.join("invokelab.toml"), toml).unwrap();
    let mut command = Command::new("timeout");
    command.args(["120", "xvfb-run", "-a", "-s", "-screen 0 1600x1000x24", "sh", "-c", TYPE_AND_KILL, "sh"]);
    command.arg(env!("CARGO_BIN_EXE_invokelab")).arg(&workspace).env("INVOKELAB_DATA_DIR", &data);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let workbench = Workbench::with(&workspace, Database::Folder(data), None);
    let texts = workbench.wait(|event| match event {
        Event::UnsavedTexts { texts, .. } => Some(texts.clone()),
        _ => None,
    });
    let [text] = &texts[..] else { panic!("{texts:?}") };
    assert_eq!(text.place, TextPlace::Event { function: "f".into(), name: None });
    assert!(text.text.contains("mine") && text.text.contains("{}"), "{}", text.text);
}

#[cfg(target_os = "linux")]
#[test]
fn the_window_opens_and_is_photographed() {
    if !has_display() || !installed("python3") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("timeout");
    command.args(["120", "xvfb-run", "-a", "-s", "-screen 0 1600x1000x24", env!("CARGO_BIN_EXE_invokelab"), "screenshots"]);
    let output = command.arg(folder.path()).env("INVOKELAB_DATA_DIR", folder.path().join("data")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for (name, width, height) in [("stepping-dark.png", 1_440, 900), ("small-light.png", 1_024, 700)] {
        let file = std::fs::File::open(folder.path().join(name)).unwrap();
        let reader = png::Decoder::new(std::io::BufReader::new(file)).read_info().unwrap();
        assert_eq!((reader.info().width, reader.info().height), (width, height), "{name}");
    }
}
