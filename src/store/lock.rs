//! One program a database: a lock file beside it, held as long as the store is open and freed by the system with it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::database::StoreError;

/// A held lock. Dropping it lets the next one in.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

/// Takes the lock of a database, and writes our process id into it for whoever comes second.
pub(super) fn take(database: &Path) -> Result<Lock, StoreError> {
    let path = beside(database, ".lock");
    let failed = |error: io::Error| StoreError::File { path: path.clone(), error };
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(StoreError::Locked { path: database.to_path_buf(), pid: holder(&mut file) }),
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    file.set_len(0).and_then(|()| file.rewind()).and_then(|()| write!(file, "{}", std::process::id())).map_err(failed)?;
    Ok(Lock { _file: file })
}

/// The process that holds the lock, where the system lets us read it.
fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

/// `orders.sqlite` and `.lock` give `orders.sqlite.lock`.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
