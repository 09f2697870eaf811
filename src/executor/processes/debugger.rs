//! `debug = true`: the process waits for a debugger before it loads the handler.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

/// What a debugged process needs.
pub(super) struct Debugger {
    /// Before the program's own arguments.
    pub arguments: Vec<String>,
    /// Tells a person where to attach.
    pub line: Arc<str>,
}

/// debugpy, which must be installed in the interpreter's environment.
pub(super) fn python(interpreter: &Path) -> Debugger {
    let port = port(5_678);
    let arguments = ["-m", "debugpy", "--listen", &format!("127.0.0.1:{port}"), "--wait-for-client"].map(str::to_owned).to_vec();
    let line = format!(
        "Waiting for a Python debugger: attach to 127.0.0.1:{port} (debugpy; if it is missing: {} -m pip install debugpy)",
        interpreter.display()
    );
    Debugger { arguments, line: line.into() }
}

pub(super) fn node() -> Debugger {
    let port = port(9_229);
    let line = format!("Waiting for a Node.js debugger: attach to 127.0.0.1:{port} (chrome://inspect or an editor)");
    Debugger { arguments: vec![format!("--inspect-brk=127.0.0.1:{port}")], line: line.into() }
}

/// The port that debuggers look for, or a free one when another environment has it.
fn port(usual: u16) -> u16 {
    let free = |port| TcpListener::bind(("127.0.0.1", port)).and_then(|listener| listener.local_addr());
    free(usual).or_else(|_| free(0)).map_or(usual, |address| address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_taken_is_replaced_by_a_free_one() {
        let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let usual = taken.local_addr().unwrap().port();
        let other = port(usual);
        assert!(other != usual && other > 0);
    }
}
