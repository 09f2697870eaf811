//! How a process ended, in the words of `Runtime exited with error: ...` (semantics 1.7).

use std::io;
use std::process::ExitStatus;

use crate::service::input::Exit;

pub(super) fn of(status: io::Result<ExitStatus>) -> Exit {
    match status {
        Ok(status) => match status.code() {
            Some(code) => Exit::Code(code),
            None => Exit::Signal(signal_words(status).into()),
        },
        Err(error) => Exit::Signal(format!("unknown ({error})").into()),
    }
}

#[cfg(unix)]
fn signal_words(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match status.signal().unwrap_or(0) {
        libc::SIGKILL => "killed".into(),
        libc::SIGSEGV => "segmentation fault".into(),
        libc::SIGABRT => "aborted".into(),
        libc::SIGTERM => "terminated".into(),
        libc::SIGBUS => "bus error".into(),
        libc::SIGILL => "illegal instruction".into(),
        libc::SIGFPE => "floating point exception".into(),
        libc::SIGINT => "interrupt".into(),
        libc::SIGPIPE => "broken pipe".into(),
        libc::SIGHUP => "hangup".into(),
        number => format!("signal {number}"),
    }
}

#[cfg(not(unix))]
fn signal_words(_status: ExitStatus) -> String {
    "killed".into()
}
