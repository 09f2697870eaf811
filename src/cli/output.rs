//! Standard output, kept for what commands promise. Libraries print there too (the JavaScript engine does when a script is
//! interrupted); what they say goes to standard error, so that scripts can read ours.

use std::fs::File;
use std::io::{self, LineWriter, Write};
use std::sync::OnceLock;

static OWN: OnceLock<Option<File>> = OnceLock::new();

/// Takes standard output away from everybody else; to be called before threads start.
pub fn claim() {
    OWN.get_or_init(taken);
}

/// Prints a text in one piece: threads that print at the same time do not mix their lines.
pub fn print(text: impl AsRef<[u8]>) {
    // A reader that is gone wants no more.
    let _ = stdout().write_all(text.as_ref());
}

/// Where a command writes its results, line by line.
#[must_use]
pub fn stdout() -> Box<dyn Write> {
    match OWN.get().and_then(Option::as_ref).and_then(|file| file.try_clone().ok()) {
        Some(file) => Box::new(LineWriter::new(file)),
        None => Box::new(io::stdout().lock()),
    }
}

#[cfg(unix)]
fn taken() -> Option<File> {
    use std::os::fd::FromRawFd as _;
    // SAFETY: the first call gives a descriptor that nobody else knows; the second closes and replaces descriptor 1, of which
    // nobody keeps more than its number.
    unsafe {
        let own = libc::fcntl(libc::STDOUT_FILENO, libc::F_DUPFD_CLOEXEC, 3);
        let moved = own >= 0 && libc::dup2(libc::STDERR_FILENO, libc::STDOUT_FILENO) >= 0;
        moved.then(|| File::from_raw_fd(own))
    }
}

#[cfg(not(unix))]
fn taken() -> Option<File> {
    None
}
