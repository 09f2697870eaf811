//! The built program as a person starts it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

/// The folder of the scenarios' workspace.
pub fn scenarios() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/workspace")
}

/// The program with a data folder of its own.
pub fn invokelab(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_invokelab"));
    command.env("INVOKELAB_DATA_DIR", data).stdin(Stdio::null());
    command
}

/// A workspace of a few files.
pub fn workspace(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

pub fn run(data: &Path, arguments: &[&str]) -> Output {
    invokelab(data).args(arguments).output().unwrap()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Whether a program is there; with `CI=true` it must be.
pub fn installed(program: &str) -> bool {
    let found = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    assert!(found || std::env::var_os("CI").is_none(), "{program} is missing");
    if !found {
        println!("skipped: {program} is not installed");
    }
    found
}

/// A running `invokelab serve`; ended when dropped.
pub struct Server {
    pub child: Child,
    pub address: String,
    pub out: BufReader<ChildStdout>,
}

impl Server {
    pub fn start(data: &Path, workspace: &Path) -> Self {
        Self::with(data, workspace, &["--port", "0"])
    }

    pub fn with(data: &Path, workspace: &Path, more: &[&str]) -> Self {
        let mut command = invokelab(data);
        command.arg("serve").arg(workspace).args(more);
        Self::of(command)
    }

    pub fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut address = None;
        let mut line = String::new();
        while address.is_none() {
            line.clear();
            assert!(out.read_line(&mut line).unwrap() > 0, "serve ended before its door was open");
            address = line.strip_prefix("lambda api  ").map(|rest| rest.split_whitespace().next().unwrap().to_owned());
        }
        Self { child, address: address.unwrap(), out }
    }

    /// Kind and address of the doors that are printed after the Lambda API: `url confirm`, `api shop`.
    pub fn doors(&mut self, count: usize) -> std::collections::BTreeMap<String, String> {
        let mut doors = std::collections::BTreeMap::new();
        let mut line = String::new();
        while doors.len() < count {
            line.clear();
            assert!(self.out.read_line(&mut line).unwrap() > 0, "serve ended before its doors were open");
            if let Some((kind, address)) = line.split_once("  http://") {
                doors.insert(kind.to_owned(), format!("http://{}", address.split_whitespace().next().unwrap()));
            }
        }
        doors
    }

    pub fn curl(&self, arguments: &[&str]) -> String {
        text(&Command::new("curl").arg("-sS").args(arguments).output().unwrap().stdout)
    }

    /// Invokes over HTTP; status line and headers come with the body.
    pub fn invoke(&self, function: &str, invocation_type: &str, payload: &str) -> String {
        let url = format!("{}/2015-03-31/functions/{function}/invocations", self.address);
        let header = format!("X-Amz-Invocation-Type: {invocation_type}");
        self.curl(&["-i", "-H", &header, "-H", "X-Amz-Log-Type: Tail", "-d", payload, &url])
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
