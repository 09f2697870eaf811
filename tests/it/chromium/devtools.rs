//! A Chromium of our own, spoken to over its DevTools pipe: JSON texts, each ended by a NUL.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::fd::{FromRawFd, RawFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use serde_json::{Value, json};

/// Messages that may wait to be read.
const QUEUE: usize = 10_000;
/// Longest silence before something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running browser; it and its children end when this is dropped.
pub struct Chromium {
    child: Child,
    pipe: File,
    messages: Receiver<Value>,
    /// Events that came while an answer was awaited.
    events: VecDeque<Value>,
    last_id: u64,
}

impl Chromium {
    /// Starts a browser that finds every host at `port` of the loopback address.
    pub fn start(program: &Path, profile: &Path, port: u16) -> Self {
        let (commands_out, commands_in) = pipe();
        let (answers_out, answers_in) = pipe();
        let mut command = Command::new(program);
        command.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]);
        command.args(["--disable-background-networking", "--disable-component-update", "--remote-debugging-pipe"]);
        command.args(["--disable-dev-shm-usage", "--disable-background-timer-throttling", "--disable-breakpad"]);
        command.arg(format!("--user-data-dir={}", profile.display()));
        command.arg(format!("--host-resolver-rules=MAP * 127.0.0.1:{port}"));
        command.arg("about:blank").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        // SAFETY: only dup2 runs between fork and exec, which is async-signal-safe; both descriptors are above 4.
        unsafe {
            command.pre_exec(move || {
                let fine = libc::dup2(commands_out, 3) >= 0 && libc::dup2(answers_in, 4) >= 0;
                if fine { Ok(()) } else { Err(std::io::Error::last_os_error()) }
            });
        }
        let child = command.spawn().unwrap();
        // SAFETY: the descriptors are ours alone; the child has copies of the two that are closed here.
        let (pipe, answers) = unsafe {
            libc::close(commands_out);
            libc::close(answers_in);
            (File::from_raw_fd(commands_in), File::from_raw_fd(answers_out))
        };
        Self { child, pipe, messages: read(answers), events: VecDeque::new(), last_id: 0 }
    }

    /// Sends a command and gives its number.
    pub fn send(&mut self, session: Option<&str>, method: &str, params: Value) -> u64 {
        self.last_id += 1;
        let mut message = json!({ "id": self.last_id, "method": method, "params": params });
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.pipe.write_all(&bytes).unwrap();
        self.last_id
    }

    /// Sends a command and waits for its answer; events that come meanwhile are kept.
    pub fn call(&mut self, session: Option<&str>, method: &str, params: Value) -> Value {
        let id = self.send(session, method, params);
        loop {
            let message = self.receive();
            if message["id"] == id {
                return message;
            }
            self.events.push_back(message);
        }
    }

    /// The next event or answer.
    pub fn next(&mut self) -> Value {
        self.events.pop_front().unwrap_or_else(|| self.receive())
    }

    /// The next event or answer, if one comes in time.
    pub fn next_within(&mut self, time: Duration) -> Option<Value> {
        self.events.pop_front().or_else(|| self.messages.recv_timeout(time).ok())
    }

    fn receive(&mut self) -> Value {
        self.messages.recv_timeout(PATIENCE).expect("Chromium answers")
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let group = i32::try_from(self.child.id()).unwrap();
        // SAFETY: the group is the child's own; it was made when the child was started.
        let signal = |number| unsafe { libc::kill(-group, number) };
        signal(libc::SIGKILL);
        let _ = self.child.wait();
        // The profile can be removed once nobody of the group writes to it any more.
        for _ in 0..500 {
            if signal(0) != 0 {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Both ends of a pipe, reading end first, numbered above what a child is given, and closed in children.
fn pipe() -> (RawFd, RawFd) {
    let mut ends = [0; 2];
    // SAFETY: `ends` has room for two descriptors; those that are closed are ours.
    unsafe {
        assert_eq!(libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC), 0);
        let moved = ends.map(|end| libc::fcntl(end, libc::F_DUPFD_CLOEXEC, 10));
        let _ = ends.map(|end| libc::close(end));
        assert!(moved.iter().all(|end| *end >= 10));
        (moved[0], moved[1])
    }
}

fn read(answers: File) -> Receiver<Value> {
    let (sender, receiver) = sync_channel(QUEUE);
    let work = move || {
        let mut answers = BufReader::new(answers);
        let mut bytes = Vec::new();
        while answers.read_until(0, &mut bytes).is_ok_and(|length| length > 0) {
            bytes.pop();
            let Ok(message) = serde_json::from_slice(&bytes) else { break };
            if sender.send(message).is_err() {
                break;
            }
            bytes.clear();
        }
    };
    std::thread::Builder::new().name("devtools".into()).spawn(work).unwrap();
    receiver
}
