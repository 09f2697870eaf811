//! The real window on a display without a screen.

use std::process::Command;

use crate::program::installed;

#[cfg(target_os = "linux")]
#[test]
fn the_window_opens_and_is_photographed() {
    let found = Command::new("xvfb-run").arg("--help").output().is_ok();
    assert!(found || std::env::var_os("CI").is_none(), "xvfb-run is missing");
    if !found || !installed("python3") {
        println!("skipped: xvfb-run is not installed");
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
